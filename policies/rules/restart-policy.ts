import { choice, list } from "../../config/fields";
import { resourcePolicy } from "../policy";
import { at, isOff, unknown } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "restart-policy",
  level: "mandatory",
  summary: "Every container starts again by itself after a crash or a reboot.",
  doc: `Docker's own default is \`no\`: after a power cut the machine would be there and its services would not. \`on-failure\`
isn't enough either, as Docker doesn't apply it when the machine starts. Nor does what is only made (\`start: false\`), may end
(\`mustRun: false\`) or goes when it ends (\`rm\`). A container that runs once needs an exemption:
to a policy, it looks the same as one that is to stay. A VM or a system container starts with its node, and runs (\`onBoot\`,
\`startOnBoot\`, \`started\`).`,
  requirements: ["CS-003"],
  settings: {
    allowed: list(choice(["always", "unless-stopped", "on-failure", "no"], "unless-stopped"))
      .prefault(["always", "unless-stopped"])
      .describe("Restart policies that a container may have."),
  },
  types: [types.container, ...types.guests],
  judge({ type, inputs }, { allowed }, violation) {
    // A template never runs.
    const settings = type === types.container ? ofContainers : at(inputs, "template") === true ? [] : ofGuests;
    for (const [property, usual] of settings) {
      const value = at(inputs, property);
      if (isOff(value) && value !== false) continue;
      if (value !== usual && value !== unknown)
        violation(`its \`${property}\` is ${String(value)}, so that it may stay down; set it to ${usual}`);
    }
    if (type !== types.container) return;
    const restart = at(inputs, "restart") ?? "no";
    if (restart === unknown) {
      violation(`its restart policy is not known before the update; set \`restart\` to ${allowed.join(" or ")}`);
    } else if (!allowed.some((each) => each === restart)) {
      violation(`its restart policy is ${JSON.stringify(restart)}; set \`restart\` to ${allowed.join(" or ")}`);
    }
  },
});

/** What keeps a container up. */
const ofContainers = [
  ["mustRun", true],
  ["rm", false],
  ["start", true],
] as const;

/** The same of a guest of Proxmox. */
const ofGuests = [
  ["onBoot", true],
  ["startOnBoot", true],
  ["started", true],
] as const;
