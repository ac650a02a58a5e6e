import { isOfFeature } from "../features";
import { readCommand } from "../host-templates";
import { resourcePolicy } from "../policy";
import { at, isOff, unknown, unlisted, type Value } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "host-commands",
  level: "mandatory",
  summary: "On a machine runs what the project's components run there, and nothing else.",
  doc: `A command on a machine runs with \`sudo\`: it can start a container that no other policy sees, or write anywhere. A shell has
too many ways to say a thing for a list of bad ones. So a \`command.remote.Command\` must be, letter by letter, one that a
component of this project builds (\`policies/host-templates.ts\`): write a file or make a folder below \`/srv/<feature>/\`,
wait for the first boot, for a certificate, for Harbor or for Authentik. Paths, owners and names in it are of forms that
mean nothing to a shell.

- What it writes is its feature's, with which its name in the program begins: \`pki-step-ca-db\` may make \`/srv/pki/db\`.
- What it removes, in its \`delete\` alone, is the file that it wrote.
- A folder is for its owner alone; a file may be read by others, and written by its owner.
- It runs again on a machine that is made again (\`triggers\`).
- It has no \`environment\`; its \`connection\` goes straight to the machine, and says with \`hostKey\` whom it talks to.

A new kind of command is added there, beside the component that builds it. A command that is not known before the update
is judged during it, before it runs. \`own-machines\` judges where commands go, and that no two write one file.`,
  requirements: [],
  settings: {},
  types: [types.command],
  judge({ inputs, name }, _settings, violation) {
    const create = given(inputs, "create");
    const made = create === undefined ? undefined : readCommand(create);
    if (create !== undefined && (made === undefined || made.kind === "remove")) violation(notOurs("create", create));
    const [, feature = ""] = /^\/srv\/([^/]+)\//.exec(made?.path ?? "") ?? [];
    if (made?.path !== undefined && !isOfFeature(name, feature)) {
      violation(
        `it changes ${made.path}, which is not its feature's; begin its name with ${feature}-, or keep to its own`,
      );
    }
    const remove = given(inputs, "delete");
    const removed = remove === undefined ? undefined : readCommand(remove);
    if (remove !== undefined && removed?.kind !== "remove") violation(notOurs("delete", remove));
    else if (removed && at(inputs, "create") !== unknown && (made?.kind !== "write" || removed.path !== made.path)) {
      violation(`it removes ${removed.path}, which it does not write; remove its own file alone, as HostFile does`);
    }
    if (made?.path !== undefined && isOff(at(inputs, "triggers")))
      violation("a machine that is made again wouldn't get it; set `triggers` to the machine's id");
    for (const property of unlisted(inputs, properties)) {
      violation(`it sets \`${property}\`, which no command of the project's components needs; remove it`);
    }
    const connection = at(inputs, "connection");
    if (isOff(at(connection, "hostKey"))) {
      violation("it doesn't check whom it talks to; set `connection.hostKey` to the machine's public key");
    }
    for (const property of unlisted(connection, connectionProperties)) {
      violation(`it sets \`connection.${property}\`, which no machine of the project's needs; remove it`);
    }
  },
});

/** A command that is there and known. */
function given(inputs: Value, property: string): string | undefined {
  const command = at(inputs, property);
  return command === unknown || isOff(command) ? undefined : String(command);
}

const notOurs = (property: string, command: string): string => {
  const start = command.split("\n", 1)[0]?.slice(0, 60);
  return `its \`${property}\` (${start}) is no command of the project's components; use HostFile or HostDirectory`;
};

const properties = ["addPreviousOutputInEnv", "connection", "create", "delete", "logging", "stdin", "triggers"];

const connectionProperties = ["dialErrorLimit", "host", "hostKey", "perDialTimeout", "port", "privateKey", "user"];
