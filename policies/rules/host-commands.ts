import { isOurs } from "../host-templates";
import { resourcePolicy } from "../policy";
import { at, isOff, unknown, unlisted } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "host-commands",
  level: "mandatory",
  summary: "On a machine runs what the project's components run there, and nothing else.",
  doc: `A command on a machine runs with \`sudo\`: it can start a container that no other policy sees, or write anywhere. A shell has
too many ways to say a thing for a list of bad ones. So a \`command.remote.Command\` must be, letter by letter, one that a
component of this project builds (\`policies/host-templates.ts\`): write, remove or make a file or folder below
\`/srv/<feature>/\`, wait for the first boot, for a certificate, for Harbor or for Authentik. Paths, owners and names in
it are of forms that mean nothing to a shell. It has no \`environment\`, and \`connection.hostKey\` says whom it talks to.

A new kind of command is added there, beside the component that builds it. A command that is not known before the update
is judged during it, before it runs.`,
  requirements: [],
  settings: {},
  types: [types.command],
  judge({ inputs }, _settings, violation) {
    for (const property of ["create", "update", "delete"]) {
      const command = at(inputs, property);
      if (command === unknown || isOff(command) || isOurs(String(command))) continue;
      const start = String(command).split("\n", 1)[0]?.slice(0, 60);
      violation(
        `its \`${property}\` (${start}) is no command of the project's components; use HostFile or HostDirectory`,
      );
    }
    for (const property of unlisted(inputs, properties)) {
      violation(`it sets \`${property}\`, which no command of the project's components needs; remove it`);
    }
    if (isOff(at(inputs, "connection", "hostKey"))) {
      violation("it doesn't check whom it talks to; set `connection.hostKey` to the machine's public key");
    }
    const proxy = at(inputs, "connection", "proxy");
    if (proxy !== unknown && !isOff(proxy)) {
      violation("it goes through another machine (`connection.proxy`); connect to the machine itself");
    }
  },
});

const properties = [
  "addPreviousOutputInEnv",
  "connection",
  "create",
  "delete",
  "logging",
  "stdin",
  "triggers",
  "update",
];
