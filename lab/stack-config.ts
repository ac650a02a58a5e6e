import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "./settings";

/** A stack's config as its file has it. Whether it is right is for the program to say. */
export type Settings = Readonly<Record<string, unknown>>;

/** A stack's file. */
export interface StackFile {
  encryptionsalt?: string;
  config?: Settings;
}

/** The settings of the committed `Pulumi.lab.yaml`, or of the file `HOMELAB_LAB_CONFIG` names. */
export function committedSettings(): Settings {
  const file = process.env.HOMELAB_LAB_CONFIG ?? join(projectRoot, "Pulumi.lab.yaml");
  return (parse(readFileSync(file, "utf8")) as StackFile).config ?? {};
}

/** What a committed config can't know of the lab. */
export interface LabFacts {
  /** The authority of the lab's own certificates, PEM. */
  upstreamCa: string;
  /** The public host key of the machine of that name, if the lab has one. */
  hostKeyOf(name: unknown): string | undefined;
}

/** The settings with the lab's authority where an upstream has a certificate of it, and its host keys where none is given. */
export function completed(settings: Settings, { upstreamCa, hostKeyOf }: LabFacts): Settings {
  return {
    ...settings,
    ...changedList(settings, "homelab:services", (entry) =>
      String(entry.upstream).startsWith("https:") ? { upstreamCa, ...entry } : entry,
    ),
    ...changedList(settings, "homelab:hosts", (entry) => {
      const hostKey = hostKeyOf(entry.name);
      return hostKey === undefined ? entry : { hostKey, ...entry };
    }),
  };
}

/** The machines besides the tooling VM that the stack uses. */
export const hostsIn = (settings: Settings): Settings[] => blocks(settings["homelab:hosts"]);

/** The names that features are served under. */
const namesOf = { pki: ["ca"], registry: ["registry"], sso: ["auth", "traefik"] } as const;

/** Which names lead to another machine than the tooling VM, as lines of a hosts file: what the house's DNS is told. */
export function namesIn(settings: Settings): string {
  const hosts = hostsIn(settings);
  const own = settings["homelab:toolingVm"] === undefined ? hosts[0] : undefined;
  const ofFeatures = Object.entries(namesOf).flatMap(([name, names]) => {
    const [section] = blocks([settings[`homelab:${name}`]]);
    const host = hosts.find((each) => each.name !== undefined && each.name === section?.host) ?? own;
    return names.map((each): [unknown, unknown] => [host?.address, each]);
  });
  const others = blocks(settings["homelab:services"]).map(({ name }): [unknown, unknown] => [own?.address, name]);
  const lines = [...others, ...ofFeatures].filter(([address]) => typeof address === "string");
  return lines.map(([address, name]) => `${String(address)} ${String(name)}.home.arpa\n`).join("");
}

function changedList(settings: Settings, key: string, change: (entry: Settings) => Settings): Settings {
  const entries = settings[key];
  if (!Array.isArray(entries)) return {};
  return { [key]: entries.map((entry: unknown) => (isBlock(entry) ? change(entry) : entry)) };
}

const blocks = (list: unknown): Settings[] => (Array.isArray(list) ? list.filter(isBlock) : []);

const isBlock = (value: unknown): value is Settings => typeof value === "object" && value !== null;
