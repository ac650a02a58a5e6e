import { hasUnknown } from "./values";

/** One thing that is wrong with an input, as Pulumi's engine takes it. */
export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** Collects what is wrong with inputs, so that one run names all of it. A reason never has a secret's value in it. */
export class Problems {
  readonly failures: Failure[] = [];

  /** `field: reason`; the reason says what would be right. */
  add(field: string, reason: string): void {
    this.failures.push({ property: field, reason: `${field}: ${reason}` });
  }

  /** Adds the reason where a known value does not pass. Skips a value that is left out or not known yet. */
  expect<T>(field: string, value: T | undefined, passes: (value: T) => boolean, reason: string): void {
    if (value === undefined || hasUnknown(value) || passes(value)) return;
    this.add(
      field,
      reason.replace("{value}", () => JSON.stringify(value)),
    );
  }

  /** Adds a problem where the value is not one of the words. */
  oneOf(field: string, value: unknown, words: readonly string[]): void {
    const passes = (word: unknown): boolean => words.includes(String(word));
    this.expect(field, value, passes, `{value} is none of ${words.join(", ")}; choose one of them`);
  }

  /** Adds a problem where a number is not whole or out of bounds. */
  wholeNumber(field: string, value: unknown, from: number, to: number): void {
    const passes = (count: unknown): boolean => Number.isInteger(count) && Number(count) >= from && Number(count) <= to;
    this.expect(field, value, passes, `{value} is no whole number from ${from} to ${to}; choose one`);
  }
}
