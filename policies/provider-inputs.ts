import type { Value } from "./resource";

/** A provider's inputs as the program gives them: what is no text comes as JSON. */
export function providerInputs(inputs: Value): Value {
  if (typeof inputs !== "object" || inputs === null) return inputs;
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]): [string, Value] => {
      if (typeof value !== "string" || !/^[[{]/.test(value)) return [key, value];
      try {
        return [key, JSON.parse(value) as Value];
      } catch {
        return [key, value];
      }
    }),
  );
}
