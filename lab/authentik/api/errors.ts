import { Refusal } from "../../kit/refusal";

export const notFound = (model: string): Refusal =>
  new Refusal(404, { detail: `No ${model} matches the given query.` });

export const forbidden = (detail = "You do not have permission to perform this action."): Refusal =>
  new Refusal(403, { detail });

/** Something is wrong with one field of the body. */
export const invalid = (field: string, message: string): Refusal => new Refusal(400, { [field]: [message] });

/** Something is wrong with the body as a whole. */
export const invalidBody = (message: string): Refusal => invalid("non_field_errors", message);
