import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { ConfigError, parseConfig, type HomelabConfig } from "../../../config";

export const token = "pulumi@pve!homelab=01234567-89ab-cdef-0123-456789abcdef";
export const tokenKey = "homelab:proxmoxApiToken";

export const grafanaPassword = "password of Grafana's administrator";
export const secretKeys = [tokenKey, "homelab:grafanaPassword"];

type Settings = Record<string, unknown>;

/** The config of `fixtures/house.yaml`, plus its secrets, as an object that a test may change. */
export const homelab = (): Settings => configOf(join(__dirname, "fixtures/house.yaml"));

/** The config of a stack's file, with secrets that can be read. */
export function configOf(file: string): Settings {
  const { config } = parse(readFileSync(file, "utf8")) as { config: Settings };
  return { ...config, [tokenKey]: token, "homelab:grafanaPassword": grafanaPassword };
}

/** The homelab's config with some settings changed: `changed({"toolingVm.memory": "1 GiB"})`; `undefined` removes one. */
export function changed(changes: Settings): Settings {
  const config = homelab();
  for (const [path, value] of Object.entries(changes)) {
    const steps = `homelab:${path}`.split(".");
    const last = steps.pop() ?? "";
    const parent = steps.reduce<Settings>((at, step) => at[step] as Settings, config);
    if (value === undefined) Reflect.deleteProperty(parent, last);
    else parent[last] = value;
  }
  return config;
}

/** Hands settings to the parser as Pulumi does: blocks and lists as JSON. */
export function read(settings: Settings, secrets: string[] = secretKeys): HomelabConfig {
  const texts = Object.entries(settings).map(([key, value]) => {
    return [key, typeof value === "string" ? value : JSON.stringify(value)];
  });
  const options = { secretKeys: secrets, project: "homelab", stack: "homelab" } as const;
  return parseConfig(Object.fromEntries(texts) as Record<string, string>, options);
}

/** The VM of a config that has one. */
export function vmOf({ vm }: HomelabConfig): NonNullable<HomelabConfig["vm"]> {
  if (!vm) throw new Error("the config makes no VM");
  return vm;
}

/** The problems that the parser names in the homelab's config with some settings changed. */
export function problems(changes: Settings, secrets?: string[]): readonly string[] {
  return problemsOf(changed(changes), secrets);
}

/** The problems that the parser names in settings. */
export function problemsOf(settings: Settings, secrets?: string[]): readonly string[] {
  try {
    read(settings, secrets);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
