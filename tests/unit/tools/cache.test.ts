import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { cached } from "../../../tools/cache";
import { buildKey, type GoBuild, requireGo } from "../../../tools/go-build";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "homelab-cache-"));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

const write = (text: string) => (folder: string) => {
  writeFileSync(join(folder, "file"), text);
  return Promise.resolve();
};

describe("the cache of the toolchain", () => {
  it("fills a folder once", async () => {
    const folder = await cached("part-1", write("first"), home);
    await cached("part-1", write("second"), home);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("first");
  });

  it("keeps nothing of a failed filling, so that the next one starts afresh", async () => {
    const fail = async (folder: string) => {
      await write("half")(folder);
      throw new Error("interrupted");
    };
    await expect(cached("part-1", fail, home)).rejects.toThrow("interrupted");
    expect(readdirSync(join(home, "tools"))).toEqual([]);
  });

  it("lets the first of two at once win and gives both the same folder", async () => {
    const [one, two] = await Promise.all([cached("part-1", write("a"), home), cached("part-1", write("b"), home)]);
    expect(one).toBe(two);
    expect(readFileSync(join(one, "file"), "utf8")).toMatch(/^[ab]$/);
    expect(readdirSync(join(home, "tools"))).toEqual(["part-1"]);
  });

  it("removes what a killed process left, and leaves a running one's alone", async () => {
    const mine = `.unfinished-${String(process.pid)}-abc`;
    for (const name of [".unfinished-4194304999-abc", mine]) mkdirSync(join(home, "tools", name), { recursive: true });
    await cached("part-1", write("a"), home);
    expect(readdirSync(join(home, "tools"))).toEqual([mine, "part-1"]);
  });
});

describe("the key of a build", () => {
  const build: GoBuild = { module: "plugins", packages: ["./a"], variables: { Version: "1" } };
  const key = (more: Partial<GoBuild> = {}) => buildKey([{ ...build, ...more }], () => home);

  beforeEach(() => {
    writeFileSync(join(home, "go.mod"), "module a");
    mkdirSync(join(home, "sub"));
    writeFileSync(join(home, "sub", "main.go"), "package main");
  });

  it("changes with a source, a setting and a version, and with nothing else", () => {
    const before = key();
    expect(before).toMatch(/^[0-9a-f]{12}$/);
    expect(key({ tags: ["no_compose"] })).not.toBe(before);
    expect(key({ variables: { Version: "2" } })).not.toBe(before);
    writeFileSync(join(home, "sub", "main_test.go"), "package main");
    writeFileSync(join(home, "README.md"), "words");
    expect(key()).toBe(before);
    writeFileSync(join(home, "sub", "main.go"), "package main // changed");
    expect(key()).not.toBe(before);
  });
});

describe("the Go that builds need", () => {
  const answers =
    (stdout: string, code = 0) =>
    () =>
      Promise.resolve({ code, stdout, stderr: "cannot download go1.26" });

  it("is accepted from the named version on", async () => {
    await expect(requireGo(answers("go1.26.8\n"))).resolves.toBeUndefined();
    await expect(requireGo(answers("go1.30\n"))).resolves.toBeUndefined();
  });

  it.each([
    ["missing", () => Promise.reject(Object.assign(new Error("spawn go"), { code: "ENOENT" })), "Go is needed"],
    ["too old", answers("go1.21.0\n"), "Go is too old to build Pulumi and its plugins (go1.21.0)"],
    ["unable to fetch itself newer", answers("", 1), "(cannot download go1.26)"],
  ])("is asked for with its version and address when it is %s", async (_, run, reason) => {
    const failure: unknown = await requireGo(run).catch((error: unknown) => error);
    expect(String(failure)).toContain(reason);
    expect(String(failure)).toContain("Install Go 1.26 or newer from https://go.dev/dl/");
  });
});
