import type { Flow, PolicyBinding } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import { sortedSet } from "../dynamic/values";
import type { Authentik } from "./api";
import type { Inputs } from "./connection";
import { flows, groups, stages } from "./lookup";
import { checkText } from "./text-checks";

/** Which of Authentik's ways in are closed. */
export interface ClosedFlowsValues {
  /** The name of the group that closed flows are for. Nobody may be in it. **A change makes another resource.** */
  readonly group: string;
  /** The slugs of the flows that stay open: those by which people are to log in. */
  readonly open: string[];
  /**
   * What is another one after Authentik was started anew, such as its containers' ids: an upgrade may bring further
   * flows. Left out: only a refresh finds those.
   */
  readonly startedAs?: string[];
}

interface ClosedFlowsOuts {
  /** The policy engine mode that each closed flow had, by its slug. */
  readonly modes: Readonly<Record<string, Mode>>;
}

type Mode = "any" | "all";

/** Arguments of {@link ClosedFlows}. */
export type ClosedFlowsArgs = Inputs<ClosedFlowsValues>;

/**
 * That nobody gets in but by the flows which are meant for it: Authentik runs any flow by its URL, those it comes with too,
 * and they ask for no second factor and know no lockout. Every flow that logs in, enrols, recovers or removes users, except those
 * that stay open, is bound to a group of nobody. One that appears later, or is opened by hand, is a difference. Deleting this
 * opens them again. Id: the group's name.
 *
 * **Make it once people can log in by a flow that stays open.** `ak create_recovery_key` gets in all the same.
 */
export class ClosedFlows extends DynamicResource {
  constructor(name: string, args: ClosedFlowsArgs, opts?: pulumi.CustomResourceOptions) {
    super(closedFlows, name, args, opts);
  }
}

const subject: Subject = { action: "close", object: "flows", name: "of Authentik's own" };

export const closedFlows: Kind<Authentik, ClosedFlowsValues, ClosedFlowsOuts> = {
  token: "authentik:ClosedFlows",
  noun: "closed flows",
  identity: ["group"],
  writeOnly: ["startedAs"],
  outputs: ["modes"],
  initial: { modes: {} },
  normalise: (args) => ({ ...args, ...(args.open && { open: sortedSet(args.open) }) }),
  check(args, problems) {
    checkText("group", args.group, problems);
    const remedy = "is empty, so that nobody could log in; name the flow by which people log in";
    problems.expect("open", args.open, (slugs) => slugs.length > 0, remedy);
  },

  create: (api, args) => close(api, args, {}),
  adopt: () => Promise.resolve({ modes: {} }),
  sync: (api, args, { modes = {} }) => close(api, args, modes),

  async read(api, { group = "" }, { modes = {} }) {
    const bindings = await bindingsOf(api, group);
    const all = await entrances(api);
    if (!all.some(({ pk }) => bindings.has(pk))) return undefined;
    const open = all.filter((flow) => !isClosed(flow, bindings.get(flow.pk))).map(({ slug }) => slug);
    return { args: { group, open: sortedSet(open) }, outs: { modes } };
  },

  async delete(api, { group }, { modes = {} }) {
    api.forget(bindingsArea);
    const bindings = await bindingsOf(api, group);
    const slugs = Object.keys(modes);
    for (const flow of await flows.fresh(api, subject)) {
      if (bindings.has(flow.pk) || slugs.includes(flow.slug)) await open(api, flow, bindings.get(flow.pk), modes);
    }
  },
};

/** Closes what is open and should not be, and the reverse. */
async function close(
  api: Authentik,
  { group, open: staying }: ClosedFlowsValues,
  known: ClosedFlowsOuts["modes"],
): Promise<ClosedFlowsOuts> {
  const groupId = await groups.id(api, group, subject);
  for (const area of [flows.area, stages.area, bindingsArea]) api.forget(area);
  const bindings = await bindingsOf(api, group);
  const modes: Record<string, Mode> = {};
  for (const flow of await entrances(api)) {
    const binding = bindings.get(flow.pk);
    if (staying.includes(flow.slug)) {
      if (binding) await open(api, flow, binding, known);
      continue;
    }
    // Who was bound before has been closed by an update that was interrupted, after which nobody knows.
    modes[flow.slug] = known[flow.slug] ?? (binding ? "any" : modeOf(flow));
    if (isClosed(flow, binding)) continue;
    const policyBindingRequest = { target: flow.pk, group: groupId, order: 0, enabled: true, negate: false };
    await api.call(subject, ({ policies }) =>
      binding
        ? policies.policiesBindingsUpdate({ policyBindingUuid: binding.pk, policyBindingRequest })
        : policies.policiesBindingsCreate({ policyBindingRequest }),
    );
    await setMode(api, flow, "all");
  }
  return { modes };
}

async function open(
  api: Authentik,
  flow: Flow,
  binding: PolicyBinding | undefined,
  modes: ClosedFlowsOuts["modes"],
): Promise<void> {
  await setMode(api, flow, modes[flow.slug] ?? "any");
  if (!binding) return;
  await api.call(subject, ({ policies }) => policies.policiesBindingsDestroy({ policyBindingUuid: binding.pk }));
}

const modeOf = ({ policyEngineMode }: Flow): Mode => (policyEngineMode === "all" ? "all" : "any");

async function setMode(api: Authentik, flow: Flow, policyEngineMode: Mode): Promise<void> {
  if (modeOf(flow) === policyEngineMode) return;
  const patchedFlowRequest = { policyEngineMode };
  await api.call(subject, ({ flows }) => flows.flowsInstancesPartialUpdate({ slug: flow.slug, patchedFlowRequest }));
}

/** Every binding has to pass, and one of them is of the group. */
const isClosed = (flow: Flow, binding: PolicyBinding | undefined): boolean =>
  binding !== undefined && binding.enabled !== false && binding.negate !== true && modeOf(flow) === "all";

const designations: readonly string[] = ["authentication", "enrollment", "recovery", "unenrollment"];
const loggedIn: readonly (string | undefined)[] = ["require_authenticated", "require_superuser"];

/** The flows by which somebody gets in, or changes users without being logged in: `initial-setup` says of itself that it is another. */
async function entrances(api: Authentik): Promise<Flow[]> {
  const types = new Map((await stages.rows(api, subject)).map(({ pk, component }) => [pk, component]));
  const has = (flow: Flow, component: string): boolean => flow.stages.some((pk) => types.get(pk) === component);
  return (await flows.rows(api, subject)).filter(
    (flow) =>
      designations.includes(flow.designation) ||
      has(flow, "ak-stage-user-login-form") ||
      (has(flow, "ak-stage-user-write-form") && !loggedIn.includes(flow.authentication)),
  );
}

const bindingsArea = "/policies/bindings";

/** What is bound to the group, by the id of what it decides about. */
async function bindingsOf(api: Authentik, group: string): Promise<Map<string, PolicyBinding>> {
  const rows = await api.recall(bindingsArea, () =>
    api.list(subject, ({ policies }, page) => policies.policiesBindingsList(page)),
  );
  return new Map(rows.filter(({ groupObj }) => groupObj?.name === group).map((row) => [row.target, row]));
}
