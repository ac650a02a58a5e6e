import { types } from "../../../../policies/types";
import { notYetKnown, urnOf } from "../harness";
import { another, connecting, find, rows, setting, type Mutation } from "./mutation";

const policy = "host-commands";
const name = "authentik-ready";
const file = "edge-root";
const ours = "no command of the project's components";

const running = (create: string): Mutation => ({
  policy,
  what: `create ${JSON.stringify(create)}`,
  change: setting(types.command, name, { create }),
  message: ours,
});

const caKey = "/srv/pki/secrets/intermediate_ca_key";

const making = (path: string): Mutation["change"] =>
  another(types.hostDirectory, path.startsWith("/srv/pki/") ? "pki-step-ca-db" : "harbor-data-storage", { path });

/** Changes the connection of a command. */
const ordering = (change: object): Mutation["change"] => connecting(change, types.command, name);

/** Ways to have something else run on the machine, or written there. */
export const commandMutations: readonly Mutation[] = [
  ...[
    "sudo docker run --privileged -v /:/host alpine",
    "docker run alpine",
    "sudo install -Dt/etc /dev/stdin",
    "sudo install -d -o 0 -g 0 -m 0700 '/srv/edge/x'",
    "sudo rm -f '/srv/edge/x'",
    "cat <<EOF | sudo sh\nid\nEOF",
    "echo $((1+1))",
    "sed e /etc/hostname",
    "curl -K /srv/edge/x",
    "true",
  ].map((command) => running(command)),
  ...["authentik-ready", "edge-certificate-grafana", "tooling-first-boot", "tooling-forwarding"].map(
    (each): Mutation => ({
      policy,
      what: `${each} with one more command`,
      change: (stack) => {
        const command = find(stack, types.command, each);
        command.inputs = { ...command.inputs, create: `${String(command.inputs?.create)}\nid` };
      },
      message: ours,
    }),
  ),
  ...rows(
    policy,
    [
      "a certificate's wait with another container's log",
      (stack) => {
        const command = find(stack, types.command, "edge-certificate-grafana");
        const create = String(command.inputs?.create).replace("edge-traefik", "edge-traefik; id;");
        command.inputs = { ...command.inputs, create };
      },
      ours,
    ],
    [
      "an environment",
      setting(types.command, name, { environment: { BASH_ENV: "/srv/edge/x" } }),
      "it sets `environment`",
    ],
    [
      "a connection without a host key",
      setting(types.command, name, { connection: { host: "192.168.1.60", user: "ops" } }),
      "set `connection.hostKey`",
    ],
    [
      "a connection through another machine",
      ordering({ proxy: { host: "203.0.113.9" } }),
      "it sets `connection.proxy`",
    ],
    ["another agent", ordering({ agentSocketPath: "/tmp/agent" }), "it sets `connection.agentSocketPath`"],
    [
      "a command that a new machine doesn't get",
      setting(types.command, name, { triggers: undefined }),
      "a machine that is made again wouldn't get it",
    ],
    ...["update", "delete", "stdin", "logging"].map(
      (property) =>
        [`\`${property}\``, setting(types.command, name, { [property]: "true" }), `it sets \`${property}\``] as const,
    ),
  ),
  ...rows(
    "host-files",
    ...[
      "/etc/cron.d/x",
      "/srv/x",
      "/srv/edge",
      "//etc/x",
      "/srv/edge/../../etc/x",
      "/srv/edge/$(id)",
      "/srv/edge/",
    ].map(
      (path) =>
        [`a file at ${path}`, setting(types.hostFile, file, { path }), `${path} is not below a folder`] as const,
    ),
    ...["0666", "0755", "4755", "0464", "0444 ", "644"].map(
      (mode) => [`a file with ${mode}`, setting(types.hostFile, file, { mode }), `its mode is ${mode}`] as const,
    ),
    ["a folder for all", setting(types.hostDirectory, "edge-acme", { mode: "0755" }), "set `mode` to 0700"],
    [
      "a file that a new machine doesn't get",
      setting(types.hostFile, file, { installation: undefined }),
      "a machine that is made again wouldn't get it; set `installation`",
    ],
    [
      "a connection without a host key",
      setting(types.hostFile, file, { connection: { host: "192.168.1.60", user: "ops" } }),
      "set `connection.hostKey`",
    ],
    ["another way in", connecting({ agent: "/tmp/x" }, types.hostFile, file), "it sets `connection.agent`"],
    ["another input", setting(types.hostFile, file, { command: "id" }), "it sets `command`"],
    [
      "the CA's keys made another's",
      setting(types.hostDirectory, "edge-acme", { path: "/srv/pki/secrets" }),
      "it changes /srv/pki/secrets, which is not its feature's; begin its name with pki-",
    ],
    [
      "a file of Harbor's written by Authentik",
      setting(types.hostFile, "authentik-root", { path: "/srv/harbor/roots/root_ca.crt" }),
      "it changes /srv/harbor/roots/root_ca.crt, which is not its feature's",
    ],
  ),
  ...rows(
    "own-machines",
    [
      "a command on another machine",
      ordering({ host: "192.168.1.66" }),
      "it works on 192.168.1.66, which is no machine of this stack",
    ],
    [
      "a file on another machine",
      connecting({ host: "192.168.1.66" }, types.hostFile, file),
      "it works on 192.168.1.66, which is no machine of this stack",
    ],
    [
      "a folder on another machine",
      connecting({ host: "192.168.1.66" }, types.hostDirectory, "edge-acme"),
      "it works on 192.168.1.66, which is no machine of this stack",
    ],
    [
      "the stack's containers on another machine",
      setting(types.dockerProvider, "tooling-docker", { host: "ssh://ops@nas.example.com:22" }),
      "it works on ssh://ops@nas.example.com:22, which is no machine of this stack",
    ],
    ["another port", ordering({ port: 2222 }), "it logs in at port 2222 of 192.168.1.60, where SSH has 22"],
    [
      "another port of a file's",
      connecting({ port: 2222 }, types.hostFile, file),
      "it logs in at port 2222 of 192.168.1.60, where SSH has 22",
    ],
    [
      "another port of Docker's",
      setting(types.dockerProvider, "tooling-docker", { host: "ssh://ops@192.168.1.60:2222" }),
      "it logs in at port 2222 of 192.168.1.60, where SSH has 22",
    ],
    ["root", ordering({ user: "root" }), "it logs in at 192.168.1.60 as root"],
    ["the user that is meant without one", ordering({ user: undefined }), "it logs in at 192.168.1.60 as root"],
    ["root's files", connecting({ user: "root" }, types.hostFile, file), "it logs in at 192.168.1.60 as root"],
    [
      "root's Docker",
      setting(types.dockerProvider, "tooling-docker", { host: "ssh://root@192.168.1.60" }),
      "it logs in at 192.168.1.60 as root",
    ],
    ["another host key", ordering({ hostKey: "ssh-ed25519 AAAA" }), "it knows 192.168.1.60 by another key"],
    [
      "another host key of a file's",
      connecting({ hostKey: "ssh-ed25519 AAAA" }, types.hostFile, file),
      "it knows 192.168.1.60 by another key",
    ],
    [
      "a host key of nobody's",
      (stack) => void (find(stack, types.hostFile, file).dependencies = {}),
      "is made from no tls.PrivateKey of this stack",
    ],
    [
      "a host key of somebody's, on a machine that is not there yet",
      (stack) => {
        setting(types.command, name, { connection: notYetKnown })(stack);
        find(stack, types.command, name).dependencies = { connection: [urnOf(types.hostFile, "edge-static")] };
      },
      "is made from no tls.PrivateKey of this stack",
    ],
    [
      "another host key of Docker's",
      (stack) => {
        const provider = find(stack, types.dockerProvider, "tooling-docker");
        const options = JSON.stringify(provider.inputs?.sshOpts).replaceAll("public-key-of", "another-key-of");
        provider.inputs = { ...provider.inputs, sshOpts: JSON.parse(options) as unknown };
      },
      "it knows ssh://ops@192.168.1.60 by another key",
    ],
    [
      "the CA's key written again",
      another(types.hostFile, "pki-step-ca-intermediate-key"),
      `it changes ${caKey}, and pulumi-nodejs:File`,
    ],
    [
      "a folder of data that another makes",
      another(types.hostDirectory, "harbor-data-storage"),
      "it changes /srv/harbor/data/storage, and",
    ],
    ["the folder of the CA's keys", making("/srv/pki/secrets"), `it changes /srv/pki/secrets, and pulumi-nodejs:File`],
    ["the folder of all that is the CA's", making("/srv/pki/config"), "it changes /srv/pki/config, and"],
    ["the folder of all data", making("/srv/harbor/data"), "it changes /srv/harbor/data, and"],
  ),
];
