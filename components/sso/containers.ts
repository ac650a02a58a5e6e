import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { BaseConfig } from "../../config/schema";
import { AuthentikConnection } from "../../providers/authentik";
import { Machine } from "../host/machine";
import { makeSite, ownNetwork, rootFile, WorkloadContainer } from "../host/workload-container";
import { catalogueEntry } from "./catalogue";
import { DataFolder, dataFolders, filesRoot, WorkloadName, SsoWorkload } from "./workload";
import { authentik } from "./workloads/authentik";
import { database } from "./workloads/database";
import { SsoSecrets } from "./secrets";

/** Arguments of {@link AuthentikContainers}. */
export interface AuthentikContainersArgs {
  /** Where its containers run. */
  machine: Machine;
  /** Network on which the edge reaches Authentik. */
  network: docker.Network;
  /** Below which every name is, `home.arpa`. */
  domain: string;
  /** Images by their names in `versions.ts`, pinned by digest. */
  images: BaseConfig["images"];
  /** The private root, PEM: Authentik trusts what it vouches for, and nothing else. */
  rootCertificate: pulumi.Input<string>;
  /** DNS servers that know the house's names, IPv4 addresses. */
  dns: string[];
}

/**
 * Authentik on the machine: server, worker and PostgreSQL within 1.5 GiB of memory (US3), on a network of their own, where
 * nothing but the edge reaches the server.
 *
 * Users and logins are on the machine's disk under `/srv/authentik`, and go with it.
 */
export class AuthentikContainers extends pulumi.ComponentResource {
  /** What the names of the containers begin with. */
  readonly name: string;
  /** Its name in DNS. */
  readonly host: string;
  /** Where users find it. */
  readonly url: string;
  /** File on the machine with the private root. */
  readonly rootFile = rootFile(filesRoot);
  /** How Authentik is administered, through the edge. A secret. */
  readonly connection: pulumi.Output<AuthentikConnection>;
  /** Password of `akadmin` at the first start. A secret. */
  readonly adminPassword: pulumi.Output<string>;
  /** Docker's ids of the containers, known once all are healthy. */
  readonly containerIds: pulumi.Output<string[]>;

  constructor(name: string, args: AuthentikContainersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:Sso", name, args, opts);
    const { host } = catalogueEntry(args.domain);
    this.name = name;
    this.host = host;
    this.url = `https://${host}`;
    const secrets = new SsoSecrets(`${name}-secrets`, { parent: this });
    const containers = this.start(name, args, workloads(args, this.url, secrets));

    this.adminPassword = secrets.admin;
    this.connection = pulumi.secret(
      pulumi.all([secrets.token, args.rootCertificate]).apply(([token, ca]) => ({
        endpoint: this.url,
        address: args.machine.address,
        token,
        ca,
      })),
    );
    this.containerIds = pulumi.all(containers.map(({ containerId }) => containerId));
    this.registerOutputs({ url: this.url, containerIds: this.containerIds });
  }

  /** The database first. Server and worker then settle between them who brings it up to their version. */
  private start(name: string, args: AuthentikContainersArgs, all: Record<WorkloadName, SsoWorkload>) {
    const { machine, network: edgeNetwork, dns, rootCertificate } = args;
    const networks = [ownNetwork(name, machine, this)];
    const common = { prefix: name, machine, filesRoot, networks, edgeNetwork, dns };
    const site = makeSite(common, dataFolders, rootCertificate, this);
    const container = (each: WorkloadName, dependsOn: pulumi.Resource[] = []) =>
      new WorkloadContainer<DataFolder>({ workload: all[each], site }, { parent: this, dependsOn });
    const store = container("database");
    return [store, container("server", [store]), container("worker", [store])];
  }
}

function workloads({ network, images, domain }: AuthentikContainersArgs, externalUrl: string, secrets: SsoSecrets) {
  return {
    database: database({ image: images.authentikDatabase, password: secrets.database }),
    ...authentik({
      image: images.authentikServer,
      externalUrl,
      trustedProxies: network.ipamConfigs.apply((ranges) => ranges?.map(({ subnet }) => subnet).join(",") ?? ""),
      secrets,
      email: `akadmin@${domain}`,
    }),
  };
}
