import { choice, list } from "../../config/fields";
import { resourcePolicy } from "../policy";
import { at, unknown } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "restart-policy",
  level: "mandatory",
  summary: "Every container starts again by itself after a crash or a reboot.",
  doc: `Docker's own default is \`no\`: after a power cut the VM would be there and its services would not. \`on-failure\`
isn't enough either, as Docker doesn't apply it when the machine starts. A container that runs once needs an exemption: to
a policy, \`mustRun: false\` looks the same on one that is to stay.`,
  requirements: ["CS-003"],
  settings: {
    allowed: list(choice(["always", "unless-stopped", "on-failure", "no"], "unless-stopped"))
      .prefault(["always", "unless-stopped"])
      .describe("Restart policies that a container may have."),
  },
  types: [types.container],
  judge({ inputs }, { allowed }, violation) {
    const restart = at(inputs, "restart") ?? "no";
    if (restart === unknown) {
      violation(`its restart policy is not known before the update; set \`restart\` to ${allowed.join(" or ")}`);
    } else if (!allowed.some((each) => each === restart)) {
      violation(`its restart policy is ${JSON.stringify(restart)}; set \`restart\` to ${allowed.join(" or ")}`);
    }
  },
});
