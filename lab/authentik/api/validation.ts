import Ajv, { type ErrorObject, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

import type { Row } from "../../kit/rows";
import type { Description, Operation } from "./description";
import { messageOf } from "./messages";

const prefix = "#/components/schemas/";

/** Holds what is sent and answered against the schemas of the description. */
export class Validation {
  private readonly ajv = new Ajv({ strict: false, allErrors: true, verbose: true });
  private readonly added = new Set<string>();
  private readonly compiled = new Map<object, ValidateFunction>();

  constructor(private readonly description: Description) {
    addFormats(this.ajv, ["uuid", "date-time"]);
    // Django lets a field that need not be filled in be empty.
    this.ajv.addFormat("email", /^$|^[^@\s]+@[^@\s]+\.[^@\s.]+$|^[^@\s]+@localhost$/);
    this.ajv.addFormat("uri", /^$|^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+[^\s]*$/i);
    for (const number of ["int32", "int64", "double"]) this.ajv.addFormat(number, true);
  }

  operation(method: string, path: string): Operation | undefined {
    return this.description.operation(method, path);
  }

  /** What is wrong with the body of a request, as Django says it: messages by field. */
  request(operation: Operation, body: unknown): Row | undefined {
    const schema = operation.requestBody?.content?.["application/json"]?.schema as Row | undefined;
    if (!schema) return undefined;
    if (typeof body !== "object" || body === null || Array.isArray(body)) {
      return { non_field_errors: ["Invalid data. Expected a dictionary."] };
    }
    const validate = this.compile(schema);
    return validate(body) ? undefined : byField(validate.errors ?? []);
  }

  /** What does not fit the description in an answer. */
  response(operation: Operation, status: number, body: unknown): string | undefined {
    const described = operation.responses[String(status)];
    if (!described) return `${operation.operationId} never answers ${status}`;
    const schema = described.content?.["application/json"]?.schema as Row | undefined;
    if (!schema) return body === undefined ? undefined : `${operation.operationId} answers ${status} without a body`;
    const validate = this.compile(schema);
    if (validate(body)) return undefined;
    return `${operation.operationId}: ${this.ajv.errorsText(validate.errors, { dataVar: "answer" })}`;
  }

  /** The part of a body that an operation knows; Django drops all else without a word. */
  known(operation: Operation, body: Row): Row {
    const schema = this.resolve(operation.requestBody?.content?.["application/json"]?.schema ?? {});
    return only(body, Object.keys(schema.properties ?? {}));
  }

  /** The part of a row that an operation answers, of one row or of a page of them. */
  answered(operation: Operation, status: number, body: unknown): unknown {
    const schema = this.resolve(operation.responses[String(status)]?.content?.["application/json"]?.schema ?? {});
    return this.prune(schema, body);
  }

  private prune(schema: Row, value: unknown): unknown {
    const { type, properties, items, allOf, additionalProperties } = this.resolve(schema);
    if (Array.isArray(value)) return items ? value.map((each) => this.prune(items as Row, each)) : value;
    if (typeof value !== "object" || value === null) return value;
    if (allOf) return this.prune((allOf as Row[])[0] ?? {}, value);
    if (type !== "object" || !properties || additionalProperties) return value;
    const fields = Object.entries(properties as Record<string, Row>).filter(([field]) => field in value);
    return Object.fromEntries(fields.map(([field, each]) => [field, this.prune(each, (value as Row)[field])]));
  }

  private resolve(schema: Row): Row {
    return schema.$ref ? this.description.schema(nameOf(schema.$ref)) : schema;
  }

  private compile(schema: Row): ValidateFunction {
    const known = this.compiled.get(schema);
    if (known) return known;
    const compiled = this.ajv.compile(this.convert(schema) as object);
    this.compiled.set(schema, compiled);
    return compiled;
  }

  /** OpenAPI 3.0 as JSON Schema: references by name, `nullable` as a type. */
  private convert(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.convert(each));
    if (typeof value !== "object" || value === null) return value;
    const { $ref, nullable, ...rest } = value as Row;
    if (typeof $ref === "string") return { $ref: this.reference(nameOf($ref)) };
    const schema = Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, this.convert(each)]));
    if (nullable !== true) return schema;
    if (typeof schema.type !== "string") return { anyOf: [{ type: "null" }, schema] };
    return {
      ...schema,
      type: [schema.type, "null"],
      ...(Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {}),
    };
  }

  private reference(name: string): string {
    const id = `schema:${name}`;
    if (!this.added.has(id)) {
      this.added.add(id);
      this.ajv.addSchema(this.convert(this.description.schema(name)) as object, id);
    }
    return id;
  }
}

const only = (row: Row, fields: readonly string[]): Row =>
  Object.fromEntries(Object.entries(row).filter(([field]) => fields.includes(field)));

const nameOf = (reference: string): string => reference.slice(prefix.length);

/** Messages in the places where they belong. Of several about one value, the first says what is wrong. */
function byField(errors: ErrorObject[]): Row {
  const found: Row = {};
  const told = new Set<string>();
  for (const error of errors) {
    const message = messageOf(error);
    const missing = error.keyword === "required" ? [String(error.params.missingProperty)] : [];
    const place = [...error.instancePath.split("/").slice(1), ...missing];
    if (message === undefined || told.has(place.join("/"))) continue;
    told.add(place.join("/"));
    put(found, place, message, error);
  }
  return found;
}

function put(found: Row, place: string[], text: string, error: ErrorObject): void {
  const [field = "non_field_errors", index, ...deeper] = place;
  if (index === undefined) return void (found[field] = [text]);
  // Lists of keys have their messages side by side, lists of values by position, and lists of objects as objects.
  if (error.parentSchema?.format === "uuid" || error.parentSchema?.type === "integer") {
    found[field] = [...((found[field] as string[] | undefined) ?? []), text];
  } else if (deeper.length === 0) {
    found[field] = { ...found[field], [index]: [text] };
  } else {
    const rows: Row[] = (found[field] as Row[] | undefined) ?? [];
    while (rows.length <= Number(index)) rows.push({});
    put(rows[Number(index)] ?? {}, deeper, text, error);
    found[field] = rows;
  }
}
