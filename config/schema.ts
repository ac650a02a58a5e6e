import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import { parseAddress, parseRange, parseSubnet } from "./address";
import {
  block,
  choice,
  fitsDns,
  flag,
  forms,
  isOrigin,
  list,
  pattern,
  requiredBlock,
  webAddress,
  whole,
  word,
} from "./fields";
import { dnsLabel, type Service } from "./services";
import { gib, mib, parseSize, toGiB, toMiB } from "./size";
import { weeklyTime } from "./weekly-time";
import { images, type ImageName } from "../versions";

const defaults = {
  domain: "home.arpa",
  bridge: "vmbr0",
  pool: "homelab",
  /** What Proxmox's installer calls its storages. */
  datastores: { files: "local", disks: "local-lvm", backups: "local" },
  ssh: { user: "root", port: 22 },
  backup: { enabled: true, schedule: "02:30", keepDaily: 7, keepWeekly: 4 },
};

const label = (example: string) => pattern("a DNS label (a-z, 0-9 and hyphens)", example, dnsLabel);
const address = (example: string) => word("an IPv4 address", example, parseAddress);
const subnet = word("a subnet (its first address and its prefix length)", "192.168.1.0/24", parseSubnet);
const gateway = address("192.168.1.1");
const datastore = (example: string) => pattern("a datastore's name", example, /^[A-Za-z][\w.-]*[A-Za-z0-9]$/);
const userName = (example: string) => pattern("a user's name", example, /^[a-z_][a-z0-9_-]{0,31}$/);
const guestCores = whole(1, 128, 4);

/** Proxmox's own range of VMIDs. */
const vmId = whole(100, 999_999_999, 160);

/** Proxmox counts a guest's memory in whole MiB. */
const memory = (example: string) =>
  word("an amount of memory in whole MiB, from 16 MiB to 4 TiB", example, (text) => {
    const size = parseSize(text) ?? mib(0);
    return Number.isInteger(toMiB(size)) && size >= mib(16) && size <= gib(4096) ? size : undefined;
  });

const disk = word("a disk size in whole GiB, at least 4 GiB", "62 GiB", (text) => {
  const size = parseSize(text) ?? gib(0);
  return Number.isInteger(toGiB(size)) && size >= gib(4) ? size : undefined;
});

/** Always with a digest: a tag alone may be another image tomorrow. */
const imageReference = pattern(
  "an image reference with a digest",
  "docker.io/library/traefik:v3.7.13@sha256:<64 hex digits>",
  /^([a-z0-9.-]+(:\d+)?\/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:\w[\w.-]{0,127})?@sha256:[0-9a-f]{64}$/,
);

const checksum = word("a SHA-512 checksum", "sha512:<128 hex digits>", (text) => {
  const match = /^sha512:([0-9a-f]{128})$/.exec(text);
  return match?.[1] ? { algorithm: "sha512" as const, hex: match[1] } : undefined;
});

const cloudImage = requiredBlock({
  url: webAddress(
    "the http(s) address of a .qcow2 file",
    "https://cloud.debian.org/images/cloud/trixie/<build>/debian-13-genericcloud-amd64-<build>.qcow2",
    (url) => url.pathname.endsWith(".qcow2"),
  ).describe("The cloud image of Debian 13 that the VM is made from."),
  checksum: checksum.describe("The checksum of that file."),
});

/** One or more in PEM, and nothing else: Traefik reads what is between double braces in its files as a program. */
const certificates = /^(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]+\n)+-----END CERTIFICATE-----\s*)+$/;

/** A redirect URI of a client: exactly what it sends, so no pattern. */
const redirectUri = z
  .string({ error: "{value} is not a text; write it like https://app.home.arpa/callback" })
  .register(forms, { expected: "an https address below the domain", example: "https://app.home.arpa/callback" });

const serviceEntry = block({
  name: label("grafana").describe("The service's name; `auth`, `ca`, `registry` and `traefik` are taken."),
  upstream: webAddress("an address of the form http(s)://host[:port]", "http://192.168.1.53:3000", isOrigin).describe(
    "Where the service itself listens; the edge forwards to it. Neither the edge nor, as 172.17 to 172.31, a container.",
  ),
  upstreamCa: pattern("a certificate in PEM", "-----BEGIN CERTIFICATE-----...", certificates)
    .optional()
    .describe("The CA that an https upstream's own certificate comes from; the stack's root where it isn't given."),
  auth: choice(["oidc", "proxy", "native", "none"], "oidc").describe(
    "Who asks for the login: the service over OIDC, the edge before it, the service's own accounts, or nobody.",
  ),
  groups: list(label("family"))
    .optional()
    .describe("The groups that may use it; `[]` for nobody. For `oidc` and `proxy`, which need it."),
  redirectUris: list(redirectUri)
    .min(1, { error: "an empty list; name where the service gets the answer of a login" })
    .optional()
    .describe(
      "Where the service gets the answer of a login, exactly as it sends it. For `oidc`, which needs it, but for Grafana " +
        "and Proxmox.",
    ),
  host: z
    .string({ error: "{value} is not a host name; write it like grafana.home.arpa" })
    .register(forms, { expected: "a name one label below the domain", example: "grafana.home.arpa" })
    .optional()
    .describe("Its name in DNS; `<name>.<domain>` where it isn't given."),
  description: pattern("a text without control characters", "Dashboards", /^([\t\n]|[^\p{Cc}\p{Cs}])*$/u)
    .optional()
    .describe("What Authentik's page says of it."),
});

/** As `ssh-keyscan` and a `.pub` file have it, without the name of its machine; a comment is left out. */
const hostKey = word("a machine's public SSH key", "ssh-ed25519 <base64>", (text) => {
  const [, key] =
    /^((?:ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]{43,}={0,2})(\s.*)?$/.exec(text) ?? [];
  return key;
});

const host = block({
  name: label("nas").describe(
    "What the config calls it. **Before a change its features have to leave it**: its edge would be in the way of the new name's.",
  ),
  address: address("192.168.1.54").describe("Its address."),
  port: whole(1, 65535, 22).default(defaults.ssh.port).describe("The port of its SSH."),
  user: userName("ops").describe("Who logs in over SSH: `root`, or one who may use `sudo` without a password."),
  hostKey: hostKey.describe(
    "Its key, by which it is known: `cat /etc/ssh/ssh_host_ed25519_key.pub` on the machine itself. **A change stands for " +
      "another machine: everything on it is made anew.**",
  ),
  memory: memory("8 GiB").describe("Its memory; the limits of its containers must fit in."),
});

const guest = block({
  name: pattern("a guest's name", "monitoring", /^[A-Za-z0-9][A-Za-z0-9.-]*$/).describe("Its name in Proxmox."),
  vmId: vmId.describe("Its VMID."),
  memory: memory("4 GiB").describe("Its memory."),
  cores: guestCores.describe("Its cores."),
  address: address("192.168.1.53").optional().describe("Its address, which the VM may not take."),
});

/** The machine that a feature runs on. */
export const onHost = (caution: string) =>
  label("nas")
    .optional()
    .describe(
      `The machine of \`hosts\` that it runs on; where it isn't given the VM, or without one the first of them. ${caution}`,
    );

/** What the config holds whichever features the stack has. Each feature has a section of its own besides. */
export const baseShape = {
  domain: word("home.arpa or a name below it, of labels of at most 63 letters, 189 in all", "home.arpa", (text) => {
    // Below it there is room for one label more.
    const isBelow = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*home\.arpa$/.test(text);
    return isBelow && fitsDns(text) && text.length <= 189 ? text : undefined;
  })
    .default(defaults.domain)
    .describe("What every name of the house is below."),
  proxmox: requiredBlock({
    endpoint: webAddress("the https address of Proxmox", "https://192.168.1.10:8006", (url) => {
      return url.protocol === "https:" && isOrigin(url);
    }).describe("The API, without `/api2/json`."),
    node: pattern("a node's name", "pve-mon", /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/).describe(
      "The node that the VM runs on.",
    ),
    nodeMemory: memory("32 GiB").describe("The node's memory."),
    nodeCores: whole(1, 8192, 12).describe("The node's cores; the VM may not have more."),
    bridge: pattern("a bridge's name", "vmbr0", /^[A-Za-z][\w.-]{0,14}$/)
      .default(defaults.bridge)
      .describe("The bridge of the VM's network card."),
    pool: pattern("a pool's name", "homelab", /^[\w.-]+(\/[\w.-]+){0,2}$/)
      .default(defaults.pool)
      .describe("The pool that the VM is in: rights on a pool outlast the VM, those on the VM's own path go with it."),
    datastores: requiredBlock({
      files: datastore("local")
        .default(defaults.datastores.files)
        .describe("Cloud image and user data; needs the content types `import` and `snippets`."),
      disks: datastore("local-lvm").default(defaults.datastores.disks).describe("The VM's disks."),
      backups: datastore("local")
        .default(defaults.datastores.backups)
        .describe("What vzdump writes; needs the content type `backup`."),
    }),
    ssh: requiredBlock({
      user: userName("root")
        .default(defaults.ssh.user)
        .describe("The user on the node, for the user data: Proxmox's API has no upload of snippets."),
      address: address("192.168.1.10").describe("The node's address."),
      port: whole(1, 65535, 22).default(defaults.ssh.port).describe("The port of the node's SSH."),
    }),
  }).describe("The Proxmox node, and where on it things go."),
  proxmoxApiToken: z
    .string({ error: "missing; set it{config set --secret {key}}" })
    .regex(/^[^\s@!=]+@[A-Za-z][\w.-]*![A-Za-z][\w.-]*=[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, {
      error: "not of the form user@realm!name=uuid; set it again{config set --secret {key}}",
    })
    .register(forms, {
      expected: "user@realm!name=uuid",
      example: "pulumi@pve!homelab=00000000-0000-0000-0000-000000000000",
    })
    .describe("The token for Proxmox's API. A secret."),
  operatorKeyFile: word("a path", "~/.ssh/homelab_ed25519", (text) => {
    if (text.trim() === "") return undefined;
    return text.startsWith("~/") ? join(homedir(), text.slice(2)) : resolve(text);
  }).describe("The private key for SSH to node and VM, without a passphrase; its public half is in `<file>.pub`."),
  network: requiredBlock({
    subnet: subnet.describe("The network that the VM is in, from /8 to /30."),
    gateway: gateway.describe("The way out of it."),
    dns: list(address("192.168.1.1"), "missing; set it{config set --path '{key}[0]' 192.168.1.1}")
      .min(1, { error: "an empty list; name a DNS server{config set --path '{key}[0]' 192.168.1.1}" })
      .describe("DNS servers, at least one. They must answer the catalogue's names."),
    inUse: list(word("an address or a range", "192.168.1.50-192.168.1.59", parseRange))
      .default([])
      .describe("Addresses that others have: the VM may not take them."),
  }).describe("The house's network."),
  guests: list(
    guest,
    "missing; list each guest that runs on the node with name, vmId, memory and cores; if none does, set it to []{config set {key} '[]'}",
  ).describe(
    "What already runs on the node; `[]` for nothing. The memory budget counts it, so the list has no default.",
  ),
  toolingVm: requiredBlock({
    name: label("tooling").describe("The VM's name, and its host name. A change needs a rebuilt VM."),
    vmId: vmId.describe("The VM's VMID. **A change replaces the VM.**"),
    address: address("192.168.1.60").describe("A free address in the subnet. A change needs a rebuilt VM."),
    cores: guestCores.describe("A change reboots the VM."),
    memory: memory("6 GiB").describe("At least what the containers need. A change reboots the VM."),
    disk: disk.describe("It can only grow."),
    user: userName("ops").describe("Who logs in over SSH. A change needs a rebuilt VM."),
    image: cloudImage,
    backup: requiredBlock({
      enabled: flag("true")
        .default(defaults.backup.enabled)
        .describe("`false` where another job, such as one of the whole node, backs the VM up."),
      schedule: pattern("a time of day, weekdays before it if not daily", "02:30", weeklyTime)
        .default(defaults.backup.schedule)
        .describe("When the backup is made, such as `sat 02:30` for once a week."),
      keepDaily: whole(1, 365, 7).default(defaults.backup.keepDaily).describe("Of how many days the last one is kept."),
      keepWeekly: whole(0, 520, 4)
        .default(defaults.backup.keepWeekly)
        .describe("Of how many weeks the last one is kept."),
    }),
  }).describe("The VM that the stack makes."),
  hosts: list(host)
    .default([])
    .describe(
      "Machines that exist: Debian, reached over SSH, on Proxmox or not. A feature's `host` says that it runs there. With one, a " +
        "stack may be without a VM: leave out `toolingVm`, `proxmox`, `proxmoxApiToken`, `guests`, `network.subnet` and its gateway.",
    ),
  images: requiredBlock(
    Object.fromEntries(
      Object.keys(images).map((name) => [
        name,
        imageReference.optional().describe(`The image of \`${name}\`; that of \`versions.ts\` where it isn't given.`),
      ]),
    ) as { readonly [Name in ImageName]: z.ZodOptional<typeof imageReference> },
  ).describe("Other container images than the ones that the stack pins."),
  grafanaPassword: z
    .string({ error: "not a text; set it again{config set --secret {key}}" })
    .register(forms, { expected: "a text", example: "a long password" })
    .optional()
    .describe(
      "The password of Grafana's server administrator, where `sso.grafana` is set, which needs it: its open-source edition " +
        "lets nobody else change how people log in. A secret.",
    ),
  services: list(serviceEntry).default([]).describe("The service catalogue."),
};

/** What the config holds of the VM that the stack makes. */
const ofVm = ["guests", "proxmox", "proxmoxApiToken", "toolingVm"] as const;

/** {@link baseShape}, where everything runs on machines that exist. */
export const hostsShape = {
  ...(Object.fromEntries(Object.entries(baseShape).filter(([name]) => !ofVm.some((each) => each === name))) as Omit<
    typeof baseShape,
    (typeof ofVm)[number]
  >),
  network: requiredBlock({
    ...baseShape.network.unwrap().shape,
    subnet: subnet.optional(),
    gateway: gateway.optional(),
  }),
};

/** What {@link baseShape} gives, before the catalogue's hosts are computed. */
export type ParsedBase = z.output<ReturnType<typeof block<typeof baseShape>>>;

/** What every feature finds in the config: units parsed, defaults filled in, contradictions ruled out, and secrets secret. */
export type BaseConfig = Omit<
  ParsedBase,
  "grafanaPassword" | "images" | "network" | "services" | (typeof ofVm)[number]
> & {
  /** The names of the features that the stack has. */
  features: readonly string[];
  /** The image of each container: the stack's own choice, else the one of `versions.ts`. */
  images: Record<ImageName, string>;
  /** The password of Grafana's administrator, where Grafana is set up from here. */
  grafanaPassword: pulumi.Output<string> | undefined;
  /** The catalogue's entries. */
  services: Service[];
  /** The house's network. What a new machine needs of it is there where the stack makes one. */
  network: Pick<ParsedBase["network"], "dns" | "inUse"> & Partial<ParsedBase["network"]>;
  /** The VM that the stack makes; nothing where all features run on `hosts`. */
  vm: VmConfig | undefined;
};

/** The VM that the stack makes, and the Proxmox node that it is on. */
export type VmConfig = Pick<ParsedBase, "guests" | "network" | "proxmox" | "toolingVm"> & {
  /** `user@realm!name=uuid`. */
  proxmoxApiToken: pulumi.Output<string>;
};

/** What the config calls the machine that runs what no `host` places elsewhere: the VM, else the first of `hosts`. */
export const ownHost = ({ vm, hosts }: Pick<BaseConfig, "vm" | "hosts">): string =>
  vm?.toolingVm.name ?? hosts[0]?.name ?? "";
