import type * as sdk from "@pulumi/policy";

import { enforcementLevel, settingsSchema, type Policy, type ResourcePolicy, type StackPolicy } from "./policy";
import { writeReport } from "./report";
import type { Resource, Stack } from "./resource";
import { isLeftOut, secretPaths, toResource } from "./sdk-view";
import type { Configured, Session } from "./session";

/** The policies as Pulumi's CrossGuard takes them; all of them share one session. */
export function toCrossGuard(policies: readonly Policy[], session: Session): sdk.Policies {
  return policies.map((policy) => {
    const configured = once((raw: object) => session.configure(policy, raw));
    return {
      name: policy.name,
      description: policy.summary,
      enforcementLevel: enforcementLevel(policy, policy.level),
      configSchema: configSchema(policy),
      ...("judge" in policy
        ? resourceValidation(policy, session, configured)
        : stackValidation(policy, session, configured)),
    };
  });
}

type Configure = (raw: object) => Configured;

function resourceValidation(policy: ResourcePolicy, session: Session, configure: Configure) {
  const { types } = policy;
  const judges = typeof types === "function" ? types : (type: string) => types.includes(type);
  const validateResource: sdk.ResourceValidation = (args, reportViolation) => {
    const configured = configure(args.getConfig());
    // What judges every type needs no more than that.
    if (!judges(args.type) || (typeof types !== "function" && isLeftOut(args))) return;
    const resource = policy.seesSecrets ? withSecrets(toResource(args), session) : toResource(args);
    policy.judge(resource, configured.settings, (message) => {
      session.violation(policy, configured, resource, message, reportViolation);
    });
  };
  return { validateResource, ...remediation(policy, session) };
}

/** Pulumi offers each resource to remediations first, and shows them where its secrets are. This one changes nothing. */
function remediation({ seesSecrets }: Policy, session: Session): { remediateResource?: sdk.ResourceRemediation } {
  if (!seesSecrets) return {};
  return { remediateResource: (args) => void session.secrets.set(args.urn, secretPaths(args)) };
}

function withSecrets(resource: Resource, session: Session): Resource {
  const secrets = session.secrets.get(resource.urn);
  if (secrets) return { ...resource, secrets };
  throw new Error('Pulumi did not show which values are secrets; the policy\'s enforcementLevel must be "remediate"');
}

/**
 * A policy of the stack also watches each resource go by: what Pulumi shows at the end are outputs, of which a provider
 * that can't be reached yet, such as Docker on a VM that doesn't exist, knows none.
 */
function stackValidation(policy: StackPolicy, session: Session, configure: Configure) {
  const validateResource: sdk.ResourceValidation = (args) => {
    if (!session.seen.has(args.urn) && !isLeftOut(args)) session.seen.set(args.urn, toResource(args));
  };
  const validateStack: sdk.StackValidation = async (args, reportViolation) => {
    const configured = configure(args.getConfig());
    await policy.judgeStack(
      toStack(args, policy, session),
      configured.settings,
      session.tell(policy, configured, reportViolation),
    );
    writeReport(session.report());
  };
  return { validateResource, validateStack, ...remediation(policy, session) };
}

function toStack({ resources }: sdk.StackValidationArgs, { seesSecrets }: StackPolicy, session: Session): Stack {
  const origins = new Map(resources.map(({ urn, propertyDependencies }) => [urn, propertyDependencies]));
  return {
    resources: resources.flatMap(({ urn }): Resource[] => {
      const resource = session.seen.get(urn);
      if (!resource) return [];
      return [seesSecrets ? withSecrets(resource, session) : resource];
    }),
    dependencies: ({ urn }, property) => (origins.get(urn)?.[property] ?? []).map((each) => each.urn),
  };
}

/** The settings' schema in the form that Pulumi checks and shows; it has its own word for the level. */
function configSchema(policy: Policy): sdk.PolicyConfigSchema {
  return { properties: settingsSchema(policy) };
}

function once<A, R>(work: (argument: A) => R): (argument: A) => R {
  let result: { value: R } | undefined;
  return (argument) => (result ??= { value: work(argument) }).value;
}
