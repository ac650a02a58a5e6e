import { types } from "../../../policies/types";
import { find, rewriting, setting, type Mutation } from "./mutation";

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
    "sudo rm -f '/etc/passwd'",
    "sudo rm -f '/srv/edge/{x,/etc/passwd}'",
    "sudo rm -f '/srv/edge/x' '/etc/passwd'",
    "sudo rm -f '/srv/edge/x'; id",
    "sudo rm -f '/srv/edge/x'\nid",
    "sudo rm -rf '/srv/edge/x'",
    "sudo rm -f '/srv/edge/$(id)'",
    "cat <<EOF | sudo sh\nid\nEOF",
    "echo $((1+1))",
    "sed e /etc/hostname",
    "curl -K /srv/edge/x",
    "true",
  ].map((command) => running(command)),
  running("sudo docker run alpine", "update"),
  running("sudo docker run alpine", "delete"),
  edited("/srv/edge/", "/etc/"),
  edited("/srv/edge/", "/srv/edge/../../etc/"),
  edited("0:0", "0:0 /etc/shadow"),
  edited("0444", "4755"),
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
  {
    policy,
    what: "a connection through another machine",
    change: setting(types.command, name, {
      connection: { host: "192.168.1.60", hostKey: "ssh-ed25519 AAAA", proxy: { host: "203.0.113.9" } },
    }),
    message: "it goes through another machine",
  },
];
