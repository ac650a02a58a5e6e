import * as pulumi from "@pulumi/pulumi";

import { checkAll } from "./config/checks";
import { draft } from "./config/draft";
import { Report, stackSubject } from "./config/report";
import { configSchema, type ParsedConfig } from "./config/schema";
import { toService, type Service } from "./config/services";
import { images, type ImageName } from "./versions";

export { ConfigError } from "./config/report";
export type { Service } from "./config/services";

/** The stack's config: units parsed, defaults filled in, contradictions ruled out, and the token a secret. */
export type HomelabConfig = Omit<ParsedConfig, "grafanaPassword" | "images" | "proxmoxApiToken" | "services"> & {
  /** The image of each container: the stack's own choice, else the one of `versions.ts`. */
  images: Record<ImageName, string>;
  /** The password of Grafana's administrator, where Grafana is set up from here. */
  grafanaPassword: pulumi.Output<string> | undefined;
  /** `user@realm!name=uuid`. */
  proxmoxApiToken: pulumi.Output<string>;
  /** The service catalogue. */
  services: Service[];
};

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
  const input = report.knownOnly(configSchema, given);
  const parsed = configSchema.safeParse(input);
  if (!parsed.success) report.addIssues(input, parsed.error.issues);
  for (const name of secrets) {
    const key = `${prefix}${name}`;
    if (key in raw && !options.secretKeys.includes(key)) {
      report.add([name], "stored as plain text; encrypt it{config set --secret {key}}");
    }
  }
  checkAll(parsed.data ?? draft(configSchema, input), report);
  report.throwIfAny();

  const { grafanaPassword, images: chosen, proxmoxApiToken, services, ...rest } = configSchema.parse(input);
  return {
    ...rest,
    grafanaPassword: grafanaPassword === undefined ? undefined : pulumi.secret(grafanaPassword),
    images: { ...images, ...chosen },
    proxmoxApiToken: pulumi.secret(proxmoxApiToken),
    services: services.map((entry) => toService(entry, rest.domain)),
  };
}

/** The config of the stack that is running. */
export function loadConfig(): HomelabConfig {
  const raw = pulumi.runtime.allConfig();
  return parseConfig(raw, { secretKeys: Object.keys(raw).filter(isSecret), project, stack: pulumi.getStack() });
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
