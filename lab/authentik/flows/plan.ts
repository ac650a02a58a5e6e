import type { Row } from "../../kit/rows";
import type { AuthentikObjects } from "../objects";
import type { Context } from "./context";
import { passes } from "./policies";
import type { Who } from "./reputation";

/** A stage that is still to come. One that another stage put in has no binding. */
export interface Step {
  readonly stage: Row;
  readonly binding?: Row;
}

/** One run of a flow in one browser. */
export interface Plan {
  readonly flow: string;
  readonly steps: Step[];
  readonly context: Context;
}

/** Why a flow is not for somebody. */
export class NotApplicable extends Error {}

/** The stages of a flow, without those whose policies, evaluated now, keep them out. */
export function planOf(objects: AuthentikObjects, flow: Row, who: Who, known: Partial<Context> = {}): Plan {
  const context: Context = { prompted: {}, isRestored: false, devices: [], ...known };
  if (!isFor(objects, flow, who, context)) throw new NotApplicable("Flow does not apply to current user.");
  const steps = objects
    .stagesOf(flow)
    .filter(({ binding }) => !binding.evaluate_on_plan || passes(objects, binding, who, { context }))
    .map(({ binding, stage }) => ({ binding, stage }));
  return { flow: flow.pk, steps, context };
}

/** The next stage; those whose policies, evaluated again now, keep them out, are dropped. */
export function nextStep(objects: AuthentikObjects, plan: Plan, who: Who): Step | undefined {
  for (let [step] = plan.steps; step; [step] = plan.steps) {
    const { binding } = step;
    if (!binding?.re_evaluate_policies || passes(objects, binding, who, { context: plan.context })) return step;
    plan.steps.shift();
  }
  return undefined;
}

function isFor(objects: AuthentikObjects, flow: Row, who: Who, context: Context): boolean {
  const { isRestored } = context;
  const user = isRestored ? undefined : who.user;
  switch (flow.authentication ?? "none") {
    case "none":
      break;
    case "require_authenticated":
      if (!user) return false;
      break;
    case "require_unauthenticated":
      if (user) return false;
      break;
    case "require_superuser":
      if (!user || !objects.isSuperuser(user)) return false;
      break;
    case "require_token":
      if (!isRestored) return false;
      break;
    default:
      return false;
  }
  return passes(objects, flow, who, { context });
}
