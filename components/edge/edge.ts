import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Duration } from "../../config/duration";
import { Service } from "../../config/services";
import type { HardenedContainer } from "../host/container";
import { HostDirectory, HostFile } from "../host/file";
import { Machine } from "../host/machine";
import { run } from "../host/workload-container";
import { ServedCertificate } from "./certificate";
import { route } from "./route";
import { commonConfig, filesRoot, staticConfig, traefikUser } from "./static-config";
import { traefik } from "./traefik";

/** Arguments of {@link Edge}. */
export interface EdgeArgs {
  /** Where Traefik runs. */
  machine: Machine;
  /** Networks shared with upstreams on the machine, and with step-ca. */
  networks: docker.Network[];
  /** The catalogue: one route and one certificate per entry. */
  services: Service[];
  /**
   * Where the single sign-on is asked about a request to a service with `auth: proxy`; without one there is no such service. On
   * this machine `http://container:port`, on another `https://host`.
   */
  signOn: string | undefined;
  /** IPv4 addresses of edges that ask through this one, on other machines: what they say of a request is believed. Default: none. */
  passesOn?: string[];
  /** URL of the ACME directory that certificates come from. */
  acmeDirectory: pulumi.Input<string>;
  /** What vouches for them, PEM. */
  rootCertificate: pulumi.Input<string>;
  /** Life of the certificates step-ca issues, in seconds: it sets how long ahead Traefik renews. */
  leafValidity: Duration;
  /** Traefik image, pinned by digest. */
  image: string;
  /** The house's DNS servers, IPv4 addresses: they have to send each service's name to the machine. */
  dns: string[];
}

/** A service as the edge serves it. */
export interface ServedService {
  name: string;
  url: string;
  /** Milliseconds from the route's appearance to its first verified handshake. */
  issuedInMilliseconds: number;
}

/**
 * Traefik in front of every service: HTTPS with a certificate of the house's own CA, HTTP redirected (US1, CS-001).
 *
 * A new catalogue entry is a new file in the directory Traefik watches; nothing restarts.
 */
export class Edge extends pulumi.ComponentResource {
  /** The catalogue, once each entry answers with its certificate. */
  readonly services: pulumi.Output<ServedService[]>;

  constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:edge:Edge", name, args, opts);
    const container = traefikContainer(this, name, args);
    const served = args.services.map((service) => serve(this, name, args, service, container));
    this.services = pulumi.all(served);
    this.registerOutputs({ services: this.services });
  }
}

/** What the container's name begins with, on each machine. */
const prefix = "edge";

function traefikContainer(edge: Edge, name: string, args: EdgeArgs): HardenedContainer {
  const { machine, networks, dns, image, rootCertificate, leafValidity, passesOn } = args;
  const parent = { parent: edge };
  const routes = `${filesRoot}/routes`;
  const common = new HostFile(
    `${name}-common`,
    { machine, path: `${routes}/_common.yml`, content: commonConfig(args), mode: "0444" },
    parent,
  );
  const acme = { machine, path: `${filesRoot}/acme`, owner: traefikUser };
  const folders = {
    routes: { path: common.path.apply(() => routes) },
    acme: new HostDirectory(`${name}-acme`, acme, parent),
  };
  const configuration = pulumi
    .output(args.acmeDirectory)
    .apply((acmeDirectory) => staticConfig({ acmeDirectory, leafValidity, passesOn }));
  const workload = traefik({ name, image, configuration, rootCertificate });
  const site = { prefix, resourcePrefix: name, machine, filesRoot, networks, folders, dns };
  return run(workload, site, parent);
}

/** One catalogue entry: its route, placed once Traefik is healthy, and the wait for its certificate. */
function serve(
  edge: Edge,
  name: string,
  args: EdgeArgs,
  service: Service,
  container: HardenedContainer,
): pulumi.Output<ServedService> {
  const file = new HostFile(
    `${name}-route-${service.name}`,
    {
      machine: args.machine,
      path: `${filesRoot}/routes/${service.name}.yml`,
      content: route(service, { signOn: args.signOn, address: args.machine.address }),
      mode: "0444",
    },
    { parent: edge, dependsOn: [container] },
  );
  const certificate = new ServedCertificate(
    `${name}-certificate-${service.name}`,
    {
      machine: args.machine,
      host: service.host,
      route: file,
      rootFile: `${filesRoot}/root_ca.crt`,
      dns: args.dns,
      container: `${prefix}-traefik`,
    },
    { parent: edge },
  );
  return certificate.issuedInMilliseconds.apply((issuedInMilliseconds) => ({
    name: service.name,
    url: `https://${service.host}`,
    issuedInMilliseconds,
  }));
}
