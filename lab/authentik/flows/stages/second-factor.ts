import type { Row } from "../../../kit/rows";
import { failed, score } from "../reputation";
import { ask, denied, done, refused, type Outcome, type Run, type Stage } from "../run";
import { takeCode } from "./one-time-codes";

/** Asks for a second factor; where the person has none, it does what `not_configured_action` says. */
export const secondFactor: Stage = { show, answer };

function show(run: Run): Outcome {
  const { stage, plan, user } = run;
  if (!user) return done;
  const devices = devicesFor(run, user);
  if (devices.length > 0) return challenge(run, devices, []);
  if (stage.not_configured_action === "deny") return denied();
  if (stage.not_configured_action !== "configure") return done;
  const stages = configurationStages(run);
  const [only] = stages;
  if (!only) return denied();
  if (stages.length > 1) return challenge(run, [], stages);
  plan.steps.splice(1, 0, { stage: only });
  return done;
}

function answer(run: Run, fields: Row): Outcome {
  const { objects, plan, stage, user } = run;
  if (!user) return done;
  const devices = devicesFor(run, user);
  if (devices.length === 0) {
    const chosen = configurationStages(run).find(({ pk }) => pk === fields.selected_stage);
    if (!chosen) return refused("selected_stage", "Selected stage is invalid");
    plan.steps.splice(1, 0, { stage: chosen });
    return done;
  }
  if (typeof fields.code !== "string") return refused("non_field_errors", "Empty response");
  const code = fields.code.trim();
  const used = devices.find((device) => takeCode(objects, device, code));
  if (used) {
    used.last_used = objects.now();
    plan.context.devices.push(used);
    objects.changed();
    return done;
  }
  const [{ type: device_class = "totp" } = {}] = devices;
  failed(objects, run.who, stage, { device_class });
  // The stage lowers the score as well as the failed login does.
  score(objects, run.who, -1);
  return refused("code", "Invalid Token. Please ensure the time on your device is accurate and try again.");
}

const devicesFor = ({ objects, stage }: Run, user: Row): Row[] =>
  objects.devices.filter(
    (row) => row.user === user.pk && row.confirmed !== false && (stage.device_classes ?? []).includes(row.type),
  );

const configurationStages = ({ objects, stage }: Run): Row[] =>
  (stage.configuration_stages ?? []).flatMap((pk: string) => objects.by("stages", "pk", pk) ?? []);

function challenge(run: Run, devices: Row[], stages: Row[]): Outcome {
  const classes = [...new Set(devices.map(({ type }) => type as string))];
  return ask("ak-stage-authenticator-validate", {
    ...run.person,
    device_challenges: classes.map((device_class) => {
      const device = devices.find(({ type }) => type === device_class);
      return { device_class, device_uid: String(device?.pk), challenge: {}, last_used: device?.last_used ?? null };
    }),
    configuration_stages: stages.map(({ pk, name, verbose_name, meta_model_name }) => ({
      pk,
      name,
      verbose_name: verbose_name ?? "",
      meta_model_name: meta_model_name ?? "",
    })),
  });
}
