import type { Row } from "../../kit/rows";
import { Unsupported } from "../unsupported";
import type { AuthentikObjects } from "../objects";

type Value = (objects: AuthentikObjects, user: Row) => unknown;

const fields = /^request\.user\.(username|name|email|uid|uuid|pk|is_active)$/;
const groupNames =
  /^\[\s*(\w+)\.name\s+for\s+\1\s+in\s+request\.user\.(groups\.all|ak_groups\.all|all_groups)\(\)\s*\]$/;
const attribute = /^request\.user\.attributes\.get\(\s*(["'])(\w+)\1\s*(?:,\s*(["'])(.*?)\3\s*)?\)$/;
const literal = /^(["'])([^"'\\]*)\1$/;

/**
 * A scope mapping's Python: `return {"claim": value, …}`, where a value is a field or an attribute of the user, the list
 * of names of their groups, a string, a number or a truth value. Anything else is refused.
 */
export function expression(name: string, text: string): (objects: AuthentikObjects, user: Row) => Row {
  const refuse = (part: string): Unsupported =>
    new Unsupported(`the lab's Authentik does not understand “${part.trim()}” in the scope mapping ${name}`);
  const code = text.replace(/^\s*#.*$/gm, "").trim();
  const [, body] = /^return\s*\{([\s\S]*)\}$/.exec(code) ?? [];
  if (body === undefined) throw refuse(code);
  const entries = parts(body).map((part): [string, Value] => {
    const [, , claim, value] = /^\s*(["'])([^"']+)\1\s*:([\s\S]*)$/.exec(part) ?? [];
    const read = value === undefined ? undefined : valueOf(value.trim());
    if (claim === undefined || !read) throw refuse(part);
    return [claim, read];
  });
  return (objects, user) => Object.fromEntries(entries.map(([claim, read]) => [claim, read(objects, user)]));
}

function valueOf(text: string): Value | undefined {
  const [, field] = fields.exec(text) ?? [];
  if (field) return (_objects, user) => user[field];
  const [, , source] = groupNames.exec(text) ?? [];
  if (source) {
    const groups = (objects: AuthentikObjects, user: Row): Row[] =>
      source === "all_groups" ? objects.allGroupsOf(user) : objects.groupsOf(user);
    return (objects, user) => groups(objects, user).map(({ name }) => name as string);
  }
  const [, , key, , fallback] = attribute.exec(text) ?? [];
  if (key) return (_objects, user) => user.attributes?.[key] ?? fallback ?? null;
  const [, , string] = literal.exec(text) ?? [];
  if (string !== undefined) return () => string;
  if (text === "True" || text === "False") return () => text === "True";
  return /^-?\d+$/.test(text) ? () => Number(text) : undefined;
}

/** What is between the commas that are not within brackets or quotes. */
function parts(body: string): string[] {
  const found = [""];
  let depth = 0;
  let quote = "";
  for (const letter of body) {
    if (quote) quote = letter === quote ? "" : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if ("([{".includes(letter)) depth++;
    else if (")]}".includes(letter)) depth--;
    if (letter === "," && depth === 0 && !quote) found.push("");
    else found[found.length - 1] += letter;
  }
  return found.filter((part) => part.trim() !== "");
}
