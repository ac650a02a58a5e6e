import { sshLogin } from "../guests";
import { resourcePolicy } from "../policy";
import { at, isOff, unknown, unlisted } from "../resource";
import { knownHost, readOptions, type SshOption } from "../ssh-options";
import { types } from "../types";

export default resourcePolicy({
  name: "docker-over-ssh",
  level: "mandatory",
  summary: "Docker is reached over SSH, on a machine whose host key is known.",
  doc: `Who talks to a Docker daemon is root on its machine, and whoever poses as the daemon gets every secret that a container is
made with. A \`docker.Provider\` names its machine (\`ssh://user@host\`, \`ssh://user@host:2222\`): not a TCP port, and not a socket of the computer that
Pulumi runs on, which is also what the provider takes that nobody configures. Its \`sshOpts\`, read in pairs as \`ssh\` reads them,
are of a short list; among them are no user settings (\`-F /dev/null\`), \`StrictHostKeyChecking=yes\`, no known hosts but the
one key of that machine (\`KnownHostsCommand=/bin/echo <host> <key>\`, or \`[<host>]:<port>\` where SSH has another port than 22),
and no prompts. \`own-machines\` judges which machine that is.

Options that are not known before the update are judged during it, before anything is made with them.`,
  requirements: [],
  settings: {},
  types: [types.dockerProvider],
  judge({ inputs }, _settings, violation) {
    const host = at(inputs, "host");
    const { host: name, port } = sshLogin(host);
    if (name === undefined) {
      const where = host === unknown ? "is not known before the update" : `is ${isOff(host) ? "none" : String(host)}`;
      violation(`its Docker ${where}; set \`host\` to ssh://user@address`);
    }
    for (const property of unlisted(inputs, properties)) {
      violation(`it sets \`${property}\`, which Docker over SSH doesn't need; remove it`);
    }
    const options = at(inputs, "sshOpts");
    if (options === unknown || (name === undefined && host !== unknown)) return;
    for (const message of problems(readOptions(options), name && knownHost(name, port))) violation(message);
  },
});

const properties = ["disableDockerDaemonCheck", "host", "sshOpts", "version"];

/** What each option may be, of a host as `ssh` knows it. `ssh` takes the first of two, so each may be there once. */
const allowed: readonly [name: string, value: (host: string) => RegExp, isNeeded: boolean][] = [
  ["-F", () => /^\/dev\/null$/, true],
  ["-i", () => /^\/\S+$/, true],
  ["StrictHostKeyChecking", () => /^yes$/, true],
  ["UserKnownHostsFile", () => /^\/dev\/null$/, true],
  ["GlobalKnownHostsFile", () => /^\/dev\/null$/, true],
  ["KnownHostsCommand", (host) => new RegExp(`^/bin/echo ${quoted(host)} [a-z][\\w@.-]* [\\w+/=-]+$`), true],
  ["IdentitiesOnly", () => /^yes$/, true],
  ["BatchMode", () => /^yes$/, true],
  ["ConnectTimeout", () => /^\d+$/, false],
  ["ServerAliveInterval", () => /^\d+$/, false],
  ["ServerAliveCountMax", () => /^\d+$/, false],
];

function problems(given: readonly SshOption[], host = ""): string[] {
  const missing = allowed.filter(([name, , isNeeded]) => isNeeded && !given.some((each) => each.name === name));
  return [
    ...missing.map(
      ([name]) => `its \`sshOpts\` have no ${name}, without which ${why}; set it as components/tooling-vm does`,
    ),
    ...given.flatMap(({ name, value }, index) => {
      const known = allowed.find((each) => each[0] === name);
      const isFirst = given.findIndex((each) => each.name === name) === index;
      if (known && isFirst && (known[1](host).test(value) || (host === "" && name === "KnownHostsCommand"))) return [];
      return [`its \`sshOpts\` have ${name} ${value}, with which ${why}; remove it`];
    }),
  ];
}

const why = "another machine could pose as this one";

const quoted = (text: string): string => text.replace(/[.\\^$*+?()[\]{}|-]/g, "\\$&");
