import { parameterErrors } from "./errors";
import { formats } from "./formats";
import { missingFields, parseProperties } from "./property-string";
import { propertyOf, type Fields, type Parameters, type Property } from "./schema";

const unknownProperty = "property is not defined in schema and the schema does not allow additional properties";
const missingProperty = "property is missing and it is not optional";

/** The parameters of one request, checked against the endpoint's description. */
export class Values {
  constructor(private readonly given: Readonly<Record<string, string>>) {}

  /** A required parameter. */
  text(name: string): string {
    const value = this.given[name];
    if (value === undefined) throw parameterErrors({ [name]: missingProperty });
    return value;
  }

  /** An optional parameter. */
  find(name: string): string | undefined {
    return this.given[name];
  }

  /** A boolean parameter. */
  is(name: string, otherwise = false): boolean {
    const value = this.given[name];
    return value === undefined ? otherwise : value === "1";
  }

  /** A comma-separated parameter; empty when it was not given. */
  list(name: string): string[] {
    return (this.given[name] ?? "").split(/[,;\s]+/).filter((part) => part !== "");
  }

  /** All parameters, numbers and booleans as numbers the way Proxmox stores them, except the ones named. */
  record(parameters: Parameters, ...except: string[]): Record<string, string | number> {
    const kept = Object.entries(this.given).filter(([name]) => !except.includes(name));
    return Object.fromEntries(kept.map(([name, value]) => [name, stored(propertyOf(parameters, name), value)]));
  }
}

function stored(property: Property | undefined, value: string): string | number {
  return property === undefined || property.type === "string" ? value : Number(value);
}

/** Checks a request against the endpoint's parameters and throws one error that names every wrong field. */
export function verify(parameters: Parameters, given: Readonly<Record<string, string>>): Values {
  const errors: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const property = propertyOf(parameters, name);
    const complaint = property === undefined ? unknownProperty : check(property, value, name);
    if (complaint !== undefined) errors[name] = complaint;
  }
  for (const [name, property] of Object.entries(parameters)) {
    if (!property.optional && !Object.hasOwn(given, name)) errors[name] = missingProperty;
  }
  if (Object.keys(errors).length > 0) throw parameterErrors(errors);
  return new Values(given);
}

function check(property: Property, value: string, path: string): string | undefined {
  const wrongType = checkType(property, value);
  if (wrongType !== undefined) return wrongType;
  const wrongFormat = checkFormat(property, value, path);
  if (wrongFormat !== undefined) return `invalid format - ${wrongFormat}\n`;
  const { pattern, maxLength, minLength, maximum, minimum } = property;
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value))
    return "value does not match the regex pattern";
  if (maxLength !== undefined && value.length > maxLength) return `value may only be ${maxLength} characters long`;
  if (minLength !== undefined && value.length < minLength) return `value must be at least ${minLength} characters long`;
  if (maximum !== undefined && Number(value) > maximum) return `value must have a maximum value of ${maximum}`;
  if (minimum !== undefined && Number(value) < minimum) return `value must have a minimum value of ${minimum}`;
  if (property.enum !== undefined && !property.enum.includes(value))
    return `value '${value}' does not have a value in the enumeration '${property.enum.join(", ")}'`;
  return undefined;
}

function checkFormat({ format }: Property, value: string, path: string): string | undefined {
  if (format === undefined) return undefined;
  return typeof format === "string" ? formats[format](value) : checkFields(format, value, path);
}

function checkType(property: Property, value: string): string | undefined {
  const valid = {
    string: () => true,
    integer: () => /^[+-]?\d+$/.test(value),
    number: () => value.trim() !== "" && Number.isFinite(Number(value)),
    boolean: () => value === "0" || value === "1",
  }[property.type];
  return valid() ? undefined : `type check ('${property.type}') failed - got '${value}'`;
}

function checkFields(fields: Fields, value: string, path: string): string | undefined {
  try {
    const properties = parseProperties(value, fields);
    const wrong = [...properties].flatMap(([name, content]) => {
      const property = fields[name];
      const complaint = property === undefined ? unknownProperty : check(property, content, `${path}.${name}`);
      return complaint === undefined ? [] : [`${path}.${name}: ${complaint.trimEnd()}`];
    });
    const missing = missingFields(properties, fields).map((name) => `${path}.${name}: ${missingProperty}`);
    const all = [...wrong, ...missing];
    return all.length === 0 ? undefined : `format error\n${all.join("\n")}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
