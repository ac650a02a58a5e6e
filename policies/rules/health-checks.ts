import { runsOnce } from "../containers";
import { at, items, unknown, type Value } from "../resource";
import { resourcePolicy } from "../policy";
import { types } from "../types";

export default resourcePolicy({
  name: "health-checks",
  level: "mandatory",
  summary: "Every container has a health check.",
  doc: `A process that runs is not a service that answers: without a check the deployment takes a container that hangs
for done, and nobody is told. \`healthcheck.tests\` must be a command (\`["CMD", …]\` or \`["CMD-SHELL", …]\`). A check that
the image may bring along can't be seen from here and doesn't count. A container that runs once (\`mustRun: false\`, and
no \`restart\` that starts it again) is not judged.`,
  requirements: ["CS-003"],
  settings: {},
  types: [types.container],
  judge({ inputs }, _settings, violation) {
    if (runsOnce(inputs)) return;
    const tests = at(inputs, "healthcheck", "tests");
    const [kind, command] = items(tests);
    if (kind === unknown) {
      violation(
        "its health check is not known before the update; give `healthcheck.tests` a command that is known now",
      );
    } else if (kind === "NONE") {
      violation(`its health check is switched off (NONE); ${remedy}`);
    } else if (!isGiven(kind)) {
      violation(`it has no health check; ${remedy}`);
    } else if ((kind !== "CMD" && kind !== "CMD-SHELL") || !isGiven(command)) {
      violation(`its health check has no command; ${remedy}`);
    }
  },
});

const remedy =
  'set `healthcheck.tests` to a command that fails when the service does, such as ["CMD", "app", "health"]';

const isGiven = (word: Value): boolean => word !== undefined && word !== null && word !== "";
