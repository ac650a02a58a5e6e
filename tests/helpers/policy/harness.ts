import * as sdk from "@pulumi/policy";

import { toCrossGuard } from "../../../policies/crossguard";
import { policies } from "../../../policies/pack";
import { Session } from "../../../policies/session";
import type { PolicyReport } from "../../../policies/report";

/** A resource as a test writes it down. */
export interface TestResource {
  type: string;
  name: string;
  inputs?: Record<string, unknown>;
  protect?: boolean;
  /** URN of the parent; see {@link urnOf}. */
  parent?: string;
  /** URN of the provider. */
  provider?: string;
  /** Which URNs each property was made from. */
  dependencies?: Record<string, string[]>;
}

/** What the pack said of a stack. */
export interface Verdict {
  violations: { policy: string; message: string; urn?: string }[];
  report: Omit<PolicyReport, "levels">;
}

const internals = jest.requireActual<{
  unknownCheckingProxy: <T>(value: T) => T;
  unknownStringValue: string;
  isSpecialProxy: string;
  getSpecialProxyTarget: string;
}>("@pulumi/policy/proxy");
const { secretsPreservingProxy } = jest.requireActual<{ secretsPreservingProxy: <T>(value: T) => T }>(
  "@pulumi/policy/secret",
);

/** A value that only the update will know, as the engine sends it. */
export const notYetKnown = internals.unknownStringValue;

/** A secret, as the engine sends it. Policies see its value, and remediations that it is one. */
export const secret = (value: unknown): sdk.Secret => new sdk.Secret(value);

/** The URN of a resource without a parent. */
export const urnOf = (type: string, name: string): string => `urn:pulumi:test::homelab::${type}::${name}`;

/**
 * Judges a stack as CrossGuard does: each resource goes through every policy of the pack, and then the stack. Settings are
 * by policy, as in `policies/stacks/*.yaml`; `without` leaves policies out of the pack, and `only` all others.
 */
export async function judge(
  resources: readonly TestResource[],
  settings: Record<string, object> = {},
  { without, only }: { without?: string | string[]; only?: string } = {},
): Promise<Verdict> {
  const session = new Session();
  const violations: Verdict["violations"] = [];
  const pack = toCrossGuard(
    policies.filter(({ name }) => ![without].flat().includes(name) && (only === undefined || name === only)),
    session,
  );
  const reporting = (policy: string, own?: string): sdk.ReportViolation => {
    return (message, urn) => void violations.push({ policy, message, urn: own ?? urn });
  };
  for (const resource of resources) {
    for (const policy of pack as sdk.ResourceValidationPolicy[]) {
      const { urn, ...args } = toArgs(resource, settings[policy.name] ?? {});
      const remediable = { ...args, urn, props: proxied(resource.inputs ?? {}, true) };
      await policy.remediateResource?.(remediable as unknown as sdk.ResourceValidationArgs);
      for (const validate of [policy.validateResource ?? []].flat()) {
        const judged = { ...args, urn, props: proxied(resource.inputs ?? {}, false) };
        await validate(judged as unknown as sdk.ResourceValidationArgs, reporting(policy.name, urn));
      }
    }
  }
  for (const policy of pack as sdk.StackValidationPolicy[]) {
    await policy.validateStack?.(toStackArgs(resources, settings[policy.name] ?? {}), reporting(policy.name));
  }
  return { violations, report: session.report() };
}

/** The messages of one policy of the pack about a stack. */
export async function messages(
  policy: string,
  resources: readonly TestResource[],
  settings: object = {},
): Promise<string[]> {
  if (!policies.some(({ name }) => name === policy)) throw new Error(`"${policy}" is not in the pack`);
  const { violations } = await judge(resources, { [policy]: settings }, { only: policy });
  return violations.map(({ message }) => message);
}

function toArgs({ type, name, protect = false, parent, provider }: TestResource, config: object) {
  const urn = urnOf(type, name);
  return {
    urn,
    type,
    name,
    opts: { protect, ignoreChanges: [], aliases: [], additionalSecretOutputs: [], parent },
    provider: provider === undefined ? undefined : { urn: provider, type: "", name: "", props: {} },
    getConfig: () => config,
  };
}

function toStackArgs(resources: readonly TestResource[], config: object): sdk.StackValidationArgs {
  const all = resources.map((resource) => ({
    ...toArgs(resource, config),
    // A provider that isn't there yet knows nothing of its resources: a policy must not depend on outputs.
    props: {},
    propertyDependencies: Object.fromEntries(
      Object.entries(resource.dependencies ?? {}).map(([property, urns]) => [property, urns.map((urn) => ({ urn }))]),
    ),
  }));
  return { resources: all, getConfig: () => config } as unknown as sdk.StackValidationArgs;
}

/** The SDK's own views: secrets are unwrapped for a policy, and unknown values throw when they are touched. */
function proxied(inputs: Record<string, unknown>, keepSecrets: boolean): Record<string, unknown> {
  const props = keepSecrets ? secretsPreservingProxy(inputs) : (unwrap(inputs) as Record<string, unknown>);
  return internals.unknownCheckingProxy(props);
}

function unwrap(value: unknown): unknown {
  if (value instanceof sdk.Secret) return unwrap(value.value);
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unwrap(each)]));
}
