import { z } from "zod";

/**
 * Builders of fields whose messages say what is wrong and how to mend it. A message may hold what the report fills in:
 * `{key}`, the full key; `{value}`, the offending value unless it is a secret; and after a word such as "set it", without a
 * blank, `{config …}`, a command of Pulumi's that does so.
 */

/** What the reference of the config tells of a field: the form it takes, and an example of it. */
export const forms = z.registry<{ readonly expected: string; readonly example: string }>();

/** The message for a value that isn't there, with the command that sets it. */
export function missing(example: string): string {
  const argument = /^[\w@%+=:,./-]+$/.test(example) ? example : `'${example}'`;
  return `missing; set it{config set --path '{key}' ${argument}}`;
}

type ErrorMap = (issue: { readonly input?: unknown }) => string;

const messages = (expected: string, example: string): ErrorMap => {
  return ({ input }) => (input === undefined ? missing(example) : wrong(expected, example));
};

const wrong = (expected: string, example: string): string => `{value} is not ${expected}; write it like ${example}`;

/** A text that `parse` turns into a typed value; where `parse` gives `undefined`, the text isn't what was expected. */
export function word<T extends string | number | object>(
  expected: string,
  example: string,
  parse: (text: string) => T | undefined,
) {
  return z
    .string({ error: messages(expected, example) })
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue(wrong(expected, example));
      return z.NEVER;
    })
    .register(forms, { expected, example });
}

/** A text of a given form. */
export function pattern(expected: string, example: string, form: RegExp) {
  return word(expected, example, (text) => (form.test(text) ? text : undefined));
}

/** A whole number between two bounds, both included. */
export function whole(min: number, max: number, example: number) {
  const form = { expected: `a whole number from ${min} to ${max}`, example: String(example) };
  const error = messages(form.expected, form.example);
  return z.int({ error }).min(min, { error }).max(max, { error }).register(forms, form);
}

/** True or false. */
export function flag(example: "true" | "false") {
  const expected = "true or false";
  return z.boolean({ error: messages(expected, example) }).register(forms, { expected, example });
}

/** One of a few words. */
export function choice<const T extends readonly [string, ...string[]]>(words: T, example: T[number]) {
  const expected = `one of ${words.join(", ")}`;
  return z.enum(words, { error: messages(expected, example) }).register(forms, { expected, example });
}

/** A list; `remedy` is the message where it is missing and has no default. */
export function list<T extends z.ZodType>(element: T, remedy = "missing") {
  return z.array(element, { error: ({ input }) => (input === undefined ? remedy : noList) });
}

const noList = '{value} is not a list; write it in brackets, [one, two], or each entry on a line of its own after "- "';

/** A block of settings that refuses keys it doesn't know. */
export function block<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, {
    error: () =>
      `{value} is not a block of settings (${Object.keys(shape).join(", ")}); write each below the key, as name: value`,
  });
}

/** A block that must be there: where it is missing, each of its own missing settings is named. */
export function requiredBlock<T extends z.ZodRawShape>(shape: T) {
  return block(shape).prefault({} as never);
}

/** One line of text: no control character, which a header or a database would refuse, and no half of a pair. */
export function line(expected: string, example: string, longest: number) {
  return pattern(expected, example, new RegExp(`^(?!.*[\\p{Cc}\\p{Cs}])\\S(.{0,${longest - 2}}\\S)?$`, "u"));
}

/** A web address, without a trailing slash; `accept` may demand more of it. */
export function webAddress(expected: string, example: string, accept: (url: URL) => boolean) {
  return word(expected, example, (text) => {
    const url = plainUrl(text);
    return url && accept(url) ? text.replace(/\/$/, "") : undefined;
  });
}

/**
 * A web address in which every program reads the same. Node.js takes out tabs and line breaks, turns `\` into `/` and full-width
 * digits into digits; Go and Python do none of that. A login in it is none.
 */
export function plainUrl(text: string): URL | undefined {
  const isPlain = /^https?:\/\/(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?([/?#][!-[\]-~]*)?$/i.test(text);
  const url = isPlain && URL.canParse(text) ? new URL(text) : undefined;
  return url && url.port !== "0" && fitsDns(url.hostname) ? url : undefined;
}

/** Whether a URL is no more than a scheme, a host and a port. */
export const isOrigin = ({ pathname, href }: URL): boolean => pathname === "/" && !/[?#]/.test(href);

/** Whether a name is no longer than DNS has them. */
export const fitsDns = (name: string): boolean =>
  name.length <= 253 && name.split(".").every((label) => label.length <= 63);
