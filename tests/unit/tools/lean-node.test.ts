import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { projectRoot } from "../../../tools/versions";

/** What a program prints as JSON in a Node.js as Pulumi starts it: with the real module loader, which jest replaces. */
function run(program: string, variables: NodeJS.ProcessEnv = {}): unknown {
  const setUp = `
    const pulumi = require("@pulumi/pulumi");
    const loaded = (name) => Boolean(require.cache[require.resolve(name)]?.filename);
    const print = (value) => console.log(JSON.stringify(value));`;
  const args = ["--require", join(projectRoot, "tools/lean-node.cjs"), "-e", setUp + program];
  // Without warnings: some modules of the SDK use what Node.js will not have for ever.
  const options = {
    cwd: projectRoot,
    encoding: "utf8",
    env: { ...process.env, NODE_NO_WARNINGS: "1", ...variables },
  } as const;
  return JSON.parse(execFileSync(process.execPath, args, options));
}

test.each(["typescript", "@npmcli/arborist", "source-map-support"])("Pulumi's SDK doesn't load %s", (name) => {
  expect(
    run(`require("@pulumi/pulumi/provider"); require("source-map-support/register"); print(loaded("${name}"));`),
  ).toBe(false);
});

test("once a module that is put off is used, it is what it always is", () => {
  const program = `
    const Arborist = require("@npmcli/arborist");
    const made = new Arborist({ path: "." });
    print([Arborist.Node === require("@npmcli/arborist").Node, made instanceof require("@npmcli/arborist")]);`;
  expect(run(program)).toEqual([true, true]);
});

test("the SDK still serializes a function, for which it needs both", () => {
  const program = `
    pulumi.runtime.serializeFunction(() => 6 * 7).then(({ text }) => print([text.includes("6 * 7"), loaded("typescript")]));
    pulumi.runtime.computeCodePaths().then((paths) => { if (!paths.size) process.exit(1); });`;
  expect(run(program)).toEqual([true, true]);
});

test("an error names the file and the line where it was made", () => {
  const program = `
    require("source-map-support/register");
    const { ResourceError } = require("@pulumi/pulumi");
    print(new ResourceError("wrong").stack.split("\\n")[1]);`;
  expect(run(program)).toMatch(/^ {4}at .*\[eval\]:\d+:\d+/);
});

test("TypeScript isn't compiled at each start, even by a language host that doesn't hear that it need not be", () => {
  const variables = { PULUMI_NODEJS_TYPESCRIPT: "true" };
  expect(run("print(process.env.PULUMI_NODEJS_TYPESCRIPT === undefined);", variables)).toBe(true);
});

test.each([
  ["keeps them to itself", {}, []],
  ["tells them where it is debugged", { HOMELAB_DEBUG: "true" }, ["a line"]],
])("the SDK's lines about each resource: it %s, and tells what is meant for people", (_, variables, debug) => {
  const program = `
    const told = [];
    require("@pulumi/pulumi/runtime/settings").getEngine = () => ({ log: (request, done) => done(told.push(request.getMessage())) });
    Promise.all([pulumi.log.debug("a line"), pulumi.log.warn("a warning")]).then(() => print(told));`;
  expect(run(program, variables)).toEqual([...debug, "a warning"]);
});

test.each([
  ["nowhere", {}, false],
  ["in the state where it is debugged", { HOMELAB_DEBUG: "true" }, true],
])("the SDK notes %s where in the program a resource was made", (_, variables, noted) => {
  const program = `print(require("@pulumi/pulumi/resource").Resource.stackTrace(0).length > 0);`;
  expect(run(program, variables)).toBe(noted);
});
