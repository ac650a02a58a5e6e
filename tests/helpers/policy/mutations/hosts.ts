import { types } from "../../../../policies/types";
import { notYetKnown, urnOf, type TestResource } from "../harness";
import { nas } from "../hosts";
import {
  adding,
  another,
  connecting,
  find,
  providing,
  rows,
  setting,
  sshOptions,
  type Mutation,
  type Row,
} from "./mutation";

type Change = Mutation["change"];

const file = (change: object): Change => connecting(change, types.hostFile, "edge-nas-common");
const docker = (host: string): Change => setting(types.dockerProvider, "nas-docker", { host });

/** What the config says of the machine, as its component or as the inventory has it. */
const said = (change: object): Change => setting(types.sshHost, "nas", { host: { ...known, ...change } });
const listed = (change: object): Change => setting(types.inventory, "inventory", { hosts: [{ ...known, ...change }] });

const known = { ...nas, memory: 8 * 2 ** 30 };

/** Where something of one machine's is, if it were on the other. */
const onNas = { host: nas.address, port: nas.port, user: nas.user, hostKey: nas.hostKey };
const onVm = { host: "192.168.1.60", port: 22, user: "ops", hostKey: "ssh-ed25519 public-key-of-tooling-host-key\n" };

const moved = (type: string, name: string, to: object): Change => connecting(to, type, name);

const container = (name: string, provider: string): Change => providing(types.container, name, provider);

/** The command that prepares the machine, with another text. */
const prepared =
  (change: (create: string) => string): Change =>
  (stack) => {
    const command = find(stack, types.command, "nas-prepare");
    command.inputs = { ...command.inputs, create: change(String(command.inputs?.create)) };
  };

const leastKib = "-ge 7549747 ]";

const without =
  (type: string, name: string): Change =>
  (stack: TestResource[]) =>
    void stack.splice(stack.indexOf(find(stack, type, name)), 1);

const another8GiB = "nothing refuses nas where it reports less than its 8 GiB of memory";

const otherKey = "by another key than homelab:hosts gives it";

const logins: readonly Row[] = [
  ["SSH's usual port", file({ port: undefined }), "it logs in at port 22 of 192.168.1.54, where SSH has 2222"],
  [
    "another port of a command's",
    connecting({ port: 22022 }, types.command, "harbor-ready"),
    "it logs in at port 22022 of 192.168.1.54, where SSH has 2222",
  ],
  ["Docker at SSH's usual port", docker("ssh://ops@192.168.1.54"), "it logs in at port 22 of 192.168.1.54"],
  ["root", file({ user: "root" }), "as root, which is not the user that homelab:hosts gives it (ops)"],
  [
    "root's Docker",
    docker("ssh://root@192.168.1.54:2222"),
    "as root, which is not the user that homelab:hosts gives it",
  ],
  ["another host key", file({ hostKey: "ssh-ed25519 AAAA" }), `it knows 192.168.1.54 ${otherKey}`],
  ["a host key with a comment", file({ hostKey: `${nas.hostKey} root@nas` }), `it knows 192.168.1.54 ${otherKey}`],
  [
    "a host key that the stack makes",
    (stack) => {
      file({ hostKey: notYetKnown })(stack);
      const key = urnOf(types.privateKey, "tooling-host-key");
      find(stack, types.hostFile, "edge-nas-common").dependencies = { connection: [key] };
    },
    `it knows 192.168.1.54 ${otherKey}`,
  ],
  [
    "another host key of Docker's",
    sshOptions("nas-docker", (all) => all.map((each) => each.replace(nas.hostKey, "ssh-ed25519 AAAA"))),
    `it knows ssh://ops@192.168.1.54:2222 ${otherKey}`,
  ],
];

const machines: readonly Row[] = [
  [
    "a machine that the config doesn't have",
    said({ name: "other" }),
    "homelab:hosts has no other on which something runs",
  ],
  ["no machine in the config", setting(types.inventory, "inventory", { hosts: undefined }), "homelab:hosts has no nas"],
  ...Object.entries({ address: "192.168.1.55", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA", memory: 1 }).map(
    ([field, value]): Row => [
      `another ${field} of the machine`,
      said({ [field]: value }),
      `its \`${field}\` is another than homelab:hosts gives nas`,
    ],
  ),
  [
    "a machine whose user nobody knows",
    (stack) => [said({ user: notYetKnown }), listed({ user: notYetKnown })].forEach((change) => void change(stack)),
    "its `user` is another than homelab:hosts gives nas",
  ],
  [
    "the CA's key",
    another(types.hostFile, "pki-step-ca-intermediate-key", { connection: onNas }),
    "it is on nas, and the config has pki on tooling; make it there",
  ],
  ["step-ca", container("pki-step-ca", "nas-docker"), "it is on nas, and the config has pki on tooling"],
  [
    "Authentik's database",
    moved(types.hostDirectory, "authentik-data-database", onNas),
    "it is on nas, and the config has sso on tooling",
  ],
  [
    "Harbor's core on the VM",
    container("harbor-core", "tooling-docker"),
    "it is on tooling, and the config has registry on nas",
  ],
  [
    "Harbor's images on the VM",
    moved(types.hostDirectory, "harbor-data-storage", onVm),
    "it is on tooling, and the config has registry on nas",
  ],
  [
    "an edge where the config has nothing",
    setting(types.registryContents, "registry", {
      registry: { project: "homelab", quota: 1, keepTags: 10, robotLifetime: "365 days", caches: [] },
    }),
    "it is on nas, and the config has edge on tooling",
  ],
  [
    "a feature that nothing tells of",
    setting(types.registryContents, "registry", { registry: undefined }),
    "which feature runs on nas is not told; make it with the inventory",
  ],
  [
    "what keeps a VM from forwarding",
    moved(types.command, "tooling-forwarding", onNas),
    "it sets up a VM, and nas was there",
  ],
  [
    "what waits for a VM",
    moved(types.command, "tooling-first-boot", onNas),
    "it sets up a VM, and nas was there before",
  ],
  [
    "what prepares it on the VM",
    moved(types.command, "nas-prepare", onVm),
    "it prepares a machine of homelab:hosts, and tooling is none",
  ],
  [
    "a file twice",
    another(types.hostFile, "edge-nas-static"),
    "it changes /srv/edge/traefik.yml, and pulumi-nodejs:File",
  ],
  [
    "a folder around another's files",
    setting(types.hostDirectory, "edge-nas-acme", { path: "/srv/edge/routes" }),
    "it changes /srv/edge/routes, and pulumi-nodejs:File",
  ],
];

/** Ways to reach a machine that was there before otherwise, or to have something else there, than the config says. */
export const hostMutations: readonly Mutation[] = [
  ...rows("own-machines", ...logins, ...machines),
  ...rows(
    "docker-over-ssh",
    [
      "a port that its key is not known for",
      docker("ssh://ops@192.168.1.54"),
      "KnownHostsCommand /bin/echo [192.168.1.54]:2222",
    ],
    ["another port", docker("ssh://ops@192.168.1.54:22022"), "KnownHostsCommand /bin/echo [192.168.1.54]:2222"],
    [
      "the key of another port",
      sshOptions("nas-docker", (all) => all.map((each) => each.replace("[192.168.1.54]:2222", "192.168.1.54"))),
      "KnownHostsCommand /bin/echo 192.168.1.54 ssh-ed25519",
    ],
  ),
  ...rows(
    "host-commands",
    ...[`-ge 0 ]`, "-ge 1; id ]", "-ge $(id) ]"].map((test): Row => {
      const what = `a machine with ${JSON.stringify(test)}`;
      return [what, prepared((create) => create.replace(leastKib, test)), "is no command of the project's components"];
    }),
    ["one more line", prepared((create) => `${create}\nid`), "is no command of the project's components"],
    [
      "a preparation that another machine doesn't get",
      setting(types.command, "nas-prepare", { triggers: undefined }),
      "a machine that is made again wouldn't get it",
    ],
  ),
  ...rows(
    "ram-budget",
    ["a machine that is asked for less", prepared((create) => create.replace(leastKib, "-ge 1 ]")), another8GiB],
    ["a machine that nobody asks", without(types.command, "nas-prepare"), another8GiB],
    ["a machine that is asked on the VM", moved(types.command, "nas-prepare", onVm), another8GiB],
    [
      "memory that isn't known",
      said({ memory: notYetKnown }),
      "its memory is not known before the update; take it from homelab:hosts",
    ],
    [
      "more than the machine has",
      setting(types.container, "harbor-core", { memory: 8192 }),
      "Docker (512 MiB) and the containers on nas need 10720 MiB, 2.5 GiB more than the 8 GiB that homelab:hosts gives it; run less on it",
    ],
    [
      "a limit that isn't known",
      setting(types.container, "harbor-core", { memory: notYetKnown }),
      "its memory limit is not given, or not known before the update, so the memory of nas can't be added up",
    ],
  ),
  ...rows("strong-keys", [
    "a key of no length",
    said({ hostKey: "ssh-rsa AAAA" }),
    "its `hostKey` is of RSA with 1 bits",
  ]),
  ...rows("known-types", [
    "another component",
    adding("evil:host:SshHost"),
    "no policy was written for the type evil:host:SshHost",
  ]),
];
