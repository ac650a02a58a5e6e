import { ask, done, denied, refused, type Stage } from "../run";
import { newSecret, setupUrl, stepOf } from "./one-time-codes";

const digitsOf = (stage: { digits?: unknown }): number => Number(stage.digits ?? 6);

/** Sets up an authenticator app. */
export const totpSetup: Stage = {
  show({ objects, stage, plan, user, person }) {
    if (!user) return denied();
    plan.context.newSecret ??= newSecret();
    const issuer = objects.brand?.branding_title ?? "authentik";
    return ask("ak-stage-authenticator-totp", {
      ...person,
      config_url: setupUrl(issuer, user.username, plan.context.newSecret, digitsOf(stage)),
    });
  },

  answer({ objects, stage, plan, user, exchange }, fields) {
    const secret = plan.context.newSecret;
    if (!user || !secret) return denied();
    const step = stepOf(objects, secret, String(fields.code ?? "").trim(), digitsOf(stage));
    if (step === undefined) return refused("code", "Code does not match");
    const device = objects.insertNumbered("devices", {
      type: "totp",
      user: user.pk,
      name: stage.friendly_name || "TOTP Authenticator",
      confirmed: true,
      digits: digitsOf(stage),
      created: objects.now(),
      last_updated: objects.now(),
      last_used: null,
    });
    objects.hidden.totpSecrets[device.pk] = secret;
    (objects.hidden.login.codes ??= {})[device.pk] = step;
    const model = {
      pk: String(device.pk),
      app: "authentik_stages_authenticator_totp",
      name: device.name,
      model_name: "totpdevice",
    };
    objects.record("model_created", user, { model }, exchange.clientIp);
    objects.changed();
    return done;
  },
};
