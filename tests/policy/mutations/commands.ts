import { directoryCommand, removeCommand } from "../../../components/host-file";
import { types } from "../../../policies/types";
import { notYetKnown, urnOf, type TestResource } from "../harness";
import { find, rewriting, rows, setting, type Mutation } from "./mutation";

const policy = "host-commands";
const name = "edge-root";
const ours = "no command of the project's components";

/** The program's own command to write a file, changed. */
const edited = (from: string, to: string): Mutation => ({
  policy,
  what: `a file written with ${JSON.stringify(to)}`,
  change: rewriting(name, from, to),
  message: ours,
});

const running = (create: string, property = "create"): Mutation => ({
  policy,
  what: `${property} ${JSON.stringify(create)}`,
  change: setting(types.command, name, { [property]: create }),
  message: ours,
});

const caKey = "/srv/pki/secrets/intermediate_ca_key";

/** The program's own connection, changed. */
const connecting =
  (change: object): Mutation["change"] =>
  (stack) => {
    const command = find(stack, types.command, name);
    const { value } = command.inputs?.connection as { value: object };
    command.inputs = { ...command.inputs, connection: { ...value, ...change } };
  };

/** Adds a command like one of the program's. */
const another = (stack: TestResource[], like: string, inputs: object = {}): void => {
  const command = find(stack, types.command, like);
  stack.push({ ...command, name: `${like}-again`, inputs: { ...command.inputs, ...inputs } });
};

const copied =
  (like: string): Mutation["change"] =>
  (stack) =>
    another(stack, like);

const making =
  (path: string): Mutation["change"] =>
  (stack) =>
    another(stack, path.startsWith("/srv/pki/") ? "pki-step-ca-db" : "harbor-data-storage", {
      create: directoryCommand(path, "1000:1000"),
    });

/** Ways to have something else run on the machine. */
export const commandMutations: readonly Mutation[] = [
  ...[
    "sudo docker run --privileged -v /:/host alpine",
    "docker run alpine",
    "sudo install -Dt/etc /dev/stdin",
    "sudo install -d -o 0 -g 0 -m 0700 '/etc/cron.d'",
    "sudo install -d -o 0 -g 0 -m 4755 '/srv/edge/x'",
    "sudo install -d -o 0 -g 0 -m 0700 '//etc'",
    "sudo install -d -o 0 -g 0 -m 0700 '/srv/edge/../../etc'",
    "sudo install -d -o 0 -g 0 -m 0700 '/srv'",
    "cat >/dev/null && sudo rm -f '/etc/passwd'",
    "cat >/dev/null && sudo rm -f '/srv/edge/{x,/etc/passwd}'",
    "cat >/dev/null && sudo rm -f '/srv/edge/x' '/etc/passwd'",
    "cat >/dev/null && sudo rm -f '/srv/edge/x'; id",
    "cat >/dev/null && sudo rm -f '/srv/edge/x'\nid",
    "cat >/dev/null && sudo rm -rf '/srv/edge/x'",
    "cat >/dev/null && sudo rm -f '/srv/edge/x'",
    "sudo install -d -o 0 -g 0 -m 0777 '/srv/edge/x'",
    "cat >/dev/null && sudo rm -f '/srv/edge/$(id)'",
    "cat <<EOF | sudo sh\nid\nEOF",
    "echo $((1+1))",
    "sed e /etc/hostname",
    "curl -K /srv/edge/x",
    "true",
  ].map((command) => running(command)),
  running("sudo docker run alpine", "delete"),
  edited("/srv/edge/", "/etc/"),
  edited("/srv/edge/", "/srv/edge/../../etc/"),
  edited("0:0", "0:0 /etc/shadow"),
  edited("0444", "4755"),
  edited("0444", "0666"),
  edited("set -eu", "set -eu; id"),
  edited("mv -f", "cp -f"),
  {
    policy,
    what: "a certificate's wait with another container's log",
    change: (stack) => {
      const command = find(stack, types.command, "edge-certificate-grafana");
      const create = String(command.inputs?.create).replace("edge-traefik", "edge-traefik; id;");
      command.inputs = { ...command.inputs, create };
    },
    message: ours,
  },
  {
    policy,
    what: "an environment",
    change: setting(types.command, name, { environment: { BASH_ENV: "/srv/edge/x" } }),
    message: "it sets `environment`",
  },
  {
    policy,
    what: "a connection without a host key",
    change: setting(types.command, name, { connection: { host: "192.168.1.60", user: "ops" } }),
    message: "set `connection.hostKey`",
  },
  ...rows(
    policy,
    [
      "a connection through another machine",
      connecting({ proxy: { host: "203.0.113.9" } }),
      "it sets `connection.proxy`",
    ],
    ["a login by an agent", connecting({ agentSocketPath: "/tmp/agent" }), "it sets `connection.agentSocketPath`"],
    [
      "a file that a new machine doesn't get",
      setting(types.command, name, { triggers: undefined }),
      "a machine that is made again wouldn't get it",
    ],
    ["a command for updates", setting(types.command, name, { update: "true" }), "it sets `update`"],
    [
      "the CA's keys made another's",
      setting(types.command, "edge-acme", { create: directoryCommand("/srv/pki/secrets", "65532:65532") }),
      "it changes /srv/pki/secrets, which is not its feature's; begin its name with pki-",
    ],
    [
      "a file of Harbor's written by Authentik",
      rewriting("authentik-root", "/srv/authentik/", "/srv/harbor/"),
      "it changes /srv/harbor/roots/root_ca.crt, which is not its feature's",
    ],
    [
      "the CA's key removed",
      setting(types.command, "pki-step-ca-ca-json", { delete: removeCommand(caKey) }),
      `it removes ${caKey}, which it does not write`,
    ],
    [
      "a file removed by what writes none",
      setting(types.command, "pki-step-ca-db", { delete: removeCommand("/srv/pki/db/x") }),
      "it removes /srv/pki/db/x, which it does not write",
    ],
  ),
  ...rows(
    "own-machines",
    [
      "a file of the stack on another machine",
      connecting({ host: "192.168.1.66" }),
      "it works on 192.168.1.66, which is no machine of this stack",
    ],
    [
      "the stack's containers on another machine",
      setting(types.dockerProvider, "tooling-docker", { host: "ssh://ops@nas.example.com:22" }),
      "it works on ssh://ops@nas.example.com:22, which is no machine of this stack",
    ],
    ["root", connecting({ user: "root" }), "it logs in at 192.168.1.60 as root"],
    ["the user that is meant without one", connecting({ user: undefined }), "it logs in at 192.168.1.60 as root"],
    [
      "root's Docker",
      setting(types.dockerProvider, "tooling-docker", { host: "ssh://root@192.168.1.60" }),
      "it logs in at 192.168.1.60 as root",
    ],
    ["another host key", connecting({ hostKey: "ssh-ed25519 AAAA" }), "it knows 192.168.1.60 by another key"],
    [
      "a host key of nobody's",
      (stack) => void (find(stack, types.command, name).dependencies = {}),
      "is made from no tls.PrivateKey of this stack",
    ],
    [
      "a host key of somebody's, on a machine that is not there yet",
      (stack) => {
        setting(types.command, name, { connection: notYetKnown })(stack);
        find(stack, types.command, name).dependencies = { connection: [urnOf(types.command, "edge-static")] };
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
    ["the CA's key written again", copied("pki-step-ca-intermediate-key"), `it changes ${caKey}, and command:Command`],
    ["a folder of data that another makes", copied("harbor-data-storage"), "it changes /srv/harbor/data/storage, and"],
    ["the folder of the CA's keys", making("/srv/pki/secrets"), `it changes /srv/pki/secrets, and command:Command`],
    ["the folder of all that is the CA's", making("/srv/pki/config"), "it changes /srv/pki/config, and"],
    ["the folder of all data", making("/srv/harbor/data"), "it changes /srv/harbor/data, and"],
  ),
];
