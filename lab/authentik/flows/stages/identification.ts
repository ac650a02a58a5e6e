import type { Row } from "../../../kit/rows";
import { failed, score } from "../reputation";
import { ask, done, refused, type Outcome, type Run, type Stage } from "../run";
import { isTheirs } from "./password";

const failure = "Failed to authenticate.";

export const identification: Stage = {
  show: ({ stage, flow }) =>
    ask("ak-stage-identification", {
      user_fields: stage.user_fields ?? [],
      password_fields: Boolean(stage.password_stage),
      allow_show_password: false,
      flow_designation: flow.designation,
      primary_action: flow.designation === "authentication" ? "Log in" : "Continue",
      sources: [],
      show_source_labels: stage.show_source_labels === true,
      enable_remember_me: stage.enable_remember_me === true,
      passkey_challenge: null,
      captcha_stage: null,
    }),
  answer,
};

function answer(run: Run, fields: Row): Outcome {
  const { objects, stage, plan, exchange } = run;
  const entered = String(fields.uid_field ?? "").trim();
  if (!entered) return refused("non_field_errors", "No identification data provided.");
  const user = objects.users.find((row) => matches(row, stage, entered));
  plan.context.pendingUser = user?.pk;
  plan.context.pretended = user ? undefined : entered;
  if (!user) {
    score(objects, { username: entered, ip: exchange.clientIp }, -1);
    objects.changed();
    console.info(JSON.stringify({ event: "invalid_login", identifier: entered, client_ip: exchange.clientIp }));
    if (stage.pretend_user_exists && !stage.password_stage) return done;
    return refused("non_field_errors", failure);
  }
  const passwordStage = stage.password_stage ? objects.by("stages", "pk", stage.password_stage) : undefined;
  if (!passwordStage || isTheirs(run, user, passwordStage, String(fields.password ?? ""))) return done;
  failed(objects, run.who, stage);
  return refused("non_field_errors", failure);
}

function matches(user: Row, stage: Row, entered: string): boolean {
  const same = (value: unknown): boolean =>
    typeof value === "string" &&
    value !== "" &&
    (stage.case_insensitive_matching === false ? value === entered : value.toLowerCase() === entered.toLowerCase());
  return (stage.user_fields ?? []).some((field: string) => same(field === "upn" ? user.attributes?.upn : user[field]));
}
