import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Duration } from "../../config/duration";
import { Service } from "../../config/services";
import { HardenedContainer } from "../host/container";
import { HostDirectory, HostFile } from "../host/file";
import { Machine } from "../host/machine";
import { ServedCertificate } from "./certificate";
import { route } from "./route";
import { commonConfig, filesRoot, memory, paths, staticConfig, traefikRuns, traefikUser } from "./static-config";

/** Arguments of {@link Edge}. */
export interface EdgeArgs {
  machine: Machine;
  /** Networks shared with upstreams on the machine, and with step-ca. */
  networks: docker.Network[];
  /** The catalogue: one route and one certificate per entry. */
  services: Service[];
  /** Where the single sign-on is asked about a request to a service with `auth: proxy`; without one there is no such service. */
  signOn: string | undefined;
  /** Where certificates come from, and what vouches for them. */
  acmeDirectory: pulumi.Input<string>;
  rootCertificate: pulumi.Input<string>;
  leafValidity: Duration;
  /** Traefik image, pinned by digest. */
  image: string;
  /** The house's DNS servers: they have to send each service's name to the machine. */
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
    const rootFile = edgeFile(this, `${name}-root`, args, "root_ca.crt", args.rootCertificate);
    const traefik = traefikContainer(this, name, args, rootFile);
    const served = args.services.map((service) => serve(this, name, args, service, traefik, rootFile));
    this.services = pulumi.all(served);
    this.registerOutputs({ services: this.services });
  }
}

function edgeFile(
  parent: Edge,
  name: string,
  { machine }: EdgeArgs,
  path: string,
  content: pulumi.Input<string>,
): HostFile {
  return new HostFile(name, { machine, path: `${filesRoot}/${path}`, content, mode: "0444" }, { parent });
}

function traefikContainer(edge: Edge, name: string, args: EdgeArgs, rootFile: HostFile): HardenedContainer {
  const parent = { parent: edge };
  const configuration = pulumi
    .output(args.acmeDirectory)
    .apply((acmeDirectory) => staticConfig({ acmeDirectory, leafValidity: args.leafValidity }));
  const staticFile = edgeFile(edge, `${name}-static`, args, "traefik.yml", configuration);
  const common = edgeFile(edge, `${name}-common`, args, "routes/_common.yml", commonConfig(args));
  const acme = new HostDirectory(
    `${name}-acme`,
    { machine: args.machine, path: `${filesRoot}/acme`, owner: traefikUser },
    parent,
  );
  return new HardenedContainer(
    `${name}-traefik`,
    {
      machine: args.machine,
      image: args.image,
      memory: memory["edge-traefik"],
      user: traefikUser,
      ...traefikRuns,
      networks: args.networks.map(({ name: network }) => ({ name: network })),
      dns: args.dns,
      ports: [80, 443].map((port) => ({ internal: port, external: port, ip: args.machine.address, protocol: "tcp" })),
      volumes: [
        { hostPath: staticFile.path, containerPath: paths.staticConfig, readOnly: true },
        { hostPath: rootFile.path, containerPath: paths.root, readOnly: true },
        { hostPath: common.path.apply(() => `${filesRoot}/routes`), containerPath: paths.routes, readOnly: true },
        { hostPath: acme.path, containerPath: paths.acme },
      ],
      configuration: [configuration, args.rootCertificate],
    },
    parent,
  );
}

/** One catalogue entry: its route, placed once Traefik is healthy, and the wait for its certificate. */
function serve(
  edge: Edge,
  name: string,
  args: EdgeArgs,
  service: Service,
  traefik: HardenedContainer,
  rootFile: HostFile,
): pulumi.Output<ServedService> {
  const file = new HostFile(
    `${name}-route-${service.name}`,
    {
      machine: args.machine,
      path: `${filesRoot}/routes/${service.name}.yml`,
      content: route(service, { signOn: args.signOn, address: args.machine.address }),
      mode: "0444",
    },
    { parent: edge, dependsOn: [traefik] },
  );
  const certificate = new ServedCertificate(
    `${name}-certificate-${service.name}`,
    {
      machine: args.machine,
      host: service.host,
      route: file,
      rootFile: `${filesRoot}/root_ca.crt`,
      dns: args.dns,
      container: `${name}-traefik`,
    },
    { parent: edge, dependsOn: [rootFile] },
  );
  return certificate.issuedInMilliseconds.apply((issuedInMilliseconds) => ({
    name: service.name,
    url: `https://${service.host}`,
    issuedInMilliseconds,
  }));
}
