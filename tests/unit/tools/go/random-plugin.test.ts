import { readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../../../../tools/versions";

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");
const namesIn = (text: string | undefined, pattern: RegExp) =>
  [...(text ?? "").matchAll(pattern)].map(([, name]) => name).sort();

/** What the SDK declares for a resource: the part of its typings between two marks. */
function declared(file: string, from: string, pattern: RegExp) {
  return namesIn(read(`node_modules/@pulumi/random/${file}.d.ts`).split(from)[1]?.split("\n}")[0], pattern);
}

const source = ["text.go", "id.go"].map((file) => read(`tools/go/plugins/pulumi-resource-random/${file}`)).join("\n");
const served = (struct: string) =>
  namesIn(source.split(`type ${struct} struct {`)[1]?.split("\n}")[0], /`pulumi:"(\w+)/g);

describe("the stand-in for the plugin of @pulumi/random", () => {
  it.each([
    ["RandomPassword", "TextArgs", "PasswordState"],
    ["RandomString", "TextArgs", "StringState"],
    ["RandomId", "IDArgs", "IDState"],
    ["RandomUuid", "UUIDArgs", "UUIDState"],
  ])("serves %s with the SDK's type, inputs and outputs", (resource, args, state) => {
    const file = resource.replace(/^R/, "r");
    expect(read(`node_modules/@pulumi/random/${file}.js`)).toContain(`'random:index/${file}:${resource}'`);
    expect(source).toContain(`SetToken("index/${file}", "${resource}")`);
    expect(declared(file, `interface ${resource}Args {`, /^ {4}(\w+)\??:/gm)).toEqual(served(args));
    expect(declared(file, `class ${resource} extends`, /readonly (\w+):/g)).toEqual(
      [...served(args), ...served(state)].sort(),
    );
  });
});
