import type { Token } from "../../providers/dynamic/dispatcher";
import { unknownValue, type Properties } from "../../providers/dynamic/values";
import { services } from "../../providers/provider";
import { at, unknown, type Resource, type Stack, type Value } from "../resource";
import type { House } from "../house";
import type { Given, Kind, Maker, ServiceObjects } from "./kind";

/** Inputs of every object, which are none of its properties. */
const common = ["__provider", "connection", "installation"];

/**
 * An object's properties as its provider keeps them: with its defaults, and in its own words. So it is the same whether Pulumi
 * has asked the provider before or not.
 */
export async function propertiesOf(token: Token, { inputs }: Resource): Promise<Given> {
  const [module = "", kind = ""] = token.split(":");
  const checked = await services[module]?.[kind]?.check({}, forProvider(inputs) as Properties);
  const properties = fromProvider(checked?.inputs) as Record<string, Value>;
  return Object.fromEntries(Object.entries(properties).filter(([property]) => !common.includes(property)));
}

/** What is wrong with where the object is made. */
export function placeProblem({ inputs }: Resource, service: ServiceObjects, house: House): string | undefined {
  const endpoint = at(inputs, "connection", "endpoint");
  const expected = service.endpoint(house);
  if (typeof endpoint === "string" && endpoint !== expected)
    return `its \`connection.endpoint\` has to be ${expected ?? "left out"}`;
  const address = at(inputs, "connection", "address");
  if (typeof address !== "string") return undefined;
  if (!house.machines.at(address)) return "its `connection.address` is no machine of the stack";
  const entry = service.entry(house);
  const [serving, ...others] = house.edges
    .filter(({ services }) => services.some((each) => at(each, "name") === entry))
    .flatMap(({ machines }) => machines);
  if (serving === undefined || others.length > 0 || serving.addresses.includes(address)) return undefined;
  return `its \`connection.address\` has to be that of ${serving.name}, which serves ${String(entry)}`;
}

/** What is wrong with the secrets of an object. */
export function secretProblem(resource: Resource, { madeBy = {} }: Kind, stack: Stack): string | undefined {
  const isMade = ([property, { type, inputs = {} }]: [string, Maker]): boolean =>
    stack
      .dependencies(resource, property)
      .flatMap((urn) => stack.resources.filter((each) => each.urn === urn && each.type === type))
      .some((each) => Object.entries(inputs).every(([name, value]) => at(each.inputs, name) === value));
  const [property, maker] = Object.entries(madeBy).find((each) => !isMade(each)) ?? [];
  return maker && `its \`${property}\` has to be made by a ${maker.type} of the stack${inWords(maker)}`;
}

const inWords = ({ inputs }: Maker): string =>
  inputs === undefined
    ? ""
    : ` with ${Object.entries(inputs)
        .map(([name, value]) => `\`${name}\` ${value}`)
        .join(" and ")}`;

function forProvider(value: Value): unknown {
  if (value === unknown) return unknownValue;
  if (Array.isArray(value)) return value.map(forProvider);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, forProvider(each)]));
}

function fromProvider(value: unknown): Value {
  if (typeof value === "string" && value.includes(unknownValue)) return unknown;
  if (Array.isArray(value)) return value.map(fromProvider);
  if (typeof value !== "object" || value === null) return value as Value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fromProvider(each)]));
}
