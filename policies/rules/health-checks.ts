import { list, pattern } from "../../config/fields";
import { at, isOff, items, unknown, type Value } from "../resource";
import { resourcePolicy } from "../policy";
import { types } from "../types";

export default resourcePolicy({
  name: "health-checks",
  level: "mandatory",
  summary: "Every container has a health check.",
  doc: `A process that runs is not a service that answers: without a check the deployment takes a container that hangs
for done, and nobody is told. There are too many commands that end well whatever the service does, so \`healthcheck.tests\`
must be one that is known to fail with it: a page of the container's own that \`curl\` or \`wget\` asks for, \`psql\` or \`pg_isready\`,
what step-ca, Traefik and Authentik bring themselves, the one of Harbor's store, or one of \`commands\`. It comes once a minute at
least (\`interval\`, \`startInterval\`), waits for 30 s at most (\`timeout\`), and may fail ten times (\`retries\`), or for a quarter of
an hour at the start (\`startPeriod\`). A check that the image may bring along can't be seen from here and doesn't count.`,
  requirements: ["CS-003"],
  settings: {
    commands: list(pattern("the words of a command", "CMD app health", /^CMD(-SHELL)? \S.*$/))
      .prefault([])
      .describe(
        "Further commands that fail when their service does: the words of `healthcheck.tests`, joined with spaces.",
      ),
  },
  types: [types.container],
  judge({ inputs }, { commands }, violation) {
    const words = items(at(inputs, "healthcheck", "tests"));
    const [kind] = words;
    const command = words.map(String).join(" ");
    if (kind === unknown) {
      violation(
        "its health check is not known before the update; give `healthcheck.tests` a command that is known now",
      );
    } else if (kind === "NONE") {
      violation(`its health check is switched off (NONE); ${remedy}`);
    } else if (isOff(kind)) {
      violation(`it has no health check; ${remedy}`);
    } else if (!words.includes(unknown) && !commands.includes(command) && !known.some((each) => each.test(command))) {
      violation(
        `its health check (${command}) is none that is known to fail when the service does; ${remedy}, or put it into ` +
          "this policy's `commands` once you know that it can fail",
      );
    }
    for (const [property, most] of Object.entries(bounds)) {
      const value = at(inputs, "healthcheck", property);
      if (value === unknown || isOff(value) || inSeconds(value) <= most) continue;
      violation(`its \`healthcheck.${property}\` is ${String(value)}; set it to ${most}s at most`);
    }
    const retries = at(inputs, "healthcheck", "retries");
    if (retries !== unknown && !isOff(retries) && !(Number(retries) <= mostRetries))
      violation(`its \`healthcheck.retries\` is ${String(retries)}; set it to ${mostRetries} at most`);
  },
});

/** Words of a command, joined with spaces. A page is one of the container's own. */
const known: readonly RegExp[] = [
  /^CMD curl --fail --silent --output \/dev\/null http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\/[\w./-]*$/,
  /^CMD wget -q -O \/dev\/null http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\/[\w./-]*$/,
  /^CMD pg_isready --host=127\.0\.0\.1 --username=\w+ --dbname=\w+$/,
  /^CMD psql --host=127\.0\.0\.1 --username=\w+ --dbname=\w+ --command=SELECT 1$/,
  /^CMD step ca health$/,
  /^CMD traefik healthcheck --configFile=\/[\w./-]+$/,
  /^CMD ak healthcheck$/,
  /^CMD-SHELL \. \/run\/homelab\/store-login\.env && test "\$\(valkey-cli -h 127\.0\.0\.1 ping\)" = PONG$/,
];

/** The longest that each may be, in seconds. */
const bounds = { interval: 60, startInterval: 60, timeout: 30, startPeriod: 900 } as const;

const mostRetries = 10;

/** Seconds of a duration in Go's form, such as `1m30s`; not a number where it is none. */
function inSeconds(value: Value): number {
  const [, hours = 0, minutes = 0, seconds = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(String(value)) ?? [
    NaN,
    NaN,
  ];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

const remedy =
  "set `healthcheck.tests` to a command that fails when the service does, such as " +
  '["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]';
