import { isOfFeature } from "../features";
import { resourcePolicy } from "../policy";
import { at, isOff, unknown, unlisted } from "../resource";
import { connectionProblems } from "../ssh-options";
import { types } from "../types";

export default resourcePolicy({
  name: "host-files",
  level: "mandatory",
  summary: "Files and folders on a machine are below /srv/<feature>/, and others cannot write them.",
  doc: `A file is written as root: in \`/etc\` it would be a command that no policy sees, and in another feature's folder a
setting that nobody looks for there.

- It is below \`/srv/<feature>/\`, and its name in the program begins with the feature: \`pki-step-ca-db\` may be \`/srv/pki/db\`.
- A folder is for its owner alone (\`0700\`); a file may be read by others, written by its owner at most, and run by nobody.
- It is made again on a machine that is made again (\`installation\`).
- Its \`connection\` says with \`hostKey\` whom it talks to.

\`own-machines\` judges where they go and that no two are one, [ca-and-edge-files](#ca-and-edge-files) what is in those that
decide over logins and certificates. What isn't known before the update is judged during it.`,
  requirements: [],
  settings: {},
  types: [types.hostFile, types.hostDirectory],
  judge({ type, inputs, name }, _settings, violation) {
    const path = at(inputs, "path");
    const [, feature] = /^\/srv\/([a-z][a-z0-9-]*)(?:\/[A-Za-z0-9_][\w.@+-]*)+$/.exec(String(path)) ?? [];
    if (path !== unknown && feature === undefined) {
      violation(`${String(path)} is not below a folder of its feature's; put it below /srv/<feature>/`);
    } else if (feature !== undefined && !isOfFeature(name, feature)) {
      violation(
        `it changes ${String(path)}, which is not its feature's; begin its name with ${feature}-, or keep to its own`,
      );
    }
    const mode = at(inputs, "mode");
    const allowed = type === types.hostFile ? /^0[46][04][04]$/ : /^0700$/;
    if (mode !== unknown && !allowed.test(String(mode))) {
      const remedy = type === types.hostFile ? "0400, 0444 or 0644" : "0700";
      violation(`its mode is ${String(mode)}, with which others could write or run it; set \`mode\` to ${remedy}`);
    }
    if (isOff(at(inputs, "installation")))
      violation("a machine that is made again wouldn't get it; set `installation` to the machine's id");
    for (const property of unlisted(inputs, properties)) {
      violation(`it sets \`${property}\`, which no file or folder has; remove it`);
    }
    for (const problem of connectionProblems(inputs, ["host", "hostKey", "port", "user"])) violation(problem);
  },
});

const properties = ["connection", "content", "installation", "mode", "owner", "path"];
