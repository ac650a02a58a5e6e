import { gib } from "../../../../config/size";
import { types } from "../../../../policies/types";
import { notYetKnown, type TestResource } from "../harness";
import { reportedNode } from "../house";
import { adding, find, rows, setting, sshOptions, type Mutation } from "./mutation";
import { addressMutations } from "./addresses";
import { backupMutations } from "./backups";
import { commandMutations } from "./commands";
import { healthMutations } from "./health";
import { nameMutations } from "./names";
import { rightsMutations } from "./rights";
import { secretMutations } from "./secrets";

const digest = `sha256:${"0".repeat(64)}`;
const vm = (inputs: Record<string, unknown>) => setting(types.virtualMachines[0], "tooling", inputs);
const core = (inputs: Record<string, unknown>) => setting(types.container, "harbor-core", inputs);
const docker = (inputs: Record<string, unknown>) => setting(types.dockerProvider, "tooling-docker", inputs);

/** What the config says of the node. */
const nodeMemory =
  (memory: number) =>
  (stack: TestResource[]): void => {
    const inventory = find(stack, types.inventory, "inventory");
    const node = inventory.inputs?.node as object;
    inventory.inputs = { ...inventory.inputs, node: { ...node, memory } };
  };

const unprotected =
  (type: string, name: string) =>
  (stack: TestResource[]): void =>
    void (find(stack, type, name).protect = false);

/** The provider's options with one changed, left out, or put before the others. */
const options = (change: (options: string[]) => string[]) => sshOptions("tooling-docker", change);

const replaced = (from: string, to: string) => options((all) => all.map((each) => (each === from ? to : each)));

/** Everything but single containers' rights. */
export const mutations: readonly Mutation[] = [
  ...rows(
    "known-types",
    [
      "a Swarm service",
      adding("docker:index/service:Service"),
      "no policy was written for the type docker:index/service:Service",
    ],
    ["a Docker plugin", adding("docker:index/plugin:Plugin"), "docker:index/plugin:Plugin"],
    ["a Swarm secret", adding("docker:index/secret:Secret"), "docker:index/secret:Secret"],
    ["a Swarm config", adding("docker:index/serviceConfig:ServiceConfig"), "docker:index/serviceConfig:ServiceConfig"],
    ["a command on this computer", adding("command:local:Command"), "command:local:Command"],
    ["a copied file", adding("command:remote:CopyToRemote"), "command:remote:CopyToRemote"],
    ["an image of Proxmox's own", adding(types.ociImages[0]), "proxmoxve:oci/image:Image"],
    ["another provider", adding("pulumi:providers:kubernetes"), "pulumi:providers:kubernetes"],
    ["a dynamic resource", adding("pulumi-nodejs:dynamic:Resource"), "pulumi-nodejs:dynamic:Resource"],
    ["a dynamic resource of another package", adding("pulumi-nodejs:dynamic/evil:Thing"), "dynamic/evil:Thing"],
    ["something else on a machine", adding("pulumi-nodejs:dynamic/host:Unit"), "dynamic/host:Unit"],
    ["a plugin from elsewhere", docker({ pluginDownloadURL: "https://evil.example/" }), "remove `pluginDownloadURL`"],
  ),
  ...rows(
    "docker-over-ssh",
    ["tcp", docker({ host: "tcp://192.168.1.60:2375" }), "tcp://192.168.1.60:2375; set `host` to ssh://"],
    ["tls without a host key", docker({ host: "https://192.168.1.60:2376" }), "set `host` to ssh://user@address"],
    ["a socket", docker({ host: "unix:///var/run/docker.sock" }), "set `host` to ssh://"],
    ["no host", docker({ host: undefined }), "its Docker is none"],
    ["the default provider", adding(types.dockerProvider, { version: "5.2.0" }), "its Docker is none"],
    ["an option as host", docker({ host: "ssh://-oProxyCommand=x" }), "set `host` to ssh://"],
    ["a context", docker({ context: "lan" }), "it sets `context`"],
    [
      "logins of registries",
      docker({ registryAuth: JSON.stringify([{ address: "x.example" }]) }),
      "it sets `registryAuth`",
    ],
    ["certificates", docker({ certPath: "/root/.docker" }), "it sets `certPath`"],
    [
      "no host-key check",
      replaced("StrictHostKeyChecking=yes", "StrictHostKeyChecking=no"),
      "StrictHostKeyChecking no",
    ],
    [
      "a first option that wins",
      options((all) => ["-o", "StrictHostKeyChecking=no", ...all]),
      "StrictHostKeyChecking no",
    ],
    [
      "an option in another case",
      options((all) => ["-o", "stricthostkeychecking=no", ...all]),
      "stricthostkeychecking no",
    ],
    [
      "an option in one word",
      options((all) => ["-oStrictHostKeyChecking=no", "x", ...all]),
      "-oStrictHostKeyChecking=no",
    ],
    ["an option that shifts the pairs", options((all) => ["-v", ...all]), "have -v -F"],
    ["the user's own settings", options((all) => all.slice(2)), "have no -F"],
    [
      "known hosts of the user",
      replaced("UserKnownHostsFile=/dev/null", "UserKnownHostsFile=/tmp/hosts"),
      "/tmp/hosts",
    ],
    ["a proxy", options((all) => [...all, "-o", "ProxyCommand=nc evil 22"]), "ProxyCommand nc evil 22"],
    ["a key of another host", docker({ host: "ssh://ops@192.168.1.61" }), "KnownHostsCommand /bin/echo 192.168.1.60"],
    ["no options", docker({ sshOpts: undefined }), "have no StrictHostKeyChecking"],
  ),
  ...commandMutations,
  ...nameMutations,
  ...rows(
    "pinned-images",
    [
      "text that mentions an image",
      core({ image: "traefik:latest sha256" }),
      '"traefik:latest sha256" can be another image',
    ],
    ["a tag beside the image", core({ image: "traefik:latest" }), '"traefik:latest" can be another image'],
    [
      "another's image with a digest",
      setting(types.remoteImage, "edge-traefik", { name: `evil.example/traefik@${digest}` }),
      "evil.example/traefik is of no repository that the project takes images from",
    ],
    [
      "another's image of a registry in use",
      setting(types.remoteImage, "edge-traefik", { name: `ghcr.io/evil/server@${digest}` }),
      "ghcr.io/evil/server is of no repository",
    ],
    ["another's image of Docker Hub", core({ image: `evil/traefik@${digest}` }), "evil/traefik is of no repository"],
    [
      "another's registry that begins like the stack's",
      core({ image: `registry.home.arpa.example/x@${digest}` }),
      "registry.home.arpa.example/x is of no repository",
    ],
    [
      "an image from two resources",
      (stack) => {
        const container = find(stack, types.container, "harbor-core");
        container.inputs = { ...container.inputs, image: notYetKnown };
        container.dependencies = { image: [...(container.dependencies?.image ?? []), "urn:of:a-command"] };
      },
      "its image is not known before the update",
    ],
    ["a clone", vm({ clone: { vmId: 9000 } }), "it begins as a clone of another guest"],
    [
      "an existing import file",
      vm({ disks: [{ interface: "scsi0", importFrom: "local:import/mine.qcow2" }] }),
      "local:import/mine.qcow2",
    ],
    ["an existing disk", vm({ disks: [{ interface: "scsi0", fileId: "local:iso/mine.img" }] }), "local:iso/mine.img"],
    ["a drive", vm({ cdrom: { fileId: "local:iso/mine.iso" } }), "local:iso/mine.iso"],
    [
      "an OCI image by tag",
      adding(types.ociImages[0], { reference: "docker.io/library/nginx:1" }),
      "end `reference` with its digest",
    ],
  ),
  ...rows(
    "human-administrators",
    [
      "somebody in the built-in group",
      adding(`${types.authentik}:GroupMembership`, { group: "authentik Admins", username: "anna" }),
      "authentik Admins",
    ],
    [
      "somebody in the built-in group in another letter case",
      adding(`${types.authentik}:GroupMembership`, { group: "authentik admins", username: "anna" }),
      "it is in authentik admins, which no config lists",
    ],
    [
      "a stranger among the administrators",
      adding(`${types.authentik}:GroupMembership`, { group: "admins", username: "svc" }),
      "svc in admins would administer",
    ],
    [
      "a service account among them",
      (stack) => {
        const user = stack.find((each) => each.type === `${types.authentik}:User` && each.inputs?.username === "anna");
        if (user) user.inputs = { ...user.inputs, type: "service_account" };
      },
      "anna in admins would administer",
    ],
    [
      "a group that is not known",
      adding(`${types.authentik}:GroupMembership`, { group: notYetKnown, username: "x" }),
      "its group is not known",
    ],
    [
      "another group of superusers",
      (stack) => {
        stack.push({ type: `${types.authentik}:Group`, name: "bots", inputs: { name: "bots", superuser: true } });
        stack.push({
          type: `${types.authentik}:GroupMembership`,
          name: "added",
          inputs: { group: "bots", username: "bot" },
        });
      },
      "bot in bots would administer",
    ],
  ),
  ...rows(
    "memory-limits",
    ["unlimited swap", core({ memorySwap: -1 }), "its swap is unlimited"],
    ["more swap than memory", core({ memorySwap: 100_000 }), "its swap is more than its memory"],
    ["no limit", core({ memory: undefined }), "it has no memory limit"],
  ),
  ...rows(
    "ram-budget",
    [
      "a system container with swap",
      adding(types.systemContainers[0], { vmId: 170, nodeName: "pve-mon", memory: { dedicated: 512, swap: 4096 } }),
      "the guests of pve-mon need 27 GiB",
    ],
    [
      "twice the memory that the node has",
      nodeMemory(gib(64)),
      "homelab:proxmox.nodeMemory gives pve-mon 64 GiB, and Proxmox reports 31.3 GiB",
      [reportedNode(gib(31.25))],
    ],
    [
      "memory that was taken out of the node",
      nodeMemory(gib(32)),
      "homelab:proxmox.nodeMemory gives pve-mon 32 GiB, and Proxmox reports 23.4 GiB",
      [reportedNode(gib(23.4))],
    ],
  ),
  ...rows(
    "restart-policy",
    ["what restarts and may end", core({ mustRun: false, restart: "on-failure" }), '"on-failure"'],
    ["what may end and stay down", core({ mustRun: false, restart: "no" }), 'its restart policy is "no"'],
  ),
  ...rows(
    "protected-state",
    ["Authentik's key", unprotected(types.randomPassword, "authentik-secrets-key"), "it is a key of what is stored"],
    ["Harbor's key", unprotected(types.randomPassword, "harbor-secrets-key"), "it is a key of what is stored"],
    ["the root's key", unprotected(types.privateKey, "pki-authority-root-key"), "a key of the certificate authority"],
    ["Harbor's images", unprotected(`${types.dynamic}/harbor:Project`, "registry-project"), "a project with images"],
    ["the VM", unprotected(types.virtualMachines[0], "tooling"), "a guest of Proxmox with its disk"],
  ),
  ...addressMutations,
  ...backupMutations,
  ...healthMutations,
  ...rightsMutations,
  ...secretMutations,
];
