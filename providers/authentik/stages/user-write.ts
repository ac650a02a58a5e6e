import type { UserWriteStage as Row, UserWriteStageRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../../dynamic/resource";
import type { Inputs } from "../connection";
import { groups } from "../lookup";
import { named } from "../named";

/** What a stage that saves a user is. */
export interface UserWriteStageValues {
  /** **A change makes another stage.** */
  readonly name: string;
  /** Whether it makes users, or only changes those there are. Default `never_create`. */
  readonly userCreationMode?: "never_create" | "create_when_required" | "always_create";
  /** Whether a user it makes cannot log in yet. Default `true`. */
  readonly createUsersAsInactive?: boolean;
  /** The group that users it makes are in. Default none. */
  readonly createUsersGroup?: string;
}

/** Arguments of {@link UserWriteStage}. */
export type UserWriteStageArgs = Inputs<UserWriteStageValues>;

/** The stage that saves what people typed before it, such as a new password. Id: its name. */
export class UserWriteStage extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: UserWriteStageArgs, opts?: pulumi.CustomResourceOptions) {
    super(userWriteStage, name, args, opts);
  }
}

export const userWriteStage = named<UserWriteStageValues, Row, UserWriteStageRequest>(
  {
    token: "authentik:UserWriteStage",
    noun: "user write stage",
    inputs: ["name", "userCreationMode", "createUsersAsInactive", "createUsersGroup"],
    references: { createUsersGroup: groups },
    defaults: { userCreationMode: "never_create", createUsersAsInactive: true, createUsersGroup: "" },
    check(args, problems) {
      const modes = ["never_create", "create_when_required", "always_create"];
      problems.oneOf("userCreationMode", args.userCreationMode, modes);
    },
  },
  {
    list: ({ stages }, query) => stages.stagesUserWriteList(query),
    create: ({ stages }, userWriteStageRequest) => stages.stagesUserWriteCreate({ userWriteStageRequest }),
    update: ({ stages }, stageUuid, userWriteStageRequest) =>
      stages.stagesUserWriteUpdate({ stageUuid, userWriteStageRequest }),
    destroy: ({ stages }, stageUuid) => stages.stagesUserWriteDestroy({ stageUuid }),
  },
);
