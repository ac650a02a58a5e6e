import type { FlowStageBinding as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { flows, stages } from "./lookup";
import { checkText } from "./text-checks";
import { checkOwnName } from "./words";

/** Where in a flow a stage is. */
export interface FlowStageValues {
  /** The slug of the {@link Flow}. **A change takes the stage out of this one.** */
  readonly flow: string;
  /** Stages come in the order of these numbers. **A change moves the stage, and its policies stay behind.** */
  readonly order: number;
  /**
   * The name of the stage. Another one takes its place without a moment in which the flow has neither: a login flow without
   * its password stage would let anyone in.
   */
  readonly stage: string;
  /** Whether its policies are asked when the flow begins, before anyone said who they are. Default `false`. */
  readonly evaluateOnPlan?: boolean;
  /** Whether its policies are asked when its turn comes. Default `true`. */
  readonly reEvaluatePolicies?: boolean;
  /** Whether all its policies must pass, or any. Default `any`. */
  readonly policyEngineMode?: "any" | "all";
  /** Where a wrong answer leads: back to this stage, or to the start. Default `retry`. */
  readonly invalidResponseAction?: "retry" | "restart" | "restart_with_context";
}

/** Arguments of {@link FlowStage}. */
export type FlowStageArgs = Inputs<FlowStageValues>;

/** A stage as a part of a flow. Id: `flow/order`. */
export class FlowStage extends DynamicResource {
  declare readonly flow: pulumi.Output<string>;
  declare readonly order: pulumi.Output<number>;

  constructor(name: string, args: FlowStageArgs, opts?: pulumi.CustomResourceOptions) {
    super(flowStage, name, args, opts);
  }
}

/** What is at this place of a flow, as of a few seconds ago; `undefined` where nothing is, or no such flow. */
export async function stageAt(
  api: Authentik,
  flow: string,
  order: number | string,
  subject: Subject,
): Promise<Row | undefined> {
  const found = await flows.row(api, flow, subject);
  if (!found) return undefined;
  const rows = await api.recall("/flows/bindings", () =>
    api.list(subject, ({ flows }, page) => flows.flowsBindingsList(page)),
  );
  return rows.find((row) => row.target === found.pk && row.order === Number(order));
}

export const flowStage: Kind<Authentik, FlowStageValues> = {
  // Authentik would put a second stage at the same place.
  observeFirst: true,
  ...kindOf<FlowStageValues, Row>(
    {
      token: "authentik:FlowStage",
      noun: "stage of a flow",
      identity: ["flow", "order"],
      defaults: {
        evaluateOnPlan: false,
        reEvaluatePolicies: true,
        policyEngineMode: "any",
        invalidResponseAction: "retry",
      },
      check(args, problems) {
        checkOwnName("flow", args.flow, problems);
        problems.wholeNumber("order", args.order, 0, 1_000_000);
        checkText("stage", args.stage, problems);
        problems.oneOf("policyEngineMode", args.policyEngineMode, ["any", "all"]);
        problems.oneOf("invalidResponseAction", args.invalidResponseAction, [
          "retry",
          "restart",
          "restart_with_context",
        ]);
      },
    },
    {
      async find(api, { flow = "", order = 0 }, subject) {
        const target = (await flows.row(api, flow, subject))?.pk;
        if (target === undefined) return undefined;
        const rows = await api.list(subject, ({ flows }, page) => flows.flowsBindingsList({ target, ...page }));
        return rows.find((row) => row.target === target && row.order === Number(order));
      },
      look: (api, { flow = "", order = 0 }, subject) => stageAt(api, flow, order, subject),
      async create(api, args, subject) {
        const flowStageBindingRequest = await body(api, args, subject);
        return api.call(subject, ({ flows }) => flows.flowsBindingsCreate({ flowStageBindingRequest }));
      },
      async update(api, { pk }, args, subject) {
        const flowStageBindingRequest = await body(api, args, subject);
        return api.call(subject, ({ flows }) => flows.flowsBindingsUpdate({ fsbUuid: pk, flowStageBindingRequest }));
      },
      destroy: (api, { pk }, subject) => api.call(subject, ({ flows }) => flows.flowsBindingsDestroy({ fsbUuid: pk })),
      argsOf: async (api, row, subject) => ({
        flow: await flows.name(api, row.target, subject),
        order: row.order,
        stage: await stages.name(api, row.stage, subject),
        evaluateOnPlan: row.evaluateOnPlan,
        reEvaluatePolicies: row.reEvaluatePolicies,
        policyEngineMode: row.policyEngineMode as FlowStageValues["policyEngineMode"],
        invalidResponseAction: row.invalidResponseAction as FlowStageValues["invalidResponseAction"],
      }),
      outsOf: () => ({}),
    },
  ),
};

const body = async (api: Authentik, { flow, stage, ...rest }: FlowStageValues, subject: Subject) => ({
  ...rest,
  target: await flows.id(api, flow, subject),
  stage: await stages.id(api, stage, subject),
});
