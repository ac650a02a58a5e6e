import { z } from "zod";

import { block, choice, list, pattern } from "../config/fields";
import type { MemoryRow, ReportedExemption } from "./report";
import type { Resource, Stack } from "./resource";

/** What a violation does: stop the deployment, be shown, or nothing. */
export type Level = "mandatory" | "advisory" | "disabled";

/** What every policy tells of itself. The README of the pack is made from it. */
export interface Described<Shape extends z.ZodRawShape = z.ZodRawShape> {
  /** In kebab case; its file has the same name. */
  readonly name: string;
  /** The level it has where a stack says nothing else. */
  readonly level: "mandatory" | "advisory";
  /** The rule in one sentence; Pulumi prints it above each violation. */
  readonly summary: string;
  /** What exactly is judged and why, in Markdown. */
  readonly doc: string;
  /** Requirements of the project that it guards, e.g. `EF-001`. */
  readonly requirements: readonly string[];
  /** Its settings with their defaults; `describe` them for the README. */
  readonly settings: Shape;
  /** Whether it is told which inputs are secrets (`Resource.secrets`). It can't be advisory then. */
  readonly seesSecrets?: boolean;
}

/** Judges one resource at a time, before it is created or changed. */
export interface ResourcePolicy<Shape extends z.ZodRawShape = z.ZodRawShape> extends Described<Shape> {
  /** Type tokens of the resources it judges, or a test of them. */
  readonly types: readonly string[] | ((type: string) => boolean);
  readonly judge: (resource: Resource, settings: Settings<Shape>, violation: (message: string) => void) => void;
}

/** Judges the stack as a whole, once every resource is known. */
export interface StackPolicy<Shape extends z.ZodRawShape = z.ZodRawShape> extends Described<Shape> {
  readonly judgeStack: (stack: Stack, settings: Settings<Shape>, tell: Tell) => void | Promise<void>;
}

/** A policy's settings, defaults filled in. */
export type Settings<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/** What a policy of the whole stack can tell. */
export interface Tell {
  /** Without a resource it is the stack that violates the policy, and there is no exemption. */
  violation(message: string, resource?: Pick<Resource, "urn" | "name">): void;
  /** Puts a host into the table of memory. */
  memory(rows: readonly MemoryRow[]): void;
  /** Exemptions of this stack that have let nothing pass so far. */
  idleExemptions(): readonly ReportedExemption[];
}

/** Any policy of the pack. */
export type Policy = ResourcePolicy | StackPolicy;

/** Types a policy's settings from its own shape; the pack sees every policy alike. */
export function resourcePolicy<Shape extends z.ZodRawShape>(policy: ResourcePolicy<Shape>): Policy {
  return policy as unknown as ResourcePolicy;
}

/** {@link resourcePolicy} for a policy of the whole stack. */
export function stackPolicy<Shape extends z.ZodRawShape>(policy: StackPolicy<Shape>): Policy {
  return policy as unknown as StackPolicy;
}

/** A share of something: `80 %` is 0.8. */
export const percentage = (example: string) =>
  pattern("a percentage from 1 % to 100 %", example, /^([1-9]\d?|100) ?%$/).transform(
    (text) => Number.parseInt(text, 10) / 100,
  );

/** One resource that a policy lets pass: its name in the program or its URN, and why. */
const exemption = block({
  resource: text("the name or the URN of a resource, such as edge-traefik", /^\S+$/),
  reason: text("a reason of at least 10 characters", /^\S.{8,}\S$/s),
});

/** A text that has no example to set it to. */
function text(expected: string, form: RegExp) {
  return z.string({ error: `give it ${expected}` }).regex(form, { error: `{value} is not ${expected}` });
}

/** A policy's settings with what every policy has. */
export function settingsOf({ settings, level, seesSecrets = false }: Configurable) {
  return block({
    level: levels(seesSecrets).default(level),
    exempt: list(exemption).default([]),
    ...settings,
  });
}

/** The JSON schema of each setting, by name, as it is written in a stack's file; without the level. */
export function settingsSchema(policy: Configurable): Record<string, object> {
  const schema = z.toJSONSchema(settingsOf(policy).omit({ level: true }), { io: "input", unrepresentable: "any" });
  return (schema.properties ?? {}) as Record<string, object>;
}

type Configurable = Pick<Described, "settings" | "level" | "seesSecrets">;

function levels(seesSecrets: boolean): z.ZodType<Level> {
  if (!seesSecrets) return choice(["mandatory", "advisory", "disabled"], "mandatory");
  return z.enum(["mandatory", "disabled"], {
    error:
      "{value} is not mandatory or disabled, the only levels of a policy that sees which values are secrets; " +
      "exempt single resources instead",
  });
}

/**
 * What Pulumi calls a policy's level. It shows secrets only to a policy that may remedy what it finds, so one that looks
 * at them says it would; its violations are mandatory ones all the same.
 */
export function enforcementLevel(policy: Policy, level: Level): Level | "remediate" {
  return policy.seesSecrets && level !== "disabled" ? "remediate" : level;
}
