import type { Row } from "../../../kit/rows";
import { duration } from "../../rows";
import { badDuration, type Collection, routesOf } from "../collection";
import type { Route } from "../context";
import { invalid } from "../errors";
import { to } from "../references";
import { stageShown } from "./shown";
import { newStage, type StageType, stageTypes } from "./stage-types";

const references = {
  password_stage: to.stage,
  enrollment_flow: to.flow,
  recovery_flow: to.flow,
  passwordless_flow: to.flow,
  configure_flow: to.flow,
  target_flow: to.flow,
  configuration_stages: to.stage,
  create_users_group: to.group,
  fields: to.prompt,
  validation_policies: to.policy,
};

const durations = [
  "session_duration",
  "remember_me_offset",
  "remember_device",
  "last_auth_threshold",
  "consent_expire_in",
];

function validate(body: Row): void {
  for (const field of durations) {
    if (body[field] !== undefined && duration(body[field]) === undefined) throw badDuration(field, body[field]);
  }
  // It looks at the body alone: a change must say both.
  if (body.not_configured_action === "configure" && !body.configuration_stages?.length) {
    throw invalid(
      "not_configured_action",
      'When "Not configured action" is set to "Configure", you must set a configuration stage.',
    );
  }
}

const collectionOf = ({ path, component, verbose, label }: StageType): Collection => ({
  path: `/stages/${path}/`,
  id: "stage_uuid",
  table: "stages",
  includes: (row) => row.component === component,
  model: verbose,
  label,
  unique: { name: "stage with this name already exists." },
  references,
  defaults: () => newStage(component),
  validate,
  shown: (row, { objects }) => stageShown(row, objects),
});

const anyStage: Collection = {
  path: "/stages/all/",
  id: "stage_uuid",
  table: "stages",
  model: "Stage",
  label: "authentik_flows.stage",
  methods: ["list", "retrieve", "destroy"],
  shown: (row, { objects }) => stageShown(row, objects),
};

const prompts: Collection = {
  path: "/stages/prompt/prompts/",
  id: "prompt_uuid",
  table: "prompts",
  model: "Prompt",
  label: "authentik_stages_prompt.prompt",
  ordering: "field_key",
  search: ["field_key", "name", "label", "type"],
  unique: { name: "Prompt with this name already exists." },
  defaults: newPrompt,
  shown: (row, { objects }) => ({
    prompt_stages_obj: objects.stages
      .filter(({ fields }) => fields?.includes(row.pk))
      .map((stage): Row => ({ ...stage, ...stageShown(stage, objects) })),
  }),
};

/** What a field of a form has that was just made, besides what was said. */
export function newPrompt(): Row {
  return {
    ...{ required: true, placeholder: "", initial_value: "", order: 0, sub_text: "" },
    ...{ placeholder_expression: false, initial_value_expression: false },
  };
}

export const stageRoutes: Route[] = [
  ...stageTypes.flatMap((type) => routesOf(collectionOf(type))),
  ...routesOf(anyStage),
  ...routesOf(prompts),
];
