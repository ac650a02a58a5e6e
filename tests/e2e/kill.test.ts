import { setTimeout as pause } from "node:timers/promises";

import { interrupted, killEngine, killTree, leftProcesses } from "../helpers/e2e/interruption";
import { changedConfig, exportedState, onConsole, onMachine, pulumi, services, start } from "../helpers/e2e/lab";

const minute = 60_000;

/** `npm run test:kill` makes 20. A campaign with the same seed kills at the same steps again. */
const kills = Number(process.env.KILLS ?? 1);
const seed = Number(process.env.KILL_SEED ?? Date.now() % 2 ** 31);

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
const random = ((state: number) => (): number => {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
})(seed);

/**
 * Two catalogues. From one to the other something of every kind is created, updated, replaced and deleted: an entry with
 * its route, certificate and objects in Authentik; a person and an entry; the CA's and the edge's file and container.
 */
const variants = [
  { entry: "docs", leafValidity: "8640h", person: "Anna Maier", description: "What a request looks like" },
  { entry: "wiki", leafValidity: "8712h", person: "Anna Meyer", description: "What came of a request" },
].map(({ entry, leafValidity, person, description }) =>
  changedConfig((config) => {
    config["homelab:pki"] = { ...config["homelab:pki"], leafValidity };
    const [anna] = (config["homelab:sso"] as { users: Record<string, unknown>[] }).users;
    Object.assign(anna ?? {}, { name: person });
    Object.assign(services(config).find(({ name }) => name === "whoami") ?? {}, { description });
    services(config).push({ name: entry, upstream: "http://198.18.60.1:3000", auth: "proxy", groups: ["family"] });
  }),
);

/** A step of an update that begins or ends; a preview's lines have no time. */
const stepsIn = (output: string): number =>
  output.match(/ (creat|updat|delet|replac)(ing|ed)\b[^(\n]*\(\d/g)?.length ?? 0;

interface Deployment {
  resources: { type: string; id: string }[];
  pending_operations?: unknown[];
}

/** One `npm start` is enough: nothing pending, missing, doubled or drifted, and no process left. */
async function expectConverged(env?: NodeJS.ProcessEnv): Promise<string> {
  const { code, output } = await start(env);
  expect(code).toBe(0);
  expect((await pulumi(["preview", "--refresh", "--expect-no-changes"], env)).code).toBe(0);
  const { deployment } = JSON.parse(await exportedState()) as { deployment: Deployment };
  expect(deployment.pending_operations ?? []).toEqual([]);
  for (const [kind, list] of [
    ["container", "ps --all"],
    ["network", "network ls"],
  ] as const) {
    const { output: ids } = await onMachine(`sudo docker ${list} --no-trunc --quiet --filter label=arpa.home.machine`);
    const known = deployment.resources.filter(({ type }) => type.startsWith(`docker:index/${kind}:`));
    expect(ids.trim().split(/\s+/).sort()).toEqual(known.map(({ id }) => id).sort());
  }
  for (let waited = 0; waited < 10 && leftProcesses().length > 0; waited += 1) await pause(500);
  expect(leftProcesses()).toEqual([]);
  return output;
}

beforeAll(async () => {
  console.info(`Kills at random: ${kills}, KILL_SEED=${seed}`);
  expect((await start()).code).toBe(0);
}, 60 * minute);

/** Steps of a whole change, as far as it is known by now: some are counted twice after a kill. */
let steps = 0;
let changes = 0;

test(
  "A8: killed while the CA's container is replaced, an update is finished by the next npm start",
  async () => {
    const [env] = variants;
    const isMoment = (output: string): boolean => output.includes("pki-step-ca creating replacement");
    // The new container is there, and not yet healthy.
    const wait = async (): Promise<void> => {
      const starting = "docker ps --quiet --filter name=pki-step-ca --filter health=starting";
      while ((await onConsole("sh", "-c", starting)).output.trim() === "") await pause(50);
    };
    const { reached, output } = await interrupted(isMoment, killTree, { env, wait });
    expect(reached).toBe(true);
    const rest = await expectConverged(env);
    expect(rest).toContain("The last update was killed while it made pki-step-ca: removed, to be made anew.");
    steps = stepsIn(output) + stepsIn(rest);
  },
  20 * minute,
);

test.each(Array.from({ length: kills }, (_, index) => index + 1))(
  "A7, A8: killed at random (%i), an update is finished by the next npm start, and no process is left",
  async (round) => {
    const interrupt = random() < 0.5 ? killEngine : killTree;
    const delay = Math.floor(random() * 2_000);
    for (;;) {
      const env = variants[(changes += 1) % variants.length];
      const moment = 1 + Math.floor(random() * steps);
      console.info(`Kill ${round} (KILL_SEED=${seed}): ${delay} ms after step ${moment} of about ${steps}`);
      const killed = await interrupted((output) => stepsIn(output) >= moment, interrupt, {
        env,
        wait: () => pause(delay),
      });
      const rest = await expectConverged(env);
      steps = stepsIn(killed.output) + stepsIn(rest);
      if (killed.reached) return;
    }
  },
  20 * minute,
);
