import type { ErrorObject } from "ajv";

/** Python's names of the types that JSON has. */
const pythonType = (value: unknown): string => {
  if (Array.isArray(value)) return "list";
  if (value === null) return "NoneType";
  const names: Record<string, string> = { string: "str", number: "int", boolean: "bool", object: "dict" };
  return names[typeof value] ?? typeof value;
};

const formats: Record<string, (data: unknown) => string> = {
  uuid: (data) => `“${String(data)}” is not a valid UUID.`,
  email: () => "Enter a valid email address.",
  uri: () => "Enter a valid URL.",
  "date-time": () =>
    "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
};

const types: Record<string, (data: unknown) => string> = {
  string: () => "Not a valid string.",
  integer: () => "A valid integer is required.",
  number: () => "A valid number is required.",
  boolean: () => "Must be a valid boolean.",
  array: (data) => `Expected a list of items but got type "${pythonType(data)}".`,
  object: (data) => `Expected a dictionary of items but got type "${pythonType(data)}".`,
};

/** What Django's REST framework says of a value; nothing where another error of the same value says it. */
export function messageOf({ keyword, params, data, schema }: ErrorObject): string | undefined {
  switch (keyword) {
    case "required":
      return "This field is required.";
    case "type": {
      if (data === null) return "This field may not be null.";
      const wanted = [params.type as string | string[]].flat().find((type) => type !== "null") ?? "";
      return types[wanted]?.(data);
    }
    case "enum":
      return data === null ? "This field may not be null." : `"${String(data)}" is not a valid choice.`;
    case "minLength":
      return "This field may not be blank.";
    case "maxLength":
      return `Ensure this field has no more than ${params.limit} characters.`;
    case "minimum":
      return `Ensure this value is greater than or equal to ${params.limit}.`;
    case "maximum":
      return `Ensure this value is less than or equal to ${params.limit}.`;
    case "format":
      return formats[String(schema)]?.(data);
    case "pattern":
      return /a-zA-Z0-9_\]\+\$$/.test(String(schema))
        ? "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."
        : "Enter a valid value.";
    default:
      return undefined;
  }
}
