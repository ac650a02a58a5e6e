import * as sdk from "@pulumi/policy";

import { unknown, type Path, type Resource, type Value } from "./resource";

/** The resource that Pulumi hands to a policy. */
export function toResource(args: sdk.ResourceValidationArgs): Resource {
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
