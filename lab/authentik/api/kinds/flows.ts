import type { Row } from "../../../kit/rows";
import type { AuthentikObjects } from "../../objects";
import { type Collection, routesOf } from "../collection";
import type { Route } from "../context";
import { to } from "../references";
import { flowShown, stageShown } from "./shown";

const flows: Collection = {
  path: "/flows/instances/",
  id: "slug",
  key: "slug",
  table: "flows",
  model: "Flow",
  label: "authentik_flows.flow",
  ordering: "slug,name",
  search: ["name", "slug", "designation", "title"],
  unique: { slug: "Flow with this slug already exists." },
  filters: { flow_uuid: (row, value) => row.pk === value },
  defaults: ({ objects }) => newFlow(objects),
  shown: (row, { objects }) => flowShown(row, objects),
};

/** What a flow has that was just made, besides what was said. */
export const newFlow = (objects: AuthentikObjects): Row => ({
  policybindingmodel_ptr_id: objects.newUuid(),
  ...{ background: "", policy_engine_mode: "any", compatibility_mode: false, layout: "stacked" },
  ...{ denied_action: "message_continue", authentication: "none" },
});

const flowBindings: Collection = {
  path: "/flows/bindings/",
  id: "fsb_uuid",
  table: "flowBindings",
  model: "Flow Stage Binding",
  label: "authentik_flows.flowstagebinding",
  ordering: "target,order",
  search: ["pk"],
  together: ["target", "stage", "order"],
  references: { target: to.flow, stage: to.stage },
  filters: {
    fsb_uuid: (row, value) => row.pk === value,
    pbm_uuid: (row, value) => row.policybindingmodel_ptr_id === value,
    policies: (row, value, { objects }) => objects.bindingsOf(row.pk).some(({ policy }) => policy === value),
  },
  defaults: ({ objects }) => newFlowBinding(objects),
  shown: (row, { objects }) => {
    const stage = objects.by("stages", "pk", row.stage) ?? {};
    return { stage_obj: { ...stage, ...stageShown(stage, objects) } };
  },
};

/** What a stage's place in a flow has that was just made, besides what was said. */
export const newFlowBinding = (objects: AuthentikObjects): Row => ({
  policybindingmodel_ptr_id: objects.newUuid(),
  ...{
    evaluate_on_plan: false,
    re_evaluate_policies: true,
    policy_engine_mode: "any",
    invalid_response_action: "retry",
  },
});

export const flowRoutes: Route[] = [...routesOf(flows), ...routesOf(flowBindings)];
