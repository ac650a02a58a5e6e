import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { projectRoot } from "../../../tools/versions";

/**
 * The scripts with which the workflows report, run as the workflows run them, against a stand-in for GitHub's API that
 * serves `answers` by path and records what is written.
 */
const scripts = resolve(projectRoot, ".github/scripts");
const run = "https://github.example/me/homelab/actions/runs/7";
const bot = { login: "github-actions[bot]" };
const somebody = { login: "somebody" };
const preview = "<!-- homelab-preview:homelab -->";
const drift = "<!-- homelab-drift:homelab -->";

let answers: Record<string, unknown>;
let written: string[];
let server: Server;
let home: string;
let event: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "homelab-github-"));
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const path = (request.url ?? "").replace("/repos/me/homelab", "");
      if (request.headers.authorization !== "Bearer token") return response.writeHead(401).end("Bad credentials");
      if (request.method !== "GET") written.push(`${request.method ?? ""} ${path} ${body}`);
      const answer = request.method === "GET" ? answers[path] : {};
      if (answer === undefined) return response.writeHead(404).end("Not Found");
      response.end(JSON.stringify(answer));
    });
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
});
afterAll(() => {
  server.close();
  rmSync(home, { recursive: true });
});
beforeEach(() => {
  answers = {};
  written = [];
  event = "push";
});

function script(name: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const env = {
    PATH: process.env.PATH,
    GITHUB_API_URL: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    GITHUB_EVENT_NAME: event,
    GITHUB_REPOSITORY: "me/homelab",
    GITHUB_RUN_ID: "7",
    GITHUB_SERVER_URL: "https://github.example",
    GITHUB_TOKEN: "token",
  };
  const child = spawn(process.execPath, [join(scripts, name), ...args], { env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((done) => child.on("close", (code) => done({ code, output })));
}

function file(text: string): string {
  const path = join(home, "body.md");
  writeFileSync(path, text);
  return path;
}

const ok = { code: 0, output: "" };
const firstPage = (path: string): string => `${path}per_page=100&page=1`;

describe("the comment on a pull request", () => {
  const comments = "/issues/12/comments?";
  const keep = (path: string) => script("keep-one.mjs", "comment", "12", "homelab-preview:homelab", path);
  const text = `${preview}\n# Preview\n\`$(id)\` "quoted"\n`;
  const body = JSON.stringify({ body: text });

  it("is made where there is none", async () => {
    answers[firstPage(comments)] = [{ id: 1, user: bot, body: "<!-- homelab-preview:lab -->\n" }];
    expect(await keep(file(text))).toEqual(ok);
    expect(written).toEqual([`POST /issues/12/comments ${body}`]);
  });

  it("is updated where there is one", async () => {
    answers[firstPage(comments)] = [{ id: 5, user: bot, body: `${preview}\nold` }];
    expect(await keep(file(text))).toEqual(ok);
    expect(written).toEqual([`PATCH /issues/comments/5 ${body}`]);
  });

  it("is never somebody else's, though it has the marker, nor one that only quotes it", async () => {
    answers[firstPage(comments)] = [
      { id: 1, user: somebody, body: `${preview}\nmine` },
      { id: 2, user: bot, body: `> ${preview}` },
      { id: 3, user: null, body: null },
    ];
    expect(await keep(file(text))).toEqual(ok);
    expect(written).toEqual([`POST /issues/12/comments ${body}`]);
  });

  it("is the oldest of several, also from later pages", async () => {
    answers[firstPage(comments)] = Array.from({ length: 100 }, (_, n) => ({ id: 100 + n, user: somebody, body: "" }));
    answers["/issues/12/comments?per_page=100&page=2"] = [
      { id: 302, user: bot, body: preview },
      { id: 301, user: bot, body: preview },
    ];
    expect(await keep(file(text))).toEqual(ok);
    expect(written).toEqual([`PATCH /issues/comments/301 ${body}`]);
  });

  it.each([
    ["no file", () => join(home, "absent.md")],
    ["an empty file", () => file("")],
    ["the file of something else", () => file("error: it went wrong")],
  ])("says that the run failed when there is %s, instead of an earlier preview", async (_, path) => {
    answers[firstPage(comments)] = [{ id: 5, user: bot, body: `${preview}\nold` }];
    expect(await keep(path())).toEqual(ok);
    const failed = `${preview}\nThis run failed before it had a result: ${run}\n`;
    expect(written).toEqual([`PATCH /issues/comments/5 ${JSON.stringify({ body: failed })}`]);
  });

  it("fails with GitHub's words when GitHub refuses", async () => {
    const { code, output } = await keep(file(text));
    expect(code).toBe(1);
    expect(output).toContain("GitHub answered 404 to GET /issues/12/comments?per_page=100&page=1: Not Found");
    expect(written).toEqual([]);
  });
});

describe("the issue about drift", () => {
  const open = firstPage("/issues?state=open&");
  const text = `${drift}\n# Drift\n`;
  const body = JSON.stringify({ title: "Drifted", body: text });
  const keep = () => script("keep-one.mjs", "issue", "homelab-drift:homelab", "Drifted", file(text));
  const close = () => script("keep-one.mjs", "close", "homelab-drift:homelab");
  const others = [
    { id: 1, number: 1, user: somebody, body: drift },
    { id: 2, number: 2, user: bot, body: drift, pull_request: {} },
    { id: 3, number: 3, user: bot, body: "<!-- homelab-drift-silence -->" },
  ];

  it("is opened where none is open, and leaves others alone", async () => {
    answers[open] = others;
    expect(await keep()).toEqual(ok);
    expect(written).toEqual([`POST /issues ${body}`]);
  });

  it("is updated where one is open", async () => {
    answers[open] = [...others, { id: 50, number: 9, user: bot, body: `${drift}\nold` }];
    expect(await keep()).toEqual(ok);
    expect(written).toEqual([`PATCH /issues/9 ${body}`]);
  });

  it("is closed once the drift is gone, and nothing is said where none was open", async () => {
    answers[open] = [...others, { id: 50, number: 9, user: bot, body: drift }];
    expect(await close()).toEqual(ok);
    expect(written).toEqual([
      `POST /issues/9/comments {"body":"This is over: ${run}"}`,
      'PATCH /issues/9 {"state":"closed","state_reason":"completed"}',
    ]);
    written = [];
    answers[open] = others;
    expect(await close()).toEqual(ok);
    expect(written).toEqual([]);
  });
});

describe("the watch over the drift check", () => {
  const runs = "/actions/workflows/drift.yml/runs?branch=main&status=success&per_page=1";
  const issues = firstPage("/issues?state=open&");
  const silence = { id: 60, number: 10, user: bot, body: "<!-- homelab-drift-silence -->\nold" };
  const watch = () => script("watch-drift.mjs", "3");
  const daysAgo = (days: number): string => new Date(Date.now() - days * 24 * 3600 * 1000).toISOString();

  it("opens an issue when the last answer is too old, and says of when it is", async () => {
    const last = daysAgo(3.1);
    answers = { [runs]: { workflow_runs: [{ run_started_at: last }] }, [issues]: [] };
    expect(await watch()).toEqual(ok);
    expect(written).toEqual([
      expect.stringMatching(
        /^POST \/issues {"title":"Drift is not being checked","body":"<!-- homelab-drift-silence -->/,
      ),
    ]);
    expect(written[0]).toContain(`The last drift check that came to an answer is of ${last}.`);
  });

  it("updates that issue when there never was an answer", async () => {
    answers = { [runs]: { workflow_runs: [] }, [issues]: [silence] };
    expect(await watch()).toEqual(ok);
    expect(written).toEqual([expect.stringMatching(/^PATCH \/issues\/10 .*No drift check ever came to an answer\./)]);
  });

  it("closes it when there is a fresh answer", async () => {
    answers = { [runs]: { workflow_runs: [{ run_started_at: daysAgo(2.9) }] }, [issues]: [silence] };
    expect(await watch()).toEqual(ok);
    expect(written.map((line) => line.split(" {")[0])).toEqual(["POST /issues/10/comments", "PATCH /issues/10"]);
  });
});

describe("the approval of an update", () => {
  const environment = "/environments/homelab";
  const reviewed = { protection_rules: [{ type: "branch_policy" }, { type: "required_reviewers" }] };
  const check = () => script("require-approval.mjs", "homelab");
  const nobody =
    'Nobody has to approve the environment "homelab". Add required reviewers (Settings > Environments), ' +
    "or start this workflow by hand (Actions > Up > Run workflow).";

  it("is required where the environment has reviewers", async () => {
    answers[environment] = reviewed;
    expect(await check()).toEqual(ok);
  });

  it.each([
    ["has no reviewers", { protection_rules: [{ type: "branch_policy" }] }],
    ["has no rules", {}],
    ["does not exist", undefined],
  ])("stops a push where the environment %s", async (_, answer) => {
    answers[environment] = answer;
    const { code, output } = await check();
    expect(code).toBe(1);
    expect(output).toContain(nobody);
  });

  it("is given by whoever starts the workflow", async () => {
    event = "workflow_dispatch";
    expect(await check()).toEqual(ok);
  });
});
