import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { BaseConfig } from "../../config/schema";
import type { Service } from "../../config/services";
import { HarborConnection } from "../../providers/harbor";
import { Machine } from "../host/machine";
import { makeSite, ownNetwork, rootFile, WorkloadContainer } from "../host/workload-container";
import { catalogueEntry } from "./catalogue";
import { DataFolder, dataFolders, filesRoot, HarborWorkload, WorkloadName } from "./workload";
import { core } from "./workloads/core";
import { database } from "./workloads/database";
import { exporter } from "./workloads/exporter";
import { jobservice } from "./workloads/jobservice";
import { portal } from "./workloads/portal";
import { storage } from "./workloads/storage";
import { trivy } from "./workloads/trivy";
import { redisUrl, valkey } from "./workloads/valkey";
import { RegistrySecrets } from "./secrets";

/** Arguments of {@link HarborContainers}. */
export interface HarborContainersArgs {
  /** Where its containers run. */
  machine: Machine;
  /** Network on which the edge reaches Harbor. */
  network: docker.Network;
  /** Below which every name is, `home.arpa`. */
  domain: string;
  /** Images by their names in `versions.ts`, pinned by digest. */
  images: BaseConfig["images"];
  /** The groups that may log in to its web page. Default: none, and Harbor's own accounts log in. */
  groups: string[] | undefined;
  /** The private root, PEM: Harbor trusts what it vouches for, such as the single sign-on. */
  rootCertificate: pulumi.Input<string>;
  /** DNS servers that know the house's names, IPv4 addresses. */
  dns: string[];
}

/**
 * Harbor on the machine, container by container (EF-006 to EF-008): within 2 GiB of memory together, on a network of their
 * own, where nothing but Traefik reaches core and portal.
 *
 * Images, database and logs are on the machine's disk under `/srv/harbor`, and go with it.
 */
export class HarborContainers extends pulumi.ComponentResource {
  /** What the names of the containers begin with. */
  readonly name: string;
  /** Its entry in the service catalogue. */
  readonly service: Service;
  /** Where users and clients find it. */
  readonly url: string;
  /** File on the machine with the private root. */
  readonly rootFile = rootFile(filesRoot);
  /** Harbor's own network. */
  readonly network: docker.Network;
  /** How Harbor is administered, through the edge. A secret. */
  readonly connection: pulumi.Output<HarborConnection>;
  /** Where the registry's cache is, with its login. A secret. */
  readonly registryStore: pulumi.Output<string>;
  /** Password of `admin` at the first start. A secret. */
  readonly adminPassword: pulumi.Output<string>;
  /** Docker's ids of the containers, known once all are healthy. */
  readonly containerIds: pulumi.Output<string[]>;

  constructor(name: string, args: HarborContainersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:registry:Registry", name, args, opts);
    this.name = name;
    this.service = catalogueEntry(args.domain, args.groups);
    this.url = `https://${this.service.host}`;
    this.network = ownNetwork(name, args.machine, this);
    const secrets = new RegistrySecrets(`${name}-secrets`, { parent: this });
    const containers = this.start(name, args, workloads(args, this.url, secrets));

    this.registryStore = redisUrl("registry", secrets);
    this.adminPassword = secrets.admin;
    this.connection = pulumi.secret(
      pulumi.all([secrets.admin, args.rootCertificate]).apply(([password, ca]) => ({
        endpoint: this.url,
        address: args.machine.address,
        password,
        ca,
      })),
    );
    this.containerIds = pulumi.all(containers.map(({ containerId }) => containerId));
    this.registerOutputs({ url: this.url, containerIds: this.containerIds });
  }

  /** Starts each container once those that it needs are healthy. */
  private start(name: string, args: HarborContainersArgs, all: Record<WorkloadName, HarborWorkload>) {
    const { machine, network: edgeNetwork, dns, rootCertificate } = args;
    const common = { prefix: name, machine, filesRoot, networks: [this.network], edgeNetwork, dns };
    const site = makeSite(common, dataFolders, rootCertificate, this);
    const started = new Map<WorkloadName, WorkloadContainer<DataFolder>>();
    for (const [each, needed] of startOrder) {
      const dependsOn = needed.flatMap((other) => started.get(other) ?? []);
      started.set(each, new WorkloadContainer({ workload: all[each], site }, { parent: this, dependsOn }));
    }
    return [...started.values()];
  }
}

/** Each after the ones it would wait for, and give up on. */
const startOrder: readonly [WorkloadName, readonly WorkloadName[]][] = [
  ["database", []],
  ["valkey", []],
  ["portal", []],
  ["registry", ["valkey"]],
  ["registryctl", ["valkey"]],
  ["trivy", ["valkey"]],
  ["core", ["database", "valkey", "registry", "registryctl"]],
  ["jobservice", ["core"]],
  ["exporter", ["core", "jobservice"]],
];

function workloads({ images, rootCertificate }: HarborContainersArgs, externalUrl: string, secrets: RegistrySecrets) {
  return {
    core: core({ image: images.harborCore, externalUrl, secrets, rootCertificate }),
    database: database({ image: images.harborDatabase, password: secrets.database }),
    exporter: exporter({ image: images.harborExporter, secrets }),
    jobservice: jobservice({ image: images.harborJobservice, secrets }),
    portal: portal({ image: images.harborPortal }),
    trivy: trivy({ image: images.harborTrivy, secrets }),
    valkey: valkey({ image: images.harborValkey, secrets }),
    ...storage({ images: { registry: images.harborRegistry, registryctl: images.harborRegistryctl }, secrets }),
  };
}
