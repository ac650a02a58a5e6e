import type { Row } from "../../../kit/rows";
import { ask, done, type Errors, type Outcome, type Run, type Stage } from "../run";
import { complaint } from "../policies";

/** Asks for what its fields say. */
export const prompt: Stage = {
  show: (run) =>
    ask("ak-stage-prompt", {
      fields: fieldsOf(run).map((field) => ({
        field_key: field.field_key,
        label: field.label,
        type: field.type,
        required: field.required === true,
        placeholder: field.placeholder ?? "",
        initial_value: field.initial_value ?? "",
        order: field.order ?? 0,
        sub_text: field.sub_text ?? "",
        choices: null,
      })),
    }),
  answer,
};

function answer(run: Run, fields: Row): Outcome {
  const asked = fieldsOf(run);
  const errors: Record<string, Errors[string]> = {};
  for (const { field_key: key, required } of asked) {
    if (required && !fields[key]) errors[key] = [{ string: "This field is required.", code: "required" }];
  }
  const passwords = asked.filter(({ type }) => type === "password").map((field) => fields[field.field_key]);
  if (new Set(passwords).size > 1) {
    errors.non_field_errors = [{ string: "Passwords don't match.", code: "invalid" }];
  }
  const complaints = ((run.stage.validation_policies ?? []) as string[])
    .map((policy) => complaint(run.objects, policy, fields))
    .filter((text) => text !== undefined);
  if (complaints.length > 0 && !errors.non_field_errors) {
    errors.non_field_errors = complaints.map((string) => ({ string, code: "invalid" }));
  }
  if (Object.keys(errors).length > 0) return { kind: "refused", errors };
  for (const { field_key: key } of asked) if (fields[key] !== undefined) run.plan.context.prompted[key] = fields[key];
  return done;
}

const fieldsOf = ({ objects, stage }: Run): Row[] =>
  (stage.fields ?? [])
    .flatMap((pk: string) => objects.by("prompts", "pk", pk) ?? [])
    .sort((one: Row, other: Row) => one.order - other.order);
