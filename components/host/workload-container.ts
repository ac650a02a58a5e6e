import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { HardenedContainer } from "./container";
import { HostDirectory, HostFile } from "./file";
import { Machine } from "./machine";
import { Part, rootName, trustFolder } from "./workload";

/** Where the containers of one service run. */
export interface PartPlace<Folder extends string> {
  machine: Machine;
  /** The service's files on the machine: `/srv/harbor`. */
  filesRoot: string;
  /** The service's own network, and the one it shares with the edge. */
  network: docker.Network;
  edgeNetwork: docker.Network;
  /** The folders of the data disk. */
  folders: Record<Folder, HostDirectory>;
  /** The private root on the machine: see {@link rootFile}. */
  root: HostFile;
  rootCertificate: pulumi.Input<string>;
  dns: string[];
}

/** Arguments of {@link PartContainer}. */
export interface PartContainerArgs<Folder extends string> {
  part: Part<Folder>;
  place: PartPlace<Folder>;
}

/** One of a service's containers, with the files that only it reads. */
export class PartContainer<Folder extends string> extends pulumi.ComponentResource {
  /** Docker's id of it, known once the container is healthy. */
  readonly containerId: pulumi.Output<string>;

  constructor(name: string, args: PartContainerArgs<Folder>, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:host:Part", name, {}, opts);
    const { part, place } = args;
    const files = Object.entries(part.files ?? {});
    const container = new HardenedContainer(
      name,
      {
        machine: place.machine,
        image: part.image,
        memory: part.memory,
        user: part.user,
        entrypoint: part.entrypoint,
        command: part.command,
        healthcheck: part.healthcheck,
        checkSeconds: part.checkSeconds,
        stopSignal: part.stopSignal,
        startSeconds: part.startSeconds,
        envs: part.environment && variables(part.environment),
        volumes: [
          ...files.map(([path, { content, secret }]) => ({
            hostPath: this.file(name, args, path, content, secret === true).path,
            containerPath: path,
            readOnly: true,
          })),
          ...(part.trustsRoot
            ? [{ hostPath: place.root.path.apply(parentFolder), containerPath: trustFolder, readOnly: true }]
            : []),
          ...data(args),
        ],
        networks: [
          { name: place.network.name, aliases: [part.alias] },
          ...(part.isServed ? [{ name: place.edgeNetwork.name, aliases: [name] }] : []),
        ],
        scratch: part.scratch,
        dns: place.dns,
        configuration: [
          ...files.map(([, { content }]) => content),
          ...(part.trustsRoot ? [place.rootCertificate] : []),
        ],
      },
      { parent: this },
    );
    this.containerId = container.containerId;
    this.registerOutputs({ containerId: this.containerId });
  }

  private file(
    name: string,
    { part, place }: PartContainerArgs<Folder>,
    path: string,
    content: pulumi.Input<string>,
    secret: boolean,
  ): HostFile {
    return new HostFile(
      `${name}-${fileId(part.name, path)}`,
      {
        machine: place.machine,
        path: `${place.filesRoot}/${part.name}${path}`,
        content,
        owner: part.user,
        mode: secret ? "0400" : "0444",
      },
      { parent: this },
    );
  }
}

/** The private root on the machine, in a folder of its own that containers mount. */
export const rootFile = (filesRoot: string): string => `${filesRoot}/roots/${rootName}`;

/** A network for the containers of one service. */
export function ownNetwork(name: string, machine: Machine, parent: pulumi.Resource): docker.Network {
  return new docker.Network(
    name,
    { name, labels: [{ label: "arpa.home.machine", value: machine.id }] },
    { parent, provider: machine.docker, deletedWith: machine.resource, deleteBeforeReplace: true },
  );
}

/** Makes what the containers of one service have in common: data folders with their owners, and the private root. */
export function makePlace<Folder extends string>(
  name: string,
  owners: Readonly<Record<Folder, string>>,
  place: Omit<PartPlace<Folder>, "folders" | "root">,
  parent: pulumi.Resource,
): PartPlace<Folder> {
  const { machine, filesRoot, rootCertificate } = place;
  const folders = (Object.keys(owners) as Folder[]).map((folder) => {
    const path = `${filesRoot}/data/${folder}`;
    return [folder, new HostDirectory(`${name}-data-${folder}`, { machine, path, owner: owners[folder] }, { parent })];
  });
  const root = { machine, path: rootFile(filesRoot), content: rootCertificate, mode: "0444" };
  return {
    ...place,
    folders: Object.fromEntries(folders) as Record<Folder, HostDirectory>,
    root: new HostFile(`${name}-root`, root, { parent }),
  };
}

function data<Folder extends string>({ part, place }: PartContainerArgs<Folder>): docker.types.input.ContainerVolume[] {
  const uses = Object.entries<Folder | { folder: Folder; readOnly: true }>(part.data ?? {});
  return uses.map(([containerPath, use]) => {
    const { folder, readOnly } = typeof use === "string" ? { folder: use, readOnly: false } : use;
    return { hostPath: place.folders[folder].path, containerPath, readOnly };
  });
}

/** `/etc/core/app.conf` of core is `app-conf`. */
function fileId(part: string, path: string): string {
  const words = path.split("/").slice(2);
  return (words[0] === part || words[0] === "homelab" ? words.slice(1) : words).join("-").replace(/[._]/g, "-");
}

const parentFolder = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** `NAME=value`, sorted: Docker keeps the order, and another order would show as a change. */
const variables = (environment: Readonly<Record<string, pulumi.Input<string>>>): pulumi.Input<string>[] =>
  Object.keys(environment)
    .sort()
    .map((name) => pulumi.interpolate`${name}=${environment[name]}`);
