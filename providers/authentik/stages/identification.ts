import type { IdentificationStage as Row, IdentificationStageRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../../dynamic/resource";
import type { Inputs } from "../connection";
import { flows, stages } from "../lookup";
import { named } from "../named";

/** What a stage that asks who somebody is is. */
export interface IdentificationStageValues {
  /** **A change makes another stage.** */
  readonly name: string;
  /** What people may type. Default user name or e-mail address. */
  readonly userFields?: ("username" | "email" | "upn")[];
  /** The {@link PasswordStage} whose field is shown here too. Default none, so that the password is a step of its own. */
  readonly passwordStage?: string;
  /** Default `true`. */
  readonly caseInsensitiveMatching?: boolean;
  /** Whether a user's name and picture are shown once they are known. Default `true`. */
  readonly showMatchedUser?: boolean;
  /** Whether the flow goes on for a user that does not exist, so that nobody learns who does. Default `true`. */
  readonly pretendUserExists?: boolean;
  /** Whether people may have their name remembered on a device. Default `false`. */
  readonly enableRememberMe?: boolean;
  /** The slug of the flow behind "Forgot password?". Default none, and no such link. */
  readonly recoveryFlow?: string;
}

/** Arguments of {@link IdentificationStage}. */
export type IdentificationStageArgs = Inputs<IdentificationStageValues>;

/** The stage in which people say who they are. Id: its name. */
export class IdentificationStage extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: IdentificationStageArgs, opts?: pulumi.CustomResourceOptions) {
    super(identificationStage, name, args, opts);
  }
}

export const identificationStage = named<IdentificationStageValues, Row, IdentificationStageRequest>(
  {
    token: "authentik:IdentificationStage",
    noun: "identification stage",
    inputs: [
      "name",
      "userFields",
      "passwordStage",
      "caseInsensitiveMatching",
      "showMatchedUser",
      "pretendUserExists",
      "enableRememberMe",
      "recoveryFlow",
    ],
    references: { passwordStage: stages, recoveryFlow: flows },
    defaults: {
      userFields: ["username", "email"],
      passwordStage: "",
      caseInsensitiveMatching: true,
      showMatchedUser: true,
      pretendUserExists: true,
      enableRememberMe: false,
      recoveryFlow: "",
    },
    check(args, problems) {
      const remedy = 'is empty, so that nobody could log in; name at least one, such as "username"';
      problems.expect("userFields", args.userFields, (fields) => fields.length > 0, remedy);
      for (const field of args.userFields ?? []) problems.oneOf("userFields", field, ["username", "email", "upn"]);
    },
  },
  {
    list: ({ stages }, query) => stages.stagesIdentificationList(query),
    create: ({ stages }, identificationStageRequest) =>
      stages.stagesIdentificationCreate({ identificationStageRequest }),
    update: ({ stages }, stageUuid, identificationStageRequest) =>
      stages.stagesIdentificationUpdate({ stageUuid, identificationStageRequest }),
    destroy: ({ stages }, stageUuid) => stages.stagesIdentificationDestroy({ stageUuid }),
  },
);
