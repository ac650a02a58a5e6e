import { readArguments } from "../../tools/pulumi-arguments";
import { refreshVm } from "../../tools/refresh-vm";
import { elapsed } from "../../tools/run";

describe("the wrapper's reading of Pulumi's arguments", () => {
  it.each<[string, ReturnType<typeof readArguments>]>([
    ["up", { command: "up", scope: [], updatesWithoutRefresh: true }],
    ["-C elsewhere up --yes", { command: "up", scope: ["-C", "elsewhere"], updatesWithoutRefresh: true }],
    ["up -s lab --color never", { command: "up", scope: ["-s", "lab"], updatesWithoutRefresh: true }],
    ["--stack=lab update", { command: "update", scope: ["--stack=lab"], updatesWithoutRefresh: true }],
    ["up --refresh", { command: "up", scope: [], updatesWithoutRefresh: false }],
    ["up --refresh=false", { command: "up", scope: [], updatesWithoutRefresh: true }],
    ["up --help", { command: "up", scope: [], updatesWithoutRefresh: false }],
    ["preview --stack up", { command: "preview", scope: ["--stack", "up"], updatesWithoutRefresh: false }],
    ["config set up value", { command: "config", scope: [], updatesWithoutRefresh: false }],
    ["--version", { command: undefined, scope: [], updatesWithoutRefresh: false }],
  ])("%s", (line, expected) => {
    expect(readArguments(line.split(" "))).toEqual(expected);
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

  it("refreshes the VM alone, in the stack that will be updated", async () => {
    const { run, calls } = pulumi([0, state({ urn: "other", type: "docker:index/network:Network" }, inState)], [0, ""]);
    await refreshVm(run, ["--stack", "lab"], report);
    expect(calls).toEqual([
      "stack export --non-interactive --stack lab",
      "refresh --yes --skip-preview --non-interactive --suppress-progress --color never --stack lab " +
        `--target ${vm}`,
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
    await refreshVm(run, [], report);
    expect(calls).toHaveLength(1);
  });

  it("stops the update when it fails, with what Pulumi said and nothing of the state", async () => {
    const { run } = pulumi([0, state(inState)], [1, "error: dial tcp 192.168.1.10:8006: connection refused"]);
    const failure: unknown = await refreshVm(run, [], report).catch((error: unknown) => error);
    expect(String(failure)).toContain("connection refused");
    expect(String(failure)).not.toContain("in-the-state");
  });
});

describe("elapsed", () => {
  it("counts seconds, then minutes", () => {
    expect(elapsed(0, 8_400)).toBe("8 s");
    expect(elapsed(0, 200_000)).toBe("3 min 20 s");
  });
});
