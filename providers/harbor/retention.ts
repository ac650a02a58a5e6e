import type * as pulumi from "@pulumi/pulumi";

import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Harbor } from "./api";
import type { Inputs } from "./connection";
import { checkRules, completed, fromHarbor, toHarbor, type HarborRule, type RetentionRule } from "./retention-rules";
import { checkCron, checkName } from "./words";

export type { RetentionRule } from "./retention-rules";

/** What a retention policy is. */
export interface RetentionValues {
  /** A project has one policy at most. **A change removes the policy of the project that was named before.** */
  readonly project: string;
  /** An image is kept where **any** rule keeps it; **all others are deleted**. At most 15 rules. */
  readonly rules: RetentionRule[];
  /** When it runs: six fields, second first, UTC. Default `0 0 2 * * *`; `""` for only when asked to. */
  readonly cron?: string;
}

interface RetentionOuts {
  readonly retentionId: number;
}

/** Arguments of {@link Retention}. */
export type RetentionArgs = Inputs<RetentionValues>;

/**
 * What is kept of a project's images. Id: the project's name. A policy that the project has is taken over. Space is freed
 * by the next {@link GarbageCollection}.
 *
 * ```ts
 * new Retention("media", { connection, project: media.name, rules: [{ lastPushed: 10 }] });
 * ```
 */
export class Retention extends DynamicResource {
  declare readonly retentionId: pulumi.Output<number>;

  constructor(name: string, args: RetentionArgs, opts?: pulumi.CustomResourceOptions) {
    super(retention, name, args, opts);
  }
}

interface RetentionRow {
  id: number;
  rules: HarborRule[] | null;
  trigger?: { settings?: { cron?: string } };
}

export const retention: Kind<Harbor, RetentionValues, RetentionOuts> = {
  token: "harbor:Retention",
  noun: "retention policy",
  identity: ["project"],
  outputs: ["retentionId"],
  defaults: { cron: "0 0 2 * * *" },
  // A second policy is a 400 like any other bad request.
  observeFirst: true,
  normalise: (args) => ({ ...args, ...(args.rules && { rules: args.rules.map(completed) }) }),

  check(args, problems) {
    checkName("project", args.project, problems);
    if (args.cron !== "") checkCron("cron", args.cron, problems);
    checkRules(args.rules, problems);
  },

  async create(api, args) {
    const subject = about("create", args.project);
    await api.post("/retentions", body(args, await api.projectId(args.project, subject)), subject);
    const retentionId = await policyOf(api, args.project);
    return { retentionId: retentionId ?? 0 };
  },

  async adopt(api, args) {
    const retentionId = await policyOf(api, args.project);
    return retentionId === undefined ? undefined : { retentionId };
  },

  async sync(api, args) {
    const subject = about("update", args.project);
    const project = await api.projectId(args.project, subject);
    const retentionId = await policyOf(api, args.project);
    if (retentionId === undefined) return retention.create(api, args);
    await api.put(`/retentions/${retentionId}`, { id: retentionId, ...body(args, project) }, subject);
    return { retentionId };
  },

  async read(api, { project = "" }) {
    const retentionId = await policyOf(api, project);
    if (retentionId === undefined) return undefined;
    const row = await api.get<RetentionRow>(`/retentions/${retentionId}`, about("read", project));
    const args = { project, rules: (row.rules ?? []).map(fromHarbor), cron: row.trigger?.settings?.cron ?? "" };
    return { args, outs: { retentionId } };
  },

  async delete(api, { project }) {
    const retentionId = await policyOf(api, project);
    if (retentionId === undefined) return;
    await api.delete(`/retentions/${retentionId}`, about("delete", project)).catch(async (error: unknown) => {
      // Harbor answers 400 for a policy that is gone, as it is where the answer to a first attempt was lost.
      if ((await policyOf(api, project)) !== undefined) throw error;
    });
  },
};

const about = (action: string, name: string) => ({ action, object: "retention policy", name });

/** The number of the project's policy. It is asked of the project: Harbor answers 500 for a policy that is gone. */
async function policyOf(api: Harbor, name: string): Promise<number | undefined> {
  const id = (await api.project(name, about("read", name)))?.metadata?.retention_id;
  return id ? Number(id) : undefined;
}

const body = ({ rules, cron }: RetentionValues, project: number) => ({
  algorithm: "or",
  scope: { level: "project", ref: project },
  trigger: { kind: "Schedule", settings: { cron: cron ?? "" }, references: {} },
  rules: rules.map(toHarbor),
});
