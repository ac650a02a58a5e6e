import type { PasswordStage as Row, PasswordStageRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../../dynamic/resource";
import type { Inputs } from "../connection";
import { flows } from "../lookup";
import { named } from "../named";

/** What a stage that asks for a password is. */
export interface PasswordStageValues {
  /** **A change makes another stage.** */
  readonly name: string;
  /** What a password is compared with: {@link inbuiltBackend}, {@link tokenBackend}. Default the first alone. */
  readonly backends?: string[];
  /** After how many wrong passwords the flow starts again. Default 5. It locks nobody: see {@link ReputationPolicy}. */
  readonly failedAttemptsBeforeCancel?: number;
  /** Whether there is a button that shows what was typed. Default `false`. */
  readonly allowShowPassword?: boolean;
  /** The slug of the flow by which users change their password. Default none. */
  readonly configureFlow?: string;
}

/** The users' own passwords. */
export const inbuiltBackend = "authentik.core.auth.InbuiltBackend";
/** The users' app passwords. */
export const tokenBackend = "authentik.core.auth.TokenBackend";

/** Arguments of {@link PasswordStage}. */
export type PasswordStageArgs = Inputs<PasswordStageValues>;

/** The stage in which people give their password. Id: its name. */
export class PasswordStage extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: PasswordStageArgs, opts?: pulumi.CustomResourceOptions) {
    super(passwordStage, name, args, opts);
  }
}

export const passwordStage = named<PasswordStageValues, Row, PasswordStageRequest>(
  {
    token: "authentik:PasswordStage",
    noun: "password stage",
    inputs: ["name", "backends", "failedAttemptsBeforeCancel", "allowShowPassword", "configureFlow"],
    references: { configureFlow: flows },
    defaults: {
      backends: [inbuiltBackend],
      failedAttemptsBeforeCancel: 5,
      allowShowPassword: false,
      configureFlow: "",
    },
    check(args, problems) {
      const remedy = `is empty, so that nobody could log in; name at least "${inbuiltBackend}"`;
      problems.expect("backends", args.backends, (backends) => backends.length > 0, remedy);
      problems.wholeNumber("failedAttemptsBeforeCancel", args.failedAttemptsBeforeCancel, 1, 1000);
    },
  },
  {
    list: ({ stages }, query) => stages.stagesPasswordList(query),
    create: ({ stages }, passwordStageRequest) => stages.stagesPasswordCreate({ passwordStageRequest }),
    update: ({ stages }, stageUuid, passwordStageRequest) =>
      stages.stagesPasswordUpdate({ stageUuid, passwordStageRequest }),
    destroy: ({ stages }, stageUuid) => stages.stagesPasswordDestroy({ stageUuid }),
  },
);
