import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";

import { chosen } from "./components/plan";
import { features, type FeatureName, sections } from "./components/features";
import { checkBase } from "./config/checks";
import { type Draft, draft } from "./config/draft";
import { block, choice, list } from "./config/fields";
import { Report, stackSubject } from "./config/report";
import { baseShape, hostsShape, type BaseConfig, type ParsedBase } from "./config/schema";
import { toService } from "./config/services";
import type { Size } from "./config/size";
import { remedyFor } from "./config/suggest";
import { images } from "./versions";

export { ConfigError } from "./config/report";

const names = features.map(({ name }) => name) as [FeatureName, ...FeatureName[]];

const ofFeatures = {
  features: list(choice(names, "pki"))
    .default(names)
    .describe("What the stack has. Whoever leaves one out of a running stack removes it."),
  ...sections,
};

/** Everything the stack's config may hold. */
export const configSchema = block({ ...baseShape, ...ofFeatures });

/** The same for a stack that makes no VM. */
const hostsSchema = block({ ...hostsShape, ...ofFeatures });

type ParsedConfig = z.output<typeof configSchema>;

/** The stack's config: what every feature finds in it, and the sections of the features. */
export type HomelabConfig = Omit<ParsedConfig, keyof BaseConfig | keyof ParsedBase> & BaseConfig;

const project = "homelab";

/**
 * Reads a stack's config: `raw` has full keys (`homelab:network`) and the texts Pulumi hands to a program, where a block
 * or a list is JSON. Keys of other projects and packages are left alone. Throws one ConfigError with every problem.
 */
export function parseConfig(
  raw: Readonly<Record<string, string>>,
  options: { readonly secretKeys: readonly string[]; readonly project: typeof project; readonly stack: string },
): HomelabConfig {
  const prefix = `${options.project}:`;
  const secrets = ["proxmoxApiToken", "grafanaPassword"] as const;
  const secretKeys = secrets.map((name) => `${prefix}${name}`);
  const given = Object.fromEntries(
    Object.entries(raw)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), secretKeys.includes(key) ? text : decode(text)]),
  );

  const report = new Report(options.project, [...options.secretKeys, ...secretKeys], stackSubject(options.stack));
  const makesVm = "toolingVm" in given || "proxmox" in given || !Array.isArray(given.hosts) || given.hosts.length === 0;
  const schema = (makesVm ? configSchema : hostsSchema) as typeof configSchema;
  const input = report.knownOnly(schema, given);
  const parsed = schema.safeParse(input);
  if (!parsed.success) report.addIssues(input, parsed.error.issues);
  for (const name of secrets) {
    const key = `${prefix}${name}`;
    if (key in raw && !options.secretKeys.includes(key)) {
      report.add([name], "stored as plain text; encrypt it{config set --secret {key}}");
    }
  }
  check(parsed.data ?? draft(schema, input), report);
  report.throwIfAny();

  const {
    grafanaPassword,
    guests,
    images: chosen,
    proxmox,
    proxmoxApiToken,
    services,
    toolingVm,
    ...rest
  } = schema.parse(input);
  const { network } = rest;
  return {
    ...rest,
    vm: makesVm ? { guests, network, proxmox, proxmoxApiToken: pulumi.secret(proxmoxApiToken), toolingVm } : undefined,
    grafanaPassword: grafanaPassword === undefined ? undefined : pulumi.secret(grafanaPassword),
    images: { ...images, ...chosen },
    services: services.map((entry) => toService(entry, rest.domain)),
  };
}

/** The config of the stack that is running. */
export function loadConfig(): HomelabConfig {
  const raw = pulumi.runtime.allConfig();
  return parseConfig(raw, { secretKeys: Object.keys(raw).filter(isSecret), project, stack: pulumi.getStack() });
}

/** What no single setting can tell. */
function check(config: Draft<ParsedConfig>, report: Report): void {
  const given = config.features?.flatMap((name) => name ?? []) ?? [...names];
  const all = chosen({ features: given });
  const incomplete = all.flatMap(({ name, needs }) => {
    const missing = needs.filter((each) => !given.some((other) => other === each));
    return missing.length === 0 ? [] : [{ name, missing: missing.join(" and ") }];
  });
  for (const { name, missing } of incomplete) {
    const text = `{value} is without ${missing}, which ${name} needs; add what is missing, or remove ${name}`;
    report.add(["features"], text, given);
  }
  const isWhole = incomplete.length === 0 && !config.features?.includes(undefined);
  const own = {
    names: all.flatMap((feature) => feature.names).sort(),
    memory: memoryByHost(config, all, report),
    hasEdge: given.includes("edge") || !isWhole,
    hasSignOn: given.includes("sso") || !isWhole,
  };
  checkBase(config, own, report);
  for (const feature of all) feature.check?.(config, report);
}

/** What the containers may use on each machine. An edge is on each that something else is on. */
function memoryByHost(config: Draft<ParsedConfig>, all: ReturnType<typeof chosen>, report: Report) {
  const own = config.toolingVm?.name ?? config.hosts?.[0]?.name ?? "";
  const known = [...new Set([own, ...(config.hosts ?? []).flatMap((host) => host?.name ?? [])])];
  const byHost: Record<string, Record<string, Size>> = { [own]: {} };
  for (const feature of all) {
    const host = feature.host?.(config) ?? own;
    if (!known.includes(host)) {
      const text = `{value} is no machine of ${report.key(["hosts"])} (${known.join(", ")}); ${remedyFor(host, known, "add it there")}`;
      report.add([feature.name, "host"], text, host);
    } else byHost[host] = { ...byHost[host], ...feature.memory };
  }
  const edge = all.find(({ name }) => name === "edge");
  return Object.fromEntries(Object.entries(byHost).map(([host, theirs]) => [host, { ...theirs, ...edge?.memory }]));
}

/** Blocks and lists arrive as JSON, and words as they are. */
function decode(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Pulumi's own answer to whether a key is a secret; the runtime exports it without declaring it. */
function isSecret(key: string): boolean {
  return (pulumi.runtime as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(key);
}
