import { isDeepStrictEqual } from "node:util";

import { secretMark } from "../stack";

/** A property that changes, and its values where they are harmless: numbers and booleans. A text may be a secret. */
export interface PropertyChange {
  readonly path: string;
  readonly values?: readonly [before: Plain, after: Plain];
}

type Plain = number | boolean;
type Properties = Record<string, unknown>;

/** What the engine tells of a resource before or after a step. */
export interface State {
  readonly inputs?: Properties | null;
  readonly outputs?: Properties | null;
}

/** What the engine tells of a step: `metadata` of its events. */
export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly type?: string;
  readonly old?: State | null;
  readonly new?: State | null;
  readonly keys?: readonly string[] | null;
  readonly diffs?: readonly string[] | null;
  readonly detailedDiff?: Record<string, { readonly diffKind?: string; readonly inputDiff?: boolean }> | null;
}

/** The properties that a step changes. */
export function changedProperties(step: Step): PropertyChange[] {
  const paths = toldPaths(step) ?? differences(step.old?.inputs, step.new?.inputs);
  return paths.map((path) => describe(step, path));
}

/** The properties whose change forces a replacement. */
export function forcingProperties(step: Step): PropertyChange[] {
  const details = Object.entries(step.detailedDiff ?? {});
  const forcing = details.flatMap(([path, { diffKind }]) => (diffKind?.endsWith("-replace") ? [path] : []));
  return (forcing.length > 0 ? forcing : (step.keys ?? [])).map((path) => describe(step, path));
}

/** The properties of a real resource that are no longer what Pulumi left there. */
export function driftedProperties(step: Step): PropertyChange[] {
  const [before, after] = [step.old?.outputs, step.new?.outputs];
  const paths = toldPaths(step) ?? differences(before, after);
  return paths.map((path) => withValues(path, valueAt(before, path), valueAt(after, path)));
}

/** A provider tells what differs; of a component the engine itself only knows that it does. */
function toldPaths({ detailedDiff, diffs }: Step): readonly string[] | undefined {
  return [Object.keys(detailedDiff ?? {}), diffs ?? []].find(({ length }) => length > 0);
}

/** The engine compares what it deployed with what the program wants now, or, where it says so, two inputs. */
function describe(step: Step, path: string): PropertyChange {
  const deployed = step.detailedDiff?.[path]?.inputDiff ? undefined : valueAt(step.old?.outputs, path);
  return withValues(path, deployed ?? valueAt(step.old?.inputs, path), valueAt(step.new?.inputs, path));
}

function withValues(path: string, before: unknown, after: unknown): PropertyChange {
  return isPlain(before) && isPlain(after) && before !== after ? { path, values: [before, after] } : { path };
}

const isPlain = (value: unknown): value is Plain => typeof value === "number" || typeof value === "boolean";

/** Paths of the innermost values that differ. Of a list that grew or shrank only the list. */
function differences(before: unknown, after: unknown, path = ""): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isTree(before) || !isTree(after) || Array.isArray(before) !== Array.isArray(after)) return path ? [path] : [];
  if (Array.isArray(before) && before.length !== (after as unknown as unknown[]).length) return [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !key.startsWith("__"));
  return keys.flatMap((key) => differences(before[key], after[key], join(path, key, Array.isArray(before))));
}

function join(path: string, key: string, isIndex: boolean): string {
  if (isIndex) return `${path}[${key}]`;
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path ? `${path}.${key}` : key;
}

function valueAt(tree: unknown, path: string): unknown {
  const keys = [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)];
  return keys.reduce<unknown>((value, [, quoted, index, name]) => {
    const key = quoted?.replace(/\\(.)/g, "$1") ?? index ?? name ?? "";
    return isTree(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }, tree);
}

/** Secrets, assets and the like are objects with Pulumi's signature; inside they are nobody's business. */
function isTree(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Object.hasOwn(value, secretMark);
}
