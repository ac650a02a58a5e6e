import type { Row } from "../../../kit/rows";
import { failed, total } from "../reputation";
import { ask, denied, done, refused, type Outcome, type Run, type Stage } from "../run";

/** Checks a password. Ends the flow when the score of the name has fallen as far as the stage allows since it was asked for. */
export const password: Stage = {
  show(run) {
    const { context } = run.plan;
    context.scoreBefore ??= scoreOf(run);
    const { flow_recovery: recovery } = run.objects.brand ?? {};
    const flow = recovery ? run.objects.by("flows", "pk", recovery) : undefined;
    return ask("ak-stage-password", {
      ...run.person,
      allow_show_password: run.stage.allow_show_password === true,
      ...(flow ? { recovery_url: `/if/flow/${flow.slug}/` } : {}),
    });
  },
  answer,
};

function answer(run: Run, fields: Row): Outcome {
  const { objects, stage, plan, user } = run;
  const entered = fields.password;
  if (typeof entered !== "string" || entered === "") return refused("password", "This field is required.", "required");
  if (user && isTheirs(run, user, stage, entered)) return done;
  failed(objects, run.who, stage);
  const fallen = (plan.context.scoreBefore ?? 0) - scoreOf(run);
  if (fallen >= (stage.failed_attempts_before_cancel ?? 5)) return denied("Invalid password");
  return refused("password", "Invalid password");
}

const scoreOf = ({ objects, who }: Run): number => total(objects, who, { username: true, ip: false });

/** Whether a backend of the stage takes this: the password, or an app password. */
export function isTheirs({ objects }: Run, user: Row, stage: Row, entered: string): boolean {
  if (!user.is_active) return false;
  const backends: string[] = stage.backends ?? [];
  if (backends.includes("authentik.core.auth.InbuiltBackend") && objects.isPassword(user, entered)) return true;
  return (
    backends.includes("authentik.core.auth.TokenBackend") &&
    objects.tokens.some(
      (token) =>
        token.intent === "app_password" &&
        token.user === user.pk &&
        objects.hidden.tokenKeys[token.identifier] === entered &&
        (!token.expiring || token.expires > objects.now()),
    )
  );
}
