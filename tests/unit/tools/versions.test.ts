import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { pluginBuild } from "../../../tools/plugin-sources";
import { languageHostVersion, packageVersion, plugins, projectRoot, pulumiVersion } from "../../../tools/versions";

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");

describe("the toolchain's versions", () => {
  it("are those that the Go modules build", () => {
    expect(read("tools/go/pulumi/go.mod")).toContain(`github.com/pulumi/pulumi/pkg/v3 v${pulumiVersion}\n`);
    expect(read("tools/go/language-nodejs/go.mod")).toContain(
      `github.com/pulumi/pulumi/sdk/v3 v${languageHostVersion}\n`,
    );
  });

  it("reach every plugin from its npm package", () => {
    const { variables, packages } = pluginBuild();
    const declared = read("tools/go/plugins/internal/sdk/sdk.go");
    for (const plugin of plugins) {
      const installed = JSON.parse(read(`node_modules/${plugin.package}/package.json`)) as { version: string };
      expect(variables[`homelab.example/plugins/internal/sdk.${plugin.variable}`]).toBe(installed.version);
      expect(declared).toMatch(new RegExp(`^\\t${plugin.variable} +=`, "m"));
      expect(packages).toContain(`./pulumi-resource-${plugin.name}`);
    }
  });

  it("must be exact in package.json", () => {
    const root = mkdtempSync(join(tmpdir(), "homelab-versions-"));
    writeFileSync(join(root, "package.json"), JSON.stringify({ dependencies: { a: "^1.0.0", b: "npm:@c/b@2.3.4" } }));
    expect(packageVersion("b", root)).toBe("2.3.4");
    expect(() => packageVersion("a", root)).toThrow(
      'package.json: dependencies["a"] is ^1.0.0; give it one exact version',
    );
    expect(() => packageVersion("missing", root)).toThrow('dependencies["missing"] is missing');
    rmSync(root, { recursive: true });
  });
});
