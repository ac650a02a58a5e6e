import * as sdk from "@pulumi/policy";
import * as deserialize from "@pulumi/policy/deserialize";

import { unknown, type Path, type Resource, type Value } from "./resource";

/** The SDK uses it for what the engine sends, without declaring it. */
const reading = deserialize as unknown as { deserializeProperties: Read };

type Read = (sent: object, keepsSecrets: boolean) => Record<string, unknown>;

/**
 * Lets the SDK read each resource once. By itself it reads a resource for each policy, and all resources for each policy of
 * the stack, which is most of what a pack of many policies takes. All of them are shown the same object then, and none changes
 * it; a remediation, which may, is shown its own.
 */
export function readOnce(): void {
  const read = reading.deserializeProperties;
  const known = new WeakMap<object, Record<string, unknown>>();
  reading.deserializeProperties = (sent, keepsSecrets) => {
    if (keepsSecrets) return read(sent, keepsSecrets);
    const properties = known.get(sent) ?? read(sent, keepsSecrets);
    known.set(sent, properties);
    return properties;
  };
}

const viewed = new WeakMap<object, Resource>();

/** The resource that Pulumi hands to a policy: the same object for the same inputs. */
export function toResource(args: sdk.ResourceValidationArgs): Resource {
  const inputs = unproxied(args.props);
  const resource = viewed.get(inputs) ?? view(args);
  viewed.set(inputs, resource);
  return resource;
}

function view(args: sdk.ResourceValidationArgs): Resource {
  return {
    urn: args.urn,
    type: args.type,
    name: args.name,
    inputs: plain(args.props),
    protect: args.opts.protect,
    parent: args.opts.parent,
    provider: args.provider?.urn,
  };
}

/**
 * Whether Pulumi makes nothing of it in this run (`--target`). Of such a resource it shows the inputs in the state, and no
 * input at all where that has none yet. What a provider makes has inputs; a component, which may have none, has no provider.
 */
export function isLeftOut({ provider, props }: Pick<sdk.ResourceValidationArgs, "provider" | "props">): boolean {
  return provider !== undefined && Object.keys(unproxied(props)).length === 0;
}

/** Where the inputs hold secrets. Pulumi tells only a remediation: what a validation is handed has lost it. */
export function secretPaths(args: Pick<sdk.ResourceValidationArgs, "props">): readonly Path[] {
  const find = (value: unknown, path: Path): Path[] => {
    if (value instanceof sdk.Secret) return [path];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => find(inner, [...path, key]));
  };
  return find(unproxied(args.props), []);
}

/** What lies under the views that the SDK puts around a remediation's inputs; the outer ones hide secrets. */
function unproxied(view: Record<string, unknown>): Record<string, unknown> {
  return view.__isSpecialProxy === true ? unproxied(view.__getSpecialProxyTarget as Record<string, unknown>) : view;
}

/** The SDK exports it without declaring it. */
const { UnknownValueError } = sdk as unknown as { UnknownValueError: new () => Error };

/** The SDK's view throws where a value isn't known; this copy marks it instead, so that one policy can go on. */
function plain(value: unknown): Value {
  if (typeof value !== "object" || value === null) return value as Value;
  const read = (key: string | number): Value => {
    try {
      return plain((value as Record<string | number, unknown>)[key]);
    } catch (error) {
      if (error instanceof UnknownValueError) return unknown;
      throw error;
    }
  };
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => read(index));
  return Object.fromEntries(Object.keys(value).map((key) => [key, read(key)]));
}
