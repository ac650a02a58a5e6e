import { readEvents } from "../../../../tools/preview/events";
import {
  diagnostic,
  failure,
  log,
  recorded,
  result,
  secret,
  stackJudged,
  step,
  success,
  urn,
  violation,
} from "../../../helpers/unit/fixtures/preview/log";

const container = "docker:Container";

describe("an event log of the real engine", () => {
  test("tells of creates and updates, and of neither default providers nor reads", () => {
    expect(readEvents(recorded("changes"))).toEqual({
      changes: [
        { kind: "update", type: "homelab:edge:Edge", name: "edge", properties: [{ path: "services" }] },
        { kind: "create", type: "command:remote:Command", name: "edge-certificate-docs", properties: [] },
        { kind: "create", type: "homelab:edge:ServedCertificate", name: "edge-certificate-docs", properties: [] },
        { kind: "create", type: "command:remote:Command", name: "edge-route-docs", properties: [] },
        { kind: "create", type: "homelab:host:File", name: "edge-route-docs", properties: [] },
        {
          kind: "update",
          type: "homelab:host:ToolingVm",
          name: "tooling",
          properties: [{ path: "vm.memory", values: [6442450944, 8589934592] }],
        },
        {
          kind: "update",
          type: "proxmoxve:VmLegacy",
          name: "tooling",
          properties: [{ path: "memory.dedicated", values: [6144, 8192] }],
        },
      ],
      unchanged: 4,
      policies: ["container-limits", "edge-only"],
      violations: [{ policy: "edge-only", level: "advisory", message: "d2\nwarned" }],
      errors: [],
      warnings: [],
      drift: false,
      finished: true,
      failed: false,
    });
  });

  test("tells of a replacement once, with the property that forces it", () => {
    const { changes } = readEvents(recorded("replacements"));
    expect(changes.filter(({ kind }) => kind !== "update")).toEqual([
      { kind: "replace", type: container, name: "edge-traefik", properties: [{ path: "labels[0].value" }] },
    ]);
  });

  test("tells of violations, mandatory ones first, and fails without the engine's own echo of them", () => {
    const { violations, errors, failed } = readEvents(recorded("violations"));
    const table = "d\ncontainer bad\n| a | b |\n|---|---|\n| 1 | 2 |";
    const limits = { policy: "container-limits", level: "mandatory" };
    expect(violations).toEqual([
      { ...limits, message: "d\nstack bad\nline2" },
      { ...limits, resource: { type: container, name: "edge-traefik" }, message: table },
      { ...limits, resource: { type: container, name: "pki-step-ca" }, message: table },
      { policy: "edge-only", level: "advisory", message: "d2\nwarned" },
    ]);
    expect(errors).toEqual([]);
    expect(failed).toBe(true);
  });

  test("tells what a refresh found", () => {
    const { changes, drift, failed, unchanged } = readEvents(recorded("drift"));
    expect(changes).toEqual([{ kind: "delete", type: container, name: "edge-traefik", properties: [] }]);
    expect({ drift, failed, unchanged }).toEqual({ drift: true, failed: false, unchanged: 3 });
  });

  test("tells what a preview after a refresh would do about it", () => {
    const { changes, drift, unchanged } = readEvents(recorded("refreshed"));
    expect(changes).toEqual([{ kind: "create", type: container, name: "edge-traefik", properties: [] }]);
    expect({ drift, unchanged }).toEqual({ drift: false, unchanged: 3 });
  });

  test.each(["changes", "replacements", "violations", "drift", "refreshed"])(
    "cut off anywhere, %s is read up to there",
    (name) => {
      const text = recorded(name);
      const end = text.indexOf('{"sequence":', text.lastIndexOf('"summaryEvent"') - 30);
      for (let length = 0; length < end; length += 97) {
        expect(readEvents(text.slice(0, length))).toMatchObject({ finished: false, failed: true });
      }
      expect(readEvents(text.slice(0, -3))).toEqual(readEvents(text));
    },
  );
});

describe("a step", () => {
  const properties = (...events: object[]) => result(...events).changes[0]?.properties;

  test.each([
    ["create", "create"],
    ["update", "update"],
    ["delete", "delete"],
    ["import", "import"],
    ["replace", "replace"],
    ["create-replacement", "replace"],
    ["import-replacement", "replace"],
    ["delete-replaced", "delete"],
  ])("%s is a change: %s", (op, kind) => {
    expect(result(step(op, "web")).changes).toMatchObject([{ kind, type: container, name: "web" }]);
  });

  test.each([
    "same",
    "refresh",
    "read",
    "read-replacement",
    "discard",
    "discard-replaced",
    "remove-pending-replace",
    "x",
  ])("%s is none", (op) => {
    expect(result(step(op, "web"), step("create", "other")).changes).toMatchObject([{ name: "other" }]);
  });

  test("belongs to one replacement, whatever the order of the three", () => {
    const labels = { keys: ["labels"] };
    const steps = [
      step("delete-replaced", "web"),
      step("replace", "web", labels),
      step("create-replacement", "web", labels),
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const { changes, unchanged } = result(...order.map((index) => steps[index] ?? {}));
      expect(changes).toEqual([{ kind: "replace", type: container, name: "web", properties: [{ path: "labels" }] }]);
      expect(unchanged).toBe(0);
    }
  });

  test("that replaces names only what forces it", () => {
    const detailedDiff = {
      "disks[0].size": { diffKind: "update-replace", inputDiff: true },
      envs: { diffKind: "add-replace" },
      memory: { diffKind: "update" },
    };
    const old = { inputs: { disks: [{ size: 20 }] }, outputs: { disks: [{ size: 99 }] } };
    expect(
      properties(step("replace", "web", { detailedDiff, old, new: { inputs: { disks: [{ size: 30 }] } } })),
    ).toEqual([{ path: "disks[0].size", values: [20, 30] }, { path: "envs" }]);
  });

  test("without details is told by its keys, or by what differs between the inputs", () => {
    expect(properties(step("update", "web", { diffs: ["stdin"], detailedDiff: {} }))).toEqual([{ path: "stdin" }]);
    const old = {
      inputs: { __defaults: ["a"], on: true, list: [1, 2], same: { a: 1 }, "a b": { "c.d": 1 }, gone: "x" },
    };
    const inputs = { __defaults: [], on: false, list: [1], same: { a: 1 }, "a b": { "c.d": 2 }, come: "y" };
    expect(properties(step("update", "web", { old, new: { inputs } }))).toEqual([
      { path: "on", values: [true, false] },
      { path: "list" },
      { path: '["a b"]["c.d"]', values: [1, 2] },
      { path: "gone" },
      { path: "come" },
    ]);
  });

  test("of a refresh compares what was with what is", () => {
    const states = {
      old: { inputs: { ram: 1 }, outputs: { ram: 1, up: true } },
      new: { inputs: { ram: 1 }, outputs: { ram: 2, up: true } },
    };
    const update = { resOutputsEvent: { metadata: { op: "update", urn: urn("web"), ...states } } };
    expect(properties(step("refresh", "web"), update)).toEqual([{ path: "ram", values: [1, 2] }]);
  });

  test("never shows texts, secrets or what is in them", () => {
    const detailedDiff = { password: {}, pin: {}, "key.part": {}, added: {}, "env.TOKEN": {} };
    const old = { inputs: { password: "hunter1", pin: secret, key: { ...secret, part: 1 }, env: { TOKEN: 1 } } };
    const inputs = {
      password: "hunter2",
      pin: 1234,
      key: { ...secret, part: 2 },
      added: 5678,
      env: { TOKEN: "hunter3" },
    };
    const told = result(
      step("update", "web", { detailedDiff, old, new: { inputs } }),
      step("update", "b", { old, new: { inputs } }),
    );
    expect(told.changes.map((change) => change.properties)).toEqual([
      [{ path: "password" }, { path: "pin" }, { path: "key" }, { path: "env.TOKEN" }, { path: "added" }],
      [{ path: "password" }, { path: "pin" }, { path: "key.part" }, { path: "added" }, { path: "env.TOKEN" }],
    ]);
    expect(JSON.stringify(told)).not.toMatch(/hunter|1234|5678|4dabf|ciphertext/);
  });

  test("may be of a resource whose name has colons or whose type is odd", () => {
    const odd = "urn:pulumi:lab::homelab::odd::name::with::colons";
    expect(result(step("create", "", { urn: odd })).changes).toMatchObject([
      { type: "odd", name: "name::with::colons" },
    ]);
  });
});

describe("violations, errors and warnings", () => {
  test("are told once each, without colours, keys and passwords", () => {
    const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----";
    const { errors, warnings, violations } = result(
      diagnostic(
        "error",
        "<{%fg 1%}>bad<{%reset%}> \u001b[31mthing\u001b[0m\r\nat https://ops:hunter2@host/\n",
        urn("web"),
      ),
      diagnostic("error", "bad thing\nat https://ops:hunter2@host/\n", urn("web")),
      diagnostic("error", `with ${key} and token root@pam!pulumi=01234567-89ab-cdef-0123-456789abcdef`),
      diagnostic("error", "cut -----BEGIN PRIVATE KEY-----\nhunter3"),
      diagnostic("warning", "ssh://ops@host is slow"),
      diagnostic("info#err", "hunter4"),
      diagnostic("debug", `hunter5 ${key}`),
      violation("too big\n"),
      violation("too big\n"),
      violation("can't run during preview", "advisory", "urn:pulumi:lab::homelab::pulumi:pulumi:Stack::homelab-lab"),
      violation("too big\n", "unheard-of", urn("x")),
      { errorEvent: { error: "internal" } },
    );
    const web = { type: container, name: "web" };
    expect(errors).toEqual([
      { resource: web, message: "bad thing\nat https://ops:[secret]@host/" },
      { message: "with [private key] and token root@pam!pulumi=[secret]" },
      { message: "cut [private key]" },
      { message: "internal" },
    ]);
    expect(warnings).toEqual([{ message: "ssh://ops@host is slow" }]);
    expect(violations).toEqual([
      { policy: "memory-limits", level: "mandatory", resource: web, message: "too big" },
      { policy: "memory-limits", level: "mandatory", resource: { type: container, name: "x" }, message: "too big" },
      { policy: "memory-limits", level: "advisory", message: "can't run during preview" },
    ]);
    expect(JSON.stringify({ errors, warnings, violations })).not.toMatch(/hunter|b3Blb|456789/);
  });

  test.each([
    ["a mandatory violation", [violation("no"), success]],
    ["an error", [diagnostic("error", "no"), success]],
    ["no end", [step("create", "web")]],
    ["a bad end", [failure]],
    ["an empty log", []],
  ])("%s is a failure", (_, events) => {
    expect(readEvents(log(...events)).failed).toBe(true);
  });

  test("that are only advisory are none", () => {
    expect(result(violation("hm", "advisory"), diagnostic("warning", "hm"))).toMatchObject({ failed: false });
  });

  test("keep the engine's own words where there are no others", () => {
    const echo = diagnostic("error", "preview failed\n");
    expect(readEvents(log(echo, failure)).errors).toEqual([{ message: "preview failed" }]);
    expect(readEvents(log(echo, diagnostic("error", "why"), failure)).errors).toEqual([{ message: "why" }]);
  });

  test("say which policies ran, but not before they judged the stack", () => {
    const ran = { policyAnalyzeSummaryEvent: { passed: ["b", "c"], failed: ["a"] } };
    expect(result(ran).policies).toEqual([]);
    expect(result(ran, ran, stackJudged).policies).toEqual(["a", "b", "c", "memory-budget"]);
  });
});

test("lines and events of other kinds are passed over", () => {
  const odd = [
    '{"novelEvent":{"a":1}}',
    "null",
    "7",
    "[]",
    "",
    "not json",
    '{"resourcePreEvent":{}}',
    '{"policyEvent":null}',
  ];
  expect(readEvents([...odd, log(step("create", "web"), success)].join("\n"))).toMatchObject({
    changes: [{ kind: "create", name: "web" }],
    failed: false,
  });
});
