import { templateOf } from "../host-templates";
import { resourcePolicy } from "../policy";
import { at, isOff, unknown, unlisted } from "../resource";
import { connectionProblems } from "../ssh-options";
import { types } from "../types";

export default resourcePolicy({
  name: "host-commands",
  level: "mandatory",
  summary: "On a machine runs what the project's components run there, and nothing else.",
  doc: `A command on a machine runs with \`sudo\`: it can start a container that no other policy sees, or write anywhere. A shell has
too many ways to say a thing for a list of bad ones. So a \`command.remote.Command\` must be, letter by letter, one that a
component of this project builds (\`policies/host-templates.ts\`): wait for the first boot, for a certificate, for Harbor or
for Authentik, keep the VM from forwarding, and prepare a machine that was there before. Paths, addresses, names and numbers in
it are of forms that mean nothing to a shell. Files and folders are no commands: [host-files](#host-files) judges them.

- It runs again on a machine that is made again (\`triggers\`).
- It has no \`delete\`, no \`stdin\` and no \`environment\`; its \`connection\` goes straight to the machine, says with \`hostKey\`
  whom it talks to, and has no key in it: the SSH agent of the run has that.

A new kind of command is added there, beside the component that builds it. A command that is not known before the update
is judged during it, before it runs. \`own-machines\` judges where commands go.`,
  requirements: [],
  settings: {},
  types: [types.command],
  judge({ inputs }, _settings, violation) {
    const create = at(inputs, "create");
    if (create !== unknown && !isOff(create) && templateOf(String(create)) === undefined) {
      const start = String(create).split("\n", 1)[0]?.slice(0, 60);
      violation(`its \`create\` (${start}) is no command of the project's components; use HostFile or HostDirectory`);
    }
    if (isOff(at(inputs, "triggers")))
      violation("a machine that is made again wouldn't get it; set `triggers` to the machine's id");
    for (const property of unlisted(inputs, properties)) {
      violation(`it sets \`${property}\`, which no command of the project's components needs; remove it`);
    }
    for (const problem of connectionProblems(inputs, connectionProperties)) violation(problem);
  },
});

const properties = ["addPreviousOutputInEnv", "connection", "create", "triggers"];

const connectionProperties = ["dialErrorLimit", "host", "hostKey", "perDialTimeout", "port", "privateKey", "user"];
