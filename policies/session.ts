import { z } from "zod";

import { exemptionOf, type Exemption } from "./exemptions";
import { settingsOf, type Policy, type Settings, type Tell } from "./policy";
import type { PolicyReport, ReportedExemption } from "./report";
import type { Path, Resource } from "./resource";

/** A policy with the settings a stack gives it, as it is judged in one run of Pulumi. */
export interface Configured<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly settings: Settings<Shape>;
  readonly exempt: readonly Exemption[];
}

/** One run of the pack: the resources it has seen, and what it will report. */
export class Session {
  /** Resources by URN, as the program registered them. */
  readonly seen = new Map<string, Resource>();
  /** Where resources hold secrets, by URN, for policies that see them. */
  readonly secrets = new Map<string, readonly Path[]>();
  private readonly exempting: ReportedExemption[] = [];
  private readonly granted: ReportedExemption[] = [];
  private memory: PolicyReport["memory"] = [];

  /** A policy's settings from what Pulumi passes on. Throws on a setting it doesn't know. */
  configure(policy: Policy, raw: object): Configured {
    const { exempt, ...settings } = settingsOf(policy).parse(raw);
    for (const { resource, reason } of exempt) this.add(this.granted, { policy: policy.name, resource, reason });
    return { settings, exempt };
  }

  /** Passes a violation on unless the policy exempts the resource. */
  violation(
    policy: Policy,
    { exempt }: Configured,
    resource: Pick<Resource, "urn" | "name"> | undefined,
    message: string,
    pass: (message: string, urn?: string) => void,
  ): void {
    const exemption = resource && exemptionOf(exempt, resource);
    if (exemption) this.add(this.exempting, { policy: policy.name, ...exemption });
    else pass(message, resource?.urn);
  }

  /** What a policy of the whole stack can tell, with violations going to `pass`. */
  tell(policy: Policy, configured: Configured, pass: (message: string, urn?: string) => void): Tell {
    return {
      violation: (message, resource) => this.violation(policy, configured, resource, message, pass),
      memory: (rows) => (this.memory = [...rows]),
      idleExemptions: () => this.granted.filter((each) => !this.exempting.some((used) => same(used, each))),
    };
  }

  /** What the run tells besides violations. */
  report(): Omit<PolicyReport, "levels"> {
    return { exemptions: [...this.exempting], memory: this.memory };
  }

  private add(list: ReportedExemption[], exemption: ReportedExemption): void {
    if (!list.some((each) => same(each, exemption))) list.push(exemption);
  }
}

const same = (one: ReportedExemption, other: ReportedExemption): boolean =>
  one.policy === other.policy && one.resource === other.resource;
