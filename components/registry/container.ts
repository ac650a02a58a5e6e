import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { containerMemory } from "../../config/memory";
import { HardenedContainer } from "../hardened-container";
import { HostDirectory, HostFile } from "../host-file";
import { Machine } from "../machine";
import { DataFolder, Part, trust } from "./part";

/** Arguments of {@link RegistryContainer}. */
export interface RegistryContainerArgs {
  part: Part;
  machine: Machine;
  /** Harbor's own network, and the one it shares with the edge. */
  network: docker.Network;
  edgeNetwork: docker.Network;
  /** The folders of the data disk. */
  folders: Record<DataFolder, HostDirectory>;
  /** The private root on the machine. */
  root: HostFile;
  rootCertificate: pulumi.Input<string>;
  dns: string[];
}

/** Harbor's files on the machine. */
export const filesRoot = "/srv/harbor";

/** One of Harbor's containers, with the files that only it reads. */
export class RegistryContainer extends pulumi.ComponentResource {
  /** Docker's id of it, known once the container is healthy. */
  readonly containerId: pulumi.Output<string>;

  constructor(name: string, args: RegistryContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:registry:Container", name, {}, opts);
    const { part, machine, root } = args;
    const trusts = part.environment !== undefined && "SSL_CERT_DIR" in part.environment;
    const files = Object.entries(part.files ?? {});
    const container = new HardenedContainer(
      name,
      {
        machine,
        image: part.image,
        memory: containerMemory[`harbor-${part.name}`],
        user: part.user,
        entrypoint: part.entrypoint,
        command: part.command,
        healthcheck: part.healthcheck,
        stopSignal: part.stopSignal,
        startSeconds: part.startSeconds,
        envs: part.environment && variables(part.environment),
        volumes: [
          ...files.map(([path, { content, secret }]) => ({
            hostPath: this.file(name, args, path, content, secret === true).path,
            containerPath: path,
            readOnly: true,
          })),
          ...(trusts ? [{ hostPath: root.path.apply(parentFolder), containerPath: trust.folder, readOnly: true }] : []),
          ...this.data(args),
        ],
        networks: [
          { name: args.network.name, aliases: [part.alias] },
          ...(part.isServed ? [{ name: args.edgeNetwork.name, aliases: [name] }] : []),
        ],
        scratch: part.scratch,
        dns: args.dns,
        configuration: [...files.map(([, { content }]) => content), ...(trusts ? [args.rootCertificate] : [])],
      },
      { parent: this },
    );
    this.containerId = container.containerId;
    this.registerOutputs({ containerId: this.containerId });
  }

  private file(
    name: string,
    { part, machine }: RegistryContainerArgs,
    path: string,
    content: pulumi.Input<string>,
    secret: boolean,
  ): HostFile {
    return new HostFile(
      `${name}-${fileId(part.name, path)}`,
      {
        machine,
        path: `${filesRoot}/${part.name}${path}`,
        content,
        owner: part.user,
        mode: secret ? "0400" : "0444",
      },
      { parent: this },
    );
  }

  private data({ part, folders }: RegistryContainerArgs): docker.types.input.ContainerVolume[] {
    return Object.entries(part.data ?? {}).map(([containerPath, use]) => {
      const [folder, readOnly] = typeof use === "string" ? [use, false] : [use.folder, use.readOnly];
      return { hostPath: folders[folder].path, containerPath, readOnly };
    });
  }
}

/** `/etc/core/app.conf` of core is `app-conf`. */
function fileId(part: string, path: string): string {
  const words = path.split("/").slice(2);
  return (words[0] === part || words[0] === "homelab" ? words.slice(1) : words).join("-").replace(/[._]/g, "-");
}

const parentFolder = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** `NAME=value`, sorted: Docker keeps the order, and another order would show as a change. */
const variables = (environment: Readonly<Record<string, string>>): string[] =>
  Object.entries(environment)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
