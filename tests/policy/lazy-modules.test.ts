import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Runs a program with the real module loader, which jest replaces by its own. */
function run(program: string): unknown {
  const setUp = `const { transformFileSync } = require("@swc/core");
    require.extensions[".ts"] = (module, file) => module._compile(transformFileSync(file).code, file);
    const { loadLazily } = require("./policies/lazy-modules.ts");
    const loaded = (name) => Object.keys(require.cache).filter((file) => file.includes("node_modules/" + name + "/")).length > 1;
    const print = (value) => console.log(JSON.stringify(value));`;
  const options = { cwd: join(__dirname, "../.."), encoding: "utf8" } as const;
  return JSON.parse(execFileSync(process.execPath, ["-e", setUp + program], options));
}

test("a module that is put off is not loaded with Pulumi's SDK", () => {
  const program = `loadLazily("@npmcli/arborist");
    require("@pulumi/policy");
    print(loaded("@npmcli/arborist"));`;
  expect(run(program)).toBe(false);
});

test("once it is used, it is what it always is", () => {
  const program = `loadLazily("@npmcli/arborist");
    const Arborist = require("@npmcli/arborist");
    const before = loaded("@npmcli/arborist");
    const made = new Arborist({ path: "." });
    print([before, Arborist.Node === require("@npmcli/arborist").Node, made instanceof require("@npmcli/arborist")]);`;
  expect(run(program)).toEqual([false, true, true]);
});
