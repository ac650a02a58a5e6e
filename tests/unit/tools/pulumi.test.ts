import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

import { driftRun, isJudged, judgedRun } from "../../../tools/judged-run";
import { readArguments, type PulumiArguments } from "../../../tools/pulumi-arguments";
import { refreshVm } from "../../../tools/refresh-vm";
import { attach, elapsed } from "../../../tools/run";
import { knownState } from "../../../tools/stack";
import { uncomparedVariable } from "../../../providers/dynamic/uncompared";

describe("the wrapper's reading of Pulumi's arguments", () => {
  const nothing = { scope: [], helps: false, refreshes: false, debugs: false, skipsPreview: false, markdown: false };

  it.each<[string, Partial<PulumiArguments>]>([
    ["up", { command: "up" }],
    ["-C elsewhere up --yes", { command: "up", scope: ["-C", "elsewhere"] }],
    ["up -s lab --color never", { command: "up", scope: ["-s", "lab"], stack: "lab" }],
    ["--stack=lab update", { command: "update", scope: ["--stack", "lab"], stack: "lab" }],
    ["up -slab", { command: "up", scope: ["-s", "lab"], stack: "lab" }],
    ["up -ys=lab", { command: "up", scope: ["-s", "lab"], stack: "lab" }],
    ["-Qv 9 up", { command: "up" }],
    ["--memprofilerate 1 up", { command: "up" }],
    ["--otel-traces file up", { command: "up" }],
    ["up --refresh", { command: "up", refreshes: true }],
    ["up --refresh=false", { command: "up" }],
    ["up --help", { command: "up", helps: true }],
    ["up -f", { command: "up", skipsPreview: true }],
    ["preview --debug", { command: "preview", debugs: true }],
    ["preview -d", { command: "preview", debugs: true }],
    ["up -yf", { command: "up", skipsPreview: true }],
    ["up -fr", { command: "up", skipsPreview: true, refreshes: true }],
    ["up -mfirst", { command: "up" }],
    ["up -m -f", { command: "up" }],
    ["up -ca:f=-f", { command: "up" }],
    ["up -- -f", { command: "up" }],
    ["up --skip-preview=true", { command: "up", skipsPreview: true }],
    ["up --skip-preview=false", { command: "up" }],
    ["preview --stack up", { command: "preview", scope: ["--stack", "up"], stack: "up" }],
    ["config set up value", { command: "config" }],
    ["--version", {}],
  ])("%s", (line, expected) => {
    expect(readArguments(line.split(" "))).toEqual({ ...nothing, args: line.split(" "), ...expected });
  });

  it("asks for help alone, where Pulumi may read --help as the text of a message, and deploy", () => {
    expect(readArguments(["up", "--message", "--help", "--yes"])).toMatchObject({
      helps: true,
      args: ["up", "--help"],
    });
    expect(readArguments(["stack", "ls", "--all", "--help"]).args).toEqual(["stack", "ls", "--all", "--help"]);
  });

  it("keeps --markdown, which is this project's own, from Pulumi", () => {
    const read = readArguments(["preview", "--markdown", "--stack", "lab"]);
    expect(read.markdown).toBe(true);
    expect(read.args).toEqual(["preview", "--stack", "lab"]);
  });

  it.each([
    ["preview", true],
    ["pre", true],
    ["watch", true],
    ["up", true],
    ["update", true],
    ["up --help", false],
    ["refresh", false],
    ["destroy", false],
    ["stack ls", false],
  ])("the policies judge %s: %s", (line, judged) => {
    expect(isJudged(readArguments(line.split(" ")))).toBe(judged);
  });
});

describe("an update", () => {
  it("is refused without the preview in which the policies judge the whole stack", async () => {
    const read = { ...readArguments(["up", "--skip-preview"]), stack: "lab" };
    await expect(judgedRun({ pulumi: "false" }, read)).rejects.toThrow(
      "--skip-preview would make resources before the policies of the whole stack have judged them; leave it out " +
        "(--yes does not ask, and still previews)",
    );
  });

  it("is no watch, which never previews", async () => {
    await expect(judgedRun({ pulumi: "false" }, { ...readArguments(["watch"]), stack: "lab" })).rejects.toThrow(
      "watch would make resources before the policies of the whole stack have judged them; run `up` after each change",
    );
  });

  it("previews whatever the environment says", async () => {
    const folder = mkdtempSync(join(tmpdir(), "homelab-test-"));
    const [pulumi, said] = [join(folder, "pulumi"), join(folder, "said")];
    writeFileSync(pulumi, `#!/bin/sh\necho "$@" >${said}\n`, { mode: 0o700 });
    await judgedRun({ pulumi }, { ...readArguments(["up", "--yes"]), stack: "lab" });
    expect(readFileSync(said, "utf8")).toMatch(/^up --yes --skip-preview=false --policy-pack /);
    rmSync(folder, { recursive: true });
  });
});

describe("looking for drift", () => {
  /** The exit code where Pulumi has this one and providers noted this, and what was printed. */
  const drift = async (code: number, noted: string, ...more: string[]) => {
    const folder = mkdtempSync(join(tmpdir(), "homelab-test-"));
    const pulumi = join(folder, "pulumi");
    const events = JSON.stringify({ preludeEvent: {} }) + JSON.stringify({ summaryEvent: { resourceChanges: {} } });
    const note = noted === "" ? "" : `printf '${noted}' >>"$${uncomparedVariable}"\n`;
    writeFileSync(pulumi, `#!/bin/sh\n${note}echo '${events}' >"$5"\nexit ${code}\n`, { mode: 0o700 });
    const [error, output] = ["stderr", "stdout"].map((name) =>
      jest.spyOn(process[name as "stderr"], "write").mockReturnValue(true),
    );
    const result = await driftRun({ pulumi }, { ...readArguments(["drift", ...more]), stack: "lab" });
    const printed = [error, output].map((each) => each?.mock.calls.join(""));
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
    return [result, ...printed];
  };
  const down = "error: machine 192.168.1.60 was not compared with the state; a warning above says why\n";

  it.each([
    ["finds none", 0, "", [0, "", ""]],
    ["finds it", 7, "", [7, "", ""]],
    ["finds no answer where a machine was not asked", 0, "machine 192.168.1.60\\n".repeat(2), [1, down, ""]],
    ["finds some, and names what was not asked", 7, "machine 192.168.1.60\\n", [7, down, ""]],
    ["fails, and names what was not asked", 255, "machine 192.168.1.60\\n", [255, down, ""]],
    [
      "finds no answer where several were not asked",
      0,
      "machine 192.168.1.60\\nHarbor\\n",
      [1, down + down.replace("machine 192.168.1.60", "Harbor"), ""],
    ],
  ])("Reliability: %s", async (_what, code, noted, expected) => {
    expect(await drift(code, noted)).toEqual(expected);
  });

  it("Reliability: says in a comment too that nothing is known of what was not asked", async () => {
    const [code, , output] = await drift(0, "machine 192.168.1.60\\n", "--markdown");
    expect(code).toBe(1);
    expect(output).toContain(" of `lab`: nothing found, and not everything compared");
    expect(output).toContain("\n\n**machine 192.168.1.60 was not compared.**\n");
    expect(output).not.toContain("no drift");
  });
});

describe("the refresh of the VM before an update", () => {
  const vm = "urn:pulumi:lab::homelab::proxmoxve:index/vmLegacy:VmLegacy::tooling";
  const state = (...resources: object[]) => JSON.stringify({ deployment: { resources } });
  const inState = { urn: vm, type: "proxmoxve:index/vmLegacy:VmLegacy", inputs: { password: "in-the-state" } };

  /** A Pulumi that answers each call in turn, and the calls it got. */
  const pulumi = (...answers: [code: number, stdout: string][]) => {
    const calls: string[] = [];
    return {
      calls,
      run: (args: readonly string[]) => {
        const [code, stdout] = answers[calls.length] ?? [99, ""];
        calls.push(args.join(" "));
        return Promise.resolve({ code, stdout, stderr: "" });
      },
    };
  };
  const report = jest.fn();
  beforeEach(() => report.mockReset());

  it("refreshes the VM alone", async () => {
    const { run, calls } = pulumi([0, state({ urn: "other", type: "docker:index/network:Network" }, inState)], [0, ""]);
    await refreshVm(run, await knownState(run), report);
    expect(calls).toEqual([
      "stack export --non-interactive",
      `refresh --yes --skip-preview --non-interactive --suppress-progress --color never --target ${vm}`,
    ]);
    expect(report.mock.calls.flat().join()).not.toContain("in-the-state");
  });

  it.each<[string, [number, string]]>([
    ["there is no stack yet", [255, ""]],
    ["the stack is empty", [0, '{"deployment":{}}']],
    ["the stack has no VM", [0, state({ urn: "other", type: "docker:index/network:Network" })]],
    ["the VM is about to be deleted anyway", [0, state({ ...inState, delete: true })]],
  ])("does nothing when %s", async (_, answer) => {
    const { run, calls } = pulumi(answer);
    await refreshVm(run, await knownState(run), report);
    expect(calls).toHaveLength(1);
  });

  it("A8: forgets a backup job that is gone, of which Proxmox says so as of a failure", async () => {
    const job = "urn:pulumi:lab::homelab::proxmoxve:backup/job:Job::tooling-backup";
    const gone = "error: Unable to Read Backup Job: 400 Parameter verification failed. (id: No such job 'tooling')";
    const both = state(inState, { urn: job, type: "proxmoxve:backup/job:Job" });
    const { run, calls } = pulumi([0, both], [1, gone], [0, ""], [0, ""]);
    await refreshVm(run, await knownState(run), report);
    expect(calls.slice(2)).toEqual([
      `state delete ${job} --yes --non-interactive`,
      `refresh --yes --skip-preview --non-interactive --suppress-progress --color never --target ${vm}`,
    ]);
  });

  it("stops the update when it fails, with what Pulumi said and nothing of the state", async () => {
    const { run } = pulumi([0, state(inState)], [1, "error: dial tcp 192.168.1.10:8006: connection refused"]);
    const failure: unknown = await refreshVm(run, await knownState(run), report).catch((error: unknown) => error);
    expect(String(failure)).toContain("connection refused");
    expect(String(failure)).not.toContain("in-the-state");
  });
});

describe("a command on our own terminal", () => {
  it.each(["SIGTERM", "SIGHUP"] as const)("ends with us on %s, and leaves us the time to clean up", async (signal) => {
    const [before, ended] = [process.listenerCount(signal), attach("sleep", ["60"])];
    process.emit(signal);
    expect(await ended).toBe(128 + constants.signals.SIGTERM);
    expect(process.listenerCount(signal)).toBe(before);
  });
});

describe("elapsed", () => {
  it("counts seconds, then minutes", () => {
    expect(elapsed(0, 8_400)).toBe("8 s");
    expect(elapsed(0, 200_000)).toBe("3 min 20 s");
  });
});
