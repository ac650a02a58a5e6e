import { readFileSync } from "node:fs";
import { join } from "node:path";

import { configSchema } from "../../../config";
import { configurationPage, settings } from "../../../tools/configuration-page";
import { projectRoot } from "../../../tools/versions";

const all = Object.entries(configSchema.shape).flatMap(([name, schema]) => settings(schema, `homelab:${name}`));

test("docs/reference/configuration.md is what the schema of the config says (made by `npm run docs`)", () => {
  expect(readFileSync(join(projectRoot, "docs/reference/configuration.md"), "utf8")).toBe(configurationPage());
});

test("every setting says what it is", () => {
  expect(all.length).toBeGreaterThan(80);
  expect(all.filter(({ what }) => !/^\S.*\.(\*\*)?$/.test(what))).toEqual([]);
});

test("every setting but a block, or a list of blocks, has an example or a default", () => {
  const without = all.filter(({ example, byDefault }) => example === undefined && byDefault === undefined);
  expect(without.map(({ key, takes }) => [key, takes])).toEqual([
    ["homelab:guests", "a list"],
    ["homelab:sso.grafana", "a block"],
  ]);
});

test("a default is written as the config takes it", () => {
  const defaults = Object.fromEntries(all.map(({ key, byDefault }) => [key, byDefault]));
  expect(defaults).toMatchObject({
    "homelab:pki.leafValidity": "8760h",
    "homelab:proxmox.ssh.port": "22",
    "homelab:registry.quota": "40 GiB",
    "homelab:sso.groups": "[admins, family, friends]",
    "homelab:sso.secondFactor.everyone": "false",
    "homelab:toolingVm.memory": undefined,
  });
});
