import { delimiter } from "node:path";

import { firstOf, reachable, type Source } from "../../../tools/sources";
import { environment } from "../../../tools/toolchain";

const report = jest.fn();
beforeEach(() => report.mockReset());

/** A source that notes on `calls` what is asked of it. */
function source(name: string, calls: string[], has: { ready?: boolean; available?: boolean; fails?: string }): Source {
  return {
    name,
    ready: () => Promise.resolve(has.ready === true ? [`/${name}`] : undefined),
    available: () => {
      calls.push(`${name}?`);
      return Promise.resolve(has.available ?? true);
    },
    make: () => {
      calls.push(name);
      return has.fails === undefined ? Promise.resolve([`/${name}`]) : Promise.reject(new Error(has.fails));
    },
  };
}

describe("where the toolchain comes from", () => {
  it("takes the first source that is ready, without asking the network", async () => {
    const calls: string[] = [];
    const sources = [source("download", calls, {}), source("build", calls, { ready: true })];
    await expect(firstOf("Pulumi", sources, report)).resolves.toEqual(["/build"]);
    expect(calls).toEqual([]);
  });

  it("downloads when it can, and builds nothing then", async () => {
    const calls: string[] = [];
    await expect(
      firstOf("Pulumi", [source("download", calls, {}), source("build", calls, {})], report),
    ).resolves.toEqual(["/download"]);
    expect(calls).toEqual(["download?", "download"]);
  });

  it("builds when nothing can be downloaded", async () => {
    const calls: string[] = [];
    const sources = [source("download", calls, { available: false }), source("build", calls, {})];
    await expect(firstOf("Pulumi", sources, report)).resolves.toEqual(["/build"]);
    expect(calls).toEqual(["download?", "build?", "build"]);
    expect(report).not.toHaveBeenCalled();
  });

  it("builds when the download fails, and says why", async () => {
    const sources = [source("download", [], { fails: "cut off" }), source("build", [], {})];
    await expect(firstOf("Pulumi", sources, report)).resolves.toEqual(["/build"]);
    expect(report.mock.calls).toEqual([["Pulumi: download failed (cut off); trying another way"]]);
  });

  it("throws the last source's error", async () => {
    const sources = [source("download", [], { fails: "cut off" }), source("build", [], { fails: "Go is needed" })];
    await expect(firstOf("Pulumi", sources, report)).rejects.toThrow("Go is needed");
  });
});

describe("reachable", () => {
  it("is true for an address that answers and false for one that refuses or fails", async () => {
    await expect(reachable("https://a", () => Promise.resolve(new Response(null)))).resolves.toBe(true);
    await expect(reachable("https://a", () => Promise.resolve(new Response(null, { status: 403 })))).resolves.toBe(
      false,
    );
    await expect(reachable("https://a", () => Promise.reject(new Error("no route")))).resolves.toBe(false);
  });
});

describe("Pulumi's environment", () => {
  it("puts the toolchain first and lets nothing be fetched", () => {
    const unwanted = { PULUMI_IGNORE_AMBIENT_PLUGINS: "true", NODE_TLS_REJECT_UNAUTHORIZED: "0" };
    const env = environment(["/cli", "/plugins"], { PATH: "/usr/bin", ...unwanted });
    expect(env.PATH?.split(delimiter)).toEqual(["/cli", "/plugins", "/usr/bin"]);
    expect(env).toMatchObject({
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    });
    for (const name of Object.keys(unwanted)) expect(env).not.toHaveProperty(name);
  });
});
