import type { PromptStage as Row, PromptStageRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../../dynamic/resource";
import type { Inputs } from "../connection";
import { Lookup, policies } from "../lookup";
import { named } from "../named";

/** What a stage that asks for something is. */
export interface PromptStageValues {
  /** **A change makes another stage.** */
  readonly name: string;
  /**
   * The names of the prompts, which must exist: `default-password-change-field-password`, not the key of its field. They
   * are shown in an order of their own.
   */
  readonly fields: string[];
  /** The policies that what was typed must pass: `default-password-change-password-policy`. Default none. */
  readonly validationPolicies?: string[];
}

/** Arguments of {@link PromptStage}. */
export type PromptStageArgs = Inputs<PromptStageValues>;

/** The stage in which people fill in fields, such as a new password. Id: its name. */
export class PromptStage extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: PromptStageArgs, opts?: pulumi.CustomResourceOptions) {
    super(promptStage, name, args, opts);
  }
}

const prompts = new Lookup({
  noun: "prompt",
  area: "/stages/prompt/prompts",
  page: ({ stages }, page) => stages.stagesPromptPromptsList(page),
  names: ({ name }) => [name],
  id: ({ pk }) => pk,
});

export const promptStage = named<PromptStageValues, Row, PromptStageRequest>(
  {
    token: "authentik:PromptStage",
    noun: "prompt stage",
    inputs: ["name", "fields", "validationPolicies"],
    references: { fields: prompts, validationPolicies: policies },
    defaults: { validationPolicies: [] },
    check(args, problems) {
      const remedy = "is empty, so that nothing would be asked; name at least one prompt";
      problems.expect("fields", args.fields, (fields) => fields.length > 0, remedy);
    },
  },
  {
    list: ({ stages }, query) => stages.stagesPromptStagesList(query),
    create: ({ stages }, promptStageRequest) => stages.stagesPromptStagesCreate({ promptStageRequest }),
    update: ({ stages }, stageUuid, promptStageRequest) =>
      stages.stagesPromptStagesUpdate({ stageUuid, promptStageRequest }),
    destroy: ({ stages }, stageUuid) => stages.stagesPromptStagesDestroy({ stageUuid }),
  },
);
