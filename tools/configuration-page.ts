import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

import { configSchema } from "../config";
import { forms } from "../config/fields";
import { unwrap } from "../config/report";
import { table } from "../policies/table";

/** A setting as the reference tells it. */
export interface Setting {
  /** As `pulumi config set --path` takes it, with `[]` for each entry of a list: `homelab:guests[].name`. */
  readonly key: string;
  readonly what: string;
  /** The form of its value, such as `an IPv4 address`. */
  readonly takes: string;
  /** A value that it takes, as it is written; `undefined` for a block, and for a list of blocks. */
  readonly example: string | undefined;
  /** As it is written; `undefined` where there is none. */
  readonly byDefault: string | undefined;
  readonly isRequired: boolean;
}

/** The reference of the stack's config, made from its schema. */
export function configurationPage(): string {
  const sections = Object.entries<z.ZodType>(configSchema.shape).map(([name, schema]) => {
    const key = `homelab:${name}`;
    return { key, schema, settings: settings(schema, key) };
  });
  const single = sections.filter(({ settings }) => settings.length === 1).flatMap(({ settings }) => settings);
  const blocks = sections.filter(({ settings }) => settings.length > 1);
  const parts = [
    introduction,
    `## Single settings\n\n${settingsTable(single)}`,
    ...blocks.map(({ key, schema, settings }) =>
      [`## ${key}`, ...(isBlock(schema) ? [schema.description] : []), settingsTable(settings)].join("\n\n"),
    ),
  ];
  return parts.join("\n\n") + "\n";
}

const introduction = `<!-- Made by \`npm run docs\` from the schema of the config; a test fails when it is not current. -->

# Configuration reference

The config of a stack is in \`Pulumi.<stack>.yaml\`. All keys have the prefix \`homelab:\`. Sizes are words with \`KiB\`, \`MiB\`,
\`GiB\` or \`TiB\` (\`6 GiB\`); durations are whole numbers with \`s\`, \`m\`, \`h\`, \`d\` or \`days\` (\`8760h\`, \`3 days\`). An unknown
key is an error. All problems are told at once, each with its key, value and remedy.

A single setting is set like this:

\`\`\`sh
npm run pulumi -- config set --stack homelab --path 'homelab:toolingVm.memory' '8 GiB'
\`\`\`

Root and intermediate are protected, so Pulumi refuses what would change them: see [ca-expiry](../runbooks/ca-expiry.md). What
\`auth\` means is in [add a service](../how-to/add-a-service.md), and where images may come from in
[pinned-images](../../policies/README.md#pinned-images).`;

function settingsTable(all: readonly Setting[]): string {
  const rows = all.map(({ key, what, takes, example, byDefault, isRequired }) => {
    const shown = example === undefined || example === byDefault ? takes : `${takes}, e.g. \`${example}\``;
    const otherwise = isRequired ? "required" : "none";
    return [`\`${key}\``, what, shown, byDefault === undefined ? otherwise : `\`${byDefault}\``];
  });
  return table(["key", "what it is", "takes", "default"], rows);
}

/** Every setting that a part of the config may hold; blocks that are always there are no settings themselves. */
export function settings(schema: z.ZodType, key: string): Setting[] {
  const inner = unwrap(schema);
  const isList = inner instanceof z.ZodArray;
  const block = isList ? unwrap(inner.element) : inner;
  const own = isBlock(schema) ? [] : [setting(schema, key)];
  if (!(block instanceof z.ZodObject)) return own;
  const below = Object.entries<z.ZodType>(block.shape);
  return [...own, ...below.flatMap(([name, each]) => settings(each, `${key}${isList ? "[]" : ""}.${name}`))];
}

/** Whether it is a block that must be there. */
const isBlock = (schema: z.ZodType): boolean => schema instanceof z.ZodPrefault;

function setting(schema: z.ZodType, key: string): Setting {
  const inner = unwrap(schema) as z.ZodType;
  const isOptional = schema.safeParse(undefined).success;
  return {
    key,
    what: schema.description ?? "",
    ...form(inner),
    byDefault: schema instanceof z.ZodDefault ? written(inner, schema.def.defaultValue, key) : undefined,
    isRequired: !isOptional,
  };
}

function form(inner: z.ZodType): Pick<Setting, "takes" | "example"> {
  const element = inner instanceof z.ZodArray ? forms.get(inner.element as z.ZodType) : undefined;
  if (element) return { takes: `a list, each ${element.expected}`, example: `[${element.example}]` };
  const { expected, example } = forms.get(inner) ?? {};
  return { takes: expected ?? (inner instanceof z.ZodArray ? "a list" : "a block"), example };
}

/** A value as people write it in the config: itself, or the example that is read as it. */
function written(inner: z.ZodType, value: unknown, key: string): string {
  const texts = [value, forms.get(inner)?.example];
  const text = texts.find((each) => isDeepStrictEqual(inner.safeParse(each).data, value));
  if (text === undefined) throw new Error(`${key}: its default is not its example, so nobody knows how to write it`);
  return Array.isArray(text) ? `[${text.join(", ")}]` : String(text);
}
