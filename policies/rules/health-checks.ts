import { runsOnce } from "../containers";
import { at, items, unknown, type Value } from "../resource";
import { resourcePolicy } from "../policy";
import { types } from "../types";

export default resourcePolicy({
  name: "health-checks",
  level: "mandatory",
  summary: "Every container has a health check.",
  doc: `A process that runs is not a service that answers: without a check the deployment takes a container that hangs
for done, and nobody is told. \`healthcheck.tests\` must be a command (\`["CMD", …]\` or \`["CMD-SHELL", …]\`) that can
fail: not \`true\`, and none whose failure is followed by \`|| true\`. A check that the image may bring along can't be seen from
here and doesn't count. A container that runs once (\`mustRun: false\`, and no \`restart\`) is not judged.`,
  requirements: ["CS-003"],
  settings: {},
  types: [types.container],
  judge({ inputs }, _settings, violation) {
    if (runsOnce(inputs)) return;
    const tests = at(inputs, "healthcheck", "tests");
    const [kind, ...words] = items(tests);
    const [command] = words;
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
    } else if (!canFail(words)) {
      violation(`its health check can't fail; ${remedy}`);
    }
  },
});

/** Programs that end well whatever the service does. */
const harmless = /^(\S*\/)?(true|:|echo|printf|sleep|exit( 0)?$|test 1$|\[ 1 \]$)(\s|$)/;

/** The last command of a line decides how it ends. What isn't known may be one that can fail. */
function canFail(words: readonly Value[]): boolean {
  if (words.includes(unknown)) return true;
  const line = words
    .map(String)
    .join(" ")
    .replace(/^(\S*\/)?(sh|bash|dash|ash|busybox sh) -\w*c /, "");
  const last =
    line
      .split(/;|\|\||&&|\n/)
      .at(-1)
      ?.trim() ?? "";
  return last !== "" && !harmless.test(last);
}

const remedy =
  'set `healthcheck.tests` to a command that fails when the service does, such as ["CMD", "app", "health"]';

const isGiven = (word: Value): boolean => word !== undefined && word !== null && word !== "";
