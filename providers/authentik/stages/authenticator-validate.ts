import type { AuthenticatorValidateStage as Row, AuthenticatorValidateStageRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../../dynamic/resource";
import type { Inputs } from "../connection";
import { stages } from "../lookup";
import { named } from "../named";
import { checkDuration } from "../words";

type DeviceClass = (typeof deviceClasses)[number];

/** What a stage that asks for a second factor is. */
export interface AuthenticatorValidateStageValues {
  /** **A change makes another stage.** */
  readonly name: string;
  /** What happens to who has no device: gets past, is refused, or enrols one. Default `configure`. */
  readonly notConfiguredAction?: "skip" | "deny" | "configure";
  /** Which devices count. Default TOTP, recovery codes (`static`) and passkeys. */
  readonly deviceClasses?: DeviceClass[];
  /**
   * The stages that enrol a device, where it is `configure`. With several, the user chooses. Default none, which
   * `configure` refuses.
   */
  readonly configurationStages?: string[];
  /** How long a device that was used is not asked for again. Default `seconds=0`: always ask. */
  readonly lastAuthThreshold?: string;
  /** Whether a passkey must know who uses it, by PIN or finger. Default `preferred`. */
  readonly webauthnUserVerification?: "required" | "preferred" | "discouraged";
}

/** Arguments of {@link AuthenticatorValidateStage}. */
export type AuthenticatorValidateStageArgs = Inputs<AuthenticatorValidateStageValues>;

/** The stage in which people show their second factor, or enrol one. Id: its name. */
export class AuthenticatorValidateStage extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: AuthenticatorValidateStageArgs, opts?: pulumi.CustomResourceOptions) {
    super(authenticatorValidateStage, name, args, opts);
  }
}

const deviceClasses = ["static", "totp", "webauthn", "duo", "sms", "email"] as const;

export const authenticatorValidateStage = named<
  AuthenticatorValidateStageValues,
  Row,
  AuthenticatorValidateStageRequest
>(
  {
    token: "authentik:AuthenticatorValidateStage",
    noun: "second-factor stage",
    inputs: [
      "name",
      "notConfiguredAction",
      "deviceClasses",
      "configurationStages",
      "lastAuthThreshold",
      "webauthnUserVerification",
    ],
    references: { configurationStages: stages },
    defaults: {
      notConfiguredAction: "configure",
      deviceClasses: ["totp", "static", "webauthn"],
      configurationStages: [],
      lastAuthThreshold: "seconds=0",
      webauthnUserVerification: "preferred",
    },
    check(args, problems) {
      problems.oneOf("notConfiguredAction", args.notConfiguredAction, ["skip", "deny", "configure"]);
      problems.oneOf("webauthnUserVerification", args.webauthnUserVerification, [
        "required",
        "preferred",
        "discouraged",
      ]);
      for (const each of args.deviceClasses ?? []) problems.oneOf("deviceClasses", each, deviceClasses);
      checkDuration("lastAuthThreshold", args.lastAuthThreshold, problems);
      if (args.notConfiguredAction === "configure" && args.configurationStages?.length === 0) {
        problems.add(
          "configurationStages",
          'is empty, but who has no device is to enrol one; name a stage, such as "default-authenticator-totp-setup", ' +
            'or set `notConfiguredAction` to "deny" or "skip"',
        );
      }
    },
  },
  {
    list: ({ stages }, query) => stages.stagesAuthenticatorValidateList(query),
    create: ({ stages }, authenticatorValidateStageRequest) =>
      stages.stagesAuthenticatorValidateCreate({ authenticatorValidateStageRequest }),
    update: ({ stages }, stageUuid, authenticatorValidateStageRequest) =>
      stages.stagesAuthenticatorValidateUpdate({ stageUuid, authenticatorValidateStageRequest }),
    destroy: ({ stages }, stageUuid) => stages.stagesAuthenticatorValidateDestroy({ stageUuid }),
  },
);
