import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { HardenedContainer } from "./container";
import { HostDirectory, HostFile } from "./file";
import type { Machine } from "./machine";
import { mountedFolders, placedFiles, rootName, trustFolder, type Workload } from "./workload";

/** Where the containers of one feature run, and what they share there. */
export interface Site<Folder extends string = string> {
  /** What the names of the containers begin with. */
  prefix: string;
  /** What the names of their resources begin with, where another machine has containers of these names. Default: as theirs. */
  resourcePrefix?: string;
  machine: Machine;
  /** The feature's files on the machine: `/srv/harbor`. */
  filesRoot: string;
  /** The networks that every container is on, the one with its alias first. */
  networks: docker.Network[];
  /** The one that served containers share with the edge. */
  edgeNetwork?: docker.Network;
  /** Folders of the machine, by the names that workloads have for them. */
  folders: Readonly<Record<Folder, { readonly path: pulumi.Input<string> }>>;
  /** The private root, and its file on the machine ({@link rootFile}), where a container trusts it. */
  root?: { readonly certificate: pulumi.Input<string>; readonly file: HostFile };
  /** DNS servers. Default: the machine's own. */
  dns?: string[];
}

/** Runs a container, with the files that only it reads. They are children of `parent`. */
export function run<Folder extends string>(
  workload: Workload<Folder>,
  site: Site<Folder>,
  opts: pulumi.ComponentResourceOptions & { parent: pulumi.Resource },
): HardenedContainer {
  const { machine, filesRoot } = site;
  const containerName = `${site.prefix}-${workload.name}`;
  const name = `${site.resourcePrefix ?? site.prefix}-${workload.name}`;
  const files = placedFiles(filesRoot, workload);
  const mounted = files.map(({ containerPath, hostPath, content, owner, mode, resource }) => {
    const file = new HostFile(
      resource ?? `${name}-${fileId(workload.name, containerPath)}`,
      { machine, path: hostPath, content, owner, mode },
      { parent: opts.parent },
    );
    return { hostPath: file.path, containerPath, readOnly: true };
  });
  const root = workload.trustsRoot ? site.root : undefined;
  const isRead = files.filter(({ restarts = true }) => restarts);
  return new HardenedContainer(
    name,
    {
      ...workload,
      machine,
      containerName,
      envs: workload.environment && variables(workload.environment),
      volumes: [
        ...mounted,
        ...(root ? [{ hostPath: root.file.path.apply(parentFolder), containerPath: trustFolder, readOnly: true }] : []),
        ...mountedFolders(workload).map(({ containerPath, folder, readOnly }) => {
          return { hostPath: site.folders[folder].path, containerPath, readOnly };
        }),
      ],
      networks: networks(containerName, workload, site),
      ports: workload.ports?.map((port) => ({ internal: port, external: port, ip: machine.address, protocol: "tcp" })),
      dns: site.dns,
      configuration: [...isRead.map(({ content }) => content), ...(root ? [root.certificate] : [])],
    },
    opts,
  );
}

/** One of several containers of a feature, with the files that only it reads. */
export class WorkloadContainer<Folder extends string> extends pulumi.ComponentResource {
  /** Docker's id of it, known once the container is healthy. */
  readonly containerId: pulumi.Output<string>;

  constructor(args: { workload: Workload<Folder>; site: Site<Folder> }, opts: pulumi.ComponentResourceOptions) {
    super("homelab:host:Part", `${args.site.prefix}-${args.workload.name}`, {}, opts);
    this.containerId = run(args.workload, args.site, { parent: this }).containerId;
    this.registerOutputs({ containerId: this.containerId });
  }
}

/** The private root on the machine, in a folder of its own that containers mount. */
export const rootFile = (filesRoot: string): string => `${filesRoot}/roots/${rootName}`;

/** The network of a machine on which its edge reaches what it serves. */
export const edgeNetwork = "tooling";

/** A network on a machine, which goes with it. Its resource may have another name than it has there. */
export function ownNetwork(name: string, machine: Machine, parent: pulumi.Resource, resource = name): docker.Network {
  return new docker.Network(
    resource,
    { name, labels: [{ label: "arpa.home.machine", value: machine.id }] },
    { parent, provider: machine.docker, deletedWith: machine.resource, deleteBeforeReplace: true },
  );
}

/** Makes what the containers of a feature with several share: data folders with their owners, and the private root. */
export function makeSite<Folder extends string>(
  site: Omit<Site<Folder>, "folders" | "root">,
  owners: Readonly<Record<Folder, string>>,
  rootCertificate: pulumi.Input<string>,
  parent: pulumi.Resource,
): Site<Folder> {
  const { prefix, machine, filesRoot } = site;
  const folders = (Object.keys(owners) as Folder[]).map((folder) => {
    const path = `${filesRoot}/data/${folder}`;
    const directory = { machine, path, owner: owners[folder] };
    return [folder, new HostDirectory(`${prefix}-data-${folder}`, directory, { parent })];
  });
  const root = { machine, path: rootFile(filesRoot), content: rootCertificate, mode: "0444" };
  return {
    ...site,
    folders: Object.fromEntries(folders) as Record<Folder, HostDirectory>,
    root: { certificate: rootCertificate, file: new HostFile(`${prefix}-root`, root, { parent }) },
  };
}

function networks<Folder extends string>(name: string, { alias, isServed }: Workload<Folder>, site: Site<Folder>) {
  const [own, ...others] = site.networks;
  return [
    ...(own ? [{ name: own.name, aliases: alias === undefined ? undefined : [alias] }] : []),
    ...others.map((network) => ({ name: network.name })),
    ...(isServed && site.edgeNetwork ? [{ name: site.edgeNetwork.name, aliases: [name] }] : []),
  ];
}

/** `/etc/core/app.conf` of core is `app-conf`. */
function fileId(workload: string, path: string): string {
  const words = path.split("/").slice(2);
  return (words[0] === workload || words[0] === "homelab" ? words.slice(1) : words).join("-").replace(/[._]/g, "-");
}

const parentFolder = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** `NAME=value`, sorted: Docker keeps the order, and another order would show as a change. */
const variables = (environment: Readonly<Record<string, pulumi.Input<string>>>): pulumi.Input<string>[] =>
  Object.keys(environment)
    .sort()
    .map((name) => pulumi.interpolate`${name}=${environment[name]}`);
