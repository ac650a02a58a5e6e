import type { Flow as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { flows } from "./lookup";
import { checkOwnName } from "./words";
import { checkSlug, checkText } from "./text-checks";

type Designation = (typeof designations)[number];
type Requirement = (typeof requirements)[number];

/** What a flow is. Its stages are not its own matter: see {@link FlowStage}. */
export interface FlowValues {
  /** Part of its URL. **A change makes another flow; providers that use the old one go with it.** */
  readonly slug: string;
  /** What administrators read. Default: the slug. */
  readonly name?: string;
  /** What people read at the head of its pages. */
  readonly title: string;
  /** What it is for. */
  readonly designation: Designation;
  /** Who may go through it. Default `none`: anyone. */
  readonly authentication?: Requirement;
  /** What happens to who may not. Default `message_continue`. */
  readonly deniedAction?: "message_continue" | "message" | "continue";
  /** Whether all policies bound to it must pass, or any. Default `any`. */
  readonly policyEngineMode?: "any" | "all";
}

/** Arguments of {@link Flow}. */
export type FlowArgs = Inputs<FlowValues>;

/**
 * What people go through to log in, or to do something else. Id: its slug.
 *
 * Make one of your own and set it in {@link Brand}: upgrades set Authentik's own flows back.
 */
export class Flow extends DynamicResource {
  declare readonly slug: pulumi.Output<string>;

  constructor(name: string, args: FlowArgs, opts?: pulumi.CustomResourceOptions) {
    super(flow, name, args, opts);
  }
}

const designations = [
  "authentication",
  "authorization",
  "invalidation",
  "enrollment",
  "unenrollment",
  "recovery",
  "stage_configuration",
] as const;

const requirements = [
  "none",
  "require_authenticated",
  "require_unauthenticated",
  "require_superuser",
  "require_redirect",
  "require_outpost",
  "require_token",
] as const;

export const flow = kindOf<FlowValues, Row>(
  {
    token: "authentik:Flow",
    noun: "flow",
    identity: ["slug"],
    defaults: { authentication: "none", deniedAction: "message_continue", policyEngineMode: "any" },
    normalise: (args) => ({ ...args, name: args.name ?? args.slug }),
    check(args, problems) {
      checkOwnName("slug", args.slug, problems);
      checkSlug("slug", args.slug, problems);
      checkText("title", args.title, problems);
      problems.oneOf("designation", args.designation, designations);
      problems.oneOf("authentication", args.authentication, requirements);
      problems.oneOf("deniedAction", args.deniedAction, ["message_continue", "message", "continue"]);
      problems.oneOf("policyEngineMode", args.policyEngineMode, ["any", "all"]);
    },
  },
  {
    find: (api, { slug = "" }, subject) => api.find(subject, ({ flows }) => flows.flowsInstancesRetrieve({ slug })),
    look: (api, { slug = "" }, subject) => flows.row(api, slug, subject),
    create: (api, args, subject) =>
      api.call(subject, ({ flows }) => flows.flowsInstancesCreate({ flowRequest: body(args) })),
    update: (api, { slug }, args, subject) =>
      api.call(subject, ({ flows }) => flows.flowsInstancesUpdate({ slug, flowRequest: body(args) })),
    destroy: (api, { slug }, subject) => api.call(subject, ({ flows }) => flows.flowsInstancesDestroy({ slug })),
    argsOf: (_api, row) => ({
      slug: row.slug,
      name: row.name,
      title: row.title,
      designation: row.designation as Designation,
      authentication: row.authentication as Requirement,
      deniedAction: row.deniedAction as FlowValues["deniedAction"],
      policyEngineMode: row.policyEngineMode as FlowValues["policyEngineMode"],
    }),
    outsOf: () => ({}),
  },
);

const body = (args: FlowValues) => ({ ...args, name: args.name ?? args.slug });
