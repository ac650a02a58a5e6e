import type { UserLoginStage as Row, UserLoginStageRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../../dynamic/resource";
import type { Inputs } from "../connection";
import { named } from "../named";
import { checkDuration } from "../words";

/** What a stage that logs in is. */
export interface UserLoginStageValues {
  /** **A change makes another stage.** */
  readonly name: string;
  /** How long people stay logged in: `hours=12`. Default `seconds=0`, until the browser is closed. */
  readonly sessionDuration?: string;
  /** How much longer for who asks to stay logged in. Default `seconds=0`, and nobody is asked. */
  readonly rememberMeOffset?: string;
  /** Whether a login ends the user's other sessions. Default `false`. */
  readonly terminateOtherSessions?: boolean;
}

/** Arguments of {@link UserLoginStage}. */
export type UserLoginStageArgs = Inputs<UserLoginStageValues>;

/** The stage that begins the session, the last one of a flow. Id: its name. */
export class UserLoginStage extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: UserLoginStageArgs, opts?: pulumi.CustomResourceOptions) {
    super(userLoginStage, name, args, opts);
  }
}

export const userLoginStage = named<UserLoginStageValues, Row, UserLoginStageRequest>(
  {
    token: "authentik:UserLoginStage",
    noun: "login stage",
    inputs: ["name", "sessionDuration", "rememberMeOffset", "terminateOtherSessions"],
    defaults: { sessionDuration: "seconds=0", rememberMeOffset: "seconds=0", terminateOtherSessions: false },
    check(args, problems) {
      checkDuration("sessionDuration", args.sessionDuration, problems);
      checkDuration("rememberMeOffset", args.rememberMeOffset, problems);
    },
  },
  {
    list: ({ stages }, query) => stages.stagesUserLoginList(query),
    create: ({ stages }, userLoginStageRequest) => stages.stagesUserLoginCreate({ userLoginStageRequest }),
    update: ({ stages }, stageUuid, userLoginStageRequest) =>
      stages.stagesUserLoginUpdate({ stageUuid, userLoginStageRequest }),
    destroy: ({ stages }, stageUuid) => stages.stagesUserLoginDestroy({ stageUuid }),
  },
);
