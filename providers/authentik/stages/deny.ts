import type { DenyStage as Row, DenyStageRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../../dynamic/resource";
import type { Inputs } from "../connection";
import { named } from "../named";

/** What a stage that refuses is. */
export interface DenyStageValues {
  /** **A change makes another stage.** */
  readonly name: string;
  /** What people read. Default: Authentik's own text. */
  readonly denyMessage?: string;
}

/** Arguments of {@link DenyStage}. */
export type DenyStageArgs = Inputs<DenyStageValues>;

/** A stage that ends a flow with a refusal. Bind it with a policy, or nobody gets past it. Id: its name. */
export class DenyStage extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: DenyStageArgs, opts?: pulumi.CustomResourceOptions) {
    super(denyStage, name, args, opts);
  }
}

export const denyStage = named<DenyStageValues, Row, DenyStageRequest>(
  {
    token: "authentik:DenyStage",
    noun: "deny stage",
    inputs: ["name", "denyMessage"],
    defaults: { denyMessage: "" },
  },
  {
    list: ({ stages }, query) => stages.stagesDenyList(query),
    create: ({ stages }, denyStageRequest) => stages.stagesDenyCreate({ denyStageRequest }),
    update: ({ stages }, stageUuid, denyStageRequest) => stages.stagesDenyUpdate({ stageUuid, denyStageRequest }),
    destroy: ({ stages }, stageUuid) => stages.stagesDenyDestroy({ stageUuid }),
  },
);
