import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { projectRoot } from "../../../tools/versions";
import { buildProgram } from "../../helpers/contract/programs";

/** What of a workflow file these tests look at. */
interface Workflow {
  on: Record<string, { branches?: string[] } | null>;
  permissions: unknown;
  concurrency?: Concurrency;
  env?: unknown;
  jobs: Record<string, Job>;
}

interface Job {
  if?: string;
  needs?: string;
  "runs-on": string | string[];
  environment?: string;
  "timeout-minutes"?: number;
  permissions?: Record<string, string>;
  concurrency?: Concurrency;
  steps: Step[];
}

interface Step {
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
}

interface Concurrency {
  group: string;
  "cancel-in-progress": boolean;
}

const folder = join(projectRoot, ".github", "workflows");
const names = readdirSync(folder).sort();
const text = (name: string): string => readFileSync(join(folder, name), "utf8");
const workflow = (name: string): Workflow => parse(text(name)) as Workflow;

/** Every job, as `<file> <job>`. */
const jobs = names.flatMap((file) => Object.entries(workflow(file).jobs).map(([id, job]) => ({ file, id, job })));
const steps = jobs.flatMap(({ file, id, job }) => job.steps.map((step) => ({ at: `${file} ${id}`, step })));
const scripts = steps.flatMap(({ at, step }) => (step.run === undefined ? [] : [{ at, run: step.run }]));
const which = (test: (job: Job) => boolean): string[] =>
  jobs.filter(({ job }) => test(job)).map(({ file, id }) => `${file} ${id}`);

const needsSecret = (job: Job): boolean => /\bsecrets\b/.test(JSON.stringify(job));
const selfHosted = (job: Job): boolean => job["runs-on"] !== "ubuntu-24.04";

const hasGo = spawnSync("go", ["version"]).status === 0;

(hasGo || process.env.CI === "true" ? describe : describe.skip)("actionlint (needs Go)", () => {
  let actionlint: string;
  beforeAll(async () => {
    actionlint = await buildProgram("actionlint", "github.com/rhysd/actionlint/cmd/actionlint");
  }, 300_000);

  // Without shellcheck, which not every computer has.
  const lint = (args: string[], input = "") =>
    spawnSync(actionlint, ["-no-color", "-shellcheck=", "-config-file", ".github/actionlint.yaml", ...args], {
      cwd: projectRoot,
      encoding: "utf8",
      input,
    });

  it("finds nothing in the workflows", () => {
    const { status, stdout, stderr } = lint(names.map((name) => join(folder, name)));
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  it("is a check that can fail: a pull request's title in a shell", () => {
    const run = "echo ${{ github.event.pull_request.title }}";
    const bad = text("preview.yml").replace('sudo -E env "PATH=$PATH" .ci/run', run);
    expect(lint(["-"], bad).stdout).toMatch(/"github.event.pull_request.title" is potentially untrusted/);
  });
});

describe("the workflows", () => {
  it("are these", () => {
    expect(names).toEqual(["drift-watch.yml", "drift.yml", "preview.yml", "up.yml"]);
  });

  it("run for nothing but pull requests, main, a schedule or a person; never with a secret for a fork's code", () => {
    expect(Object.fromEntries(names.map((name) => [name, Object.keys(workflow(name).on)]))).toEqual({
      "drift-watch.yml": ["schedule", "workflow_dispatch"],
      "drift.yml": ["schedule", "workflow_dispatch"],
      "preview.yml": ["pull_request"],
      "up.yml": ["push", "workflow_dispatch"],
    });
    expect(workflow("up.yml").on.push?.branches).toEqual(["main"]);
  });

  it("pin every action by digest and say its version", () => {
    const uses = names.flatMap((name) => [...text(name).matchAll(/uses: *(.*)/g)].map((match) => match[1] ?? ""));
    expect(uses.length).toBe(steps.filter(({ step }) => step.uses !== undefined).length);
    expect(uses.filter((use) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use))).toEqual([]);
    expect([...new Set(uses.map((use) => use.split("@")[0]))].sort()).toEqual([
      "actions/checkout",
      "actions/setup-node",
    ]);
  });

  it("let no text of an event into a shell", () => {
    expect(scripts.filter(({ run }) => run.includes("${{"))).toEqual([]);
    expect(names.filter((name) => /^ *(- )?(shell|defaults):/m.test(text(name)))).toEqual([]);
  });

  it("leave no credentials in a checkout", () => {
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@"));
    expect(checkouts.filter(({ step }) => step.with?.["persist-credentials"] !== false)).toEqual([]);
    expect(checkouts.filter(({ step }) => step.with?.ref !== undefined)).toEqual([]);
  });

  it("give no permission but those a job names, and write only where something is reported", () => {
    expect(names.map((name) => workflow(name).permissions)).toEqual(names.map(() => ({})));
    const written = jobs.map(({ file, id, job }) => [
      `${file} ${id}`,
      Object.entries(job.permissions ?? { all: "write" }).flatMap(([what, how]) => (how === "write" ? [what] : [])),
    ]);
    expect(Object.fromEntries(written)).toEqual({
      "drift-watch.yml drift-watch": ["issues"],
      "drift.yml drift": ["issues"],
      "preview.yml checks": [],
      "preview.yml homelab": ["pull-requests"],
      "preview.yml lab": [],
      "up.yml drift-watch": ["issues"],
      "up.yml preview": [],
      "up.yml up": [],
    });
  });

  it("bound every job's time", () => {
    expect(which((job) => typeof job["timeout-minutes"] !== "number")).toEqual([]);
  });

  it("use only commands that there are", () => {
    const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const used = scripts.flatMap(({ run }) => [...run.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map((m) => m[1]));
    expect([...new Set(used)].sort()).toEqual(["build", "drift", "lab:pulumi", "preview", "up"]);
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining([...used, "start"]));
  });
});

describe("a secret and the runner in the house", () => {
  const trusted = ["drift.yml drift", "preview.yml homelab", "up.yml preview", "up.yml up"];

  it("are together, and only in jobs that no fork reaches", () => {
    expect(which(needsSecret).sort()).toEqual(trusted);
    expect(which(selfHosted).sort()).toEqual(trusted);
    const guards = jobs.filter(({ job }) => needsSecret(job)).map(({ file, job }) => [file, job.if]);
    expect(guards).toEqual([
      ["drift.yml", "github.ref == 'refs/heads/main'"],
      ["preview.yml", "github.event.pull_request.head.repo.full_name == github.repository"],
      ["up.yml", "github.ref == 'refs/heads/main'"],
      ["up.yml", "github.ref == 'refs/heads/main'"],
    ]);
  });

  it("meet only in steps that run Pulumi: installing packages and reporting see none", () => {
    expect(names.filter((name) => workflow(name).env !== undefined)).toEqual([]);
    expect(which((job) => "env" in job)).toEqual([]);
    const withSecrets = steps.filter(({ step }) => JSON.stringify(step).includes("secrets."));
    expect(withSecrets.map(({ step }) => /^npm run (--silent )?(preview|up|drift) /m.test(step.run ?? ""))).toEqual(
      trusted.map(() => true),
    );
  });
});

describe("up", () => {
  const up = workflow("up.yml").jobs.up;

  it("waits for an approval, never overlaps another, and is never cancelled by one", () => {
    expect(up?.environment).toBe("homelab");
    expect(up?.concurrency).toEqual({ group: "homelab-up", "cancel-in-progress": false });
    expect(which((job) => job.environment !== undefined)).toEqual(["up.yml up"]);
  });

  it("does not start where nobody has to approve", () => {
    const { preview } = workflow("up.yml").jobs;
    expect(preview?.steps.at(-1)).toMatchObject({ run: "node .github/scripts/require-approval.mjs homelab" });
    expect(up?.needs).toBe("preview");
  });

  it("shows and sets right what was changed by hand: the preview and the update compare everything first", () => {
    const runs = scripts.filter(({ at, run }) => at.startsWith("up.yml") && /npm run .*(preview|up) /.test(run));
    expect(runs).toEqual([
      {
        at: "up.yml preview",
        run: 'npm run --silent preview -- --stack homelab --refresh --markdown > "$RUNNER_TEMP/preview.md"',
      },
      { at: "up.yml up", run: "npm run up -- --stack homelab --refresh --yes" },
    ]);
  });

  it("previews with the policies and leaves nothing of them out", () => {
    expect(scripts.filter(({ run }) => /--skip-preview|\s-f\b/.test(run))).toEqual([]);
  });
});
