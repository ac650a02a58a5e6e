/**
 * The part of JMESPath that the stand-in knows: `contains(groups[*], <text>)` and texts, joined by `&&` and `||`. Grafana
 * knows all of it.
 */
type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "contains"; readonly text: string }
  | { readonly kind: "and" | "or"; readonly left: Node; readonly right: Node };

/** An expression for something that the stand-in cannot evaluate, and does not guess. */
export class UnknownExpression extends Error {
  constructor(expression: string) {
    super(
      `the lab's Grafana evaluates only contains(groups[*], '…'), texts, && and ||, which this is not: ${expression}`,
    );
  }
}

/** A single-quoted text, in which only a quote can be escaped, or a JSON text between backticks. */
const token =
  /\s*(?:(contains\(\s*groups\[\*\]\s*,)|(\))|(&&)|(\|\|)|'((?:[^'\\]|\\'|\\(?!'))*)'|`("(?:[^"\\`]|\\.)*")`)/y;

/** What an expression gives for a user's claims; `undefined` where JMESPath gives no text or fails. */
export function evaluate(expression: string, claims: Readonly<Record<string, unknown>>): string | undefined {
  try {
    const value = valueOf(parse(expression), claims);
    return typeof value === "string" ? value : undefined;
  } catch (error) {
    if (error instanceof InvalidType) return undefined;
    throw error;
  }
}

/** Refuses what {@link evaluate} could not evaluate. */
export function checkExpression(expression: string): void {
  parse(expression);
}

/** What JMESPath says of a function's argument of a wrong type. */
class InvalidType extends Error {}

function valueOf(node: Node, claims: Readonly<Record<string, unknown>>): unknown {
  if (node.kind === "text") return node.text;
  if (node.kind === "contains") {
    if (!Array.isArray(claims.groups)) throw new InvalidType("groups is no list");
    return claims.groups.includes(node.text);
  }
  const left = valueOf(node.left, claims);
  const goesOn = node.kind === "and" ? isTrue(left) : !isTrue(left);
  return goesOn ? valueOf(node.right, claims) : left;
}

const isTrue = (value: unknown): boolean => value !== false && value !== "";

function parse(expression: string): Node {
  const unknown = new UnknownExpression(expression);
  const words = split(expression, unknown);
  const one = (): Node => {
    const word = words.shift();
    if (typeof word === "object") return { kind: "text", text: word.text };
    if (word !== "contains") throw unknown;
    const text = words.shift();
    if (typeof text !== "object" || words.shift() !== ")") throw unknown;
    return { kind: "contains", text: text.text };
  };
  const joined = (kind: "and" | "or", word: string, part: () => Node): Node => {
    let left = part();
    while (words[0] === word) {
      words.shift();
      left = { kind, left, right: part() };
    }
    return left;
  };
  const whole = joined("or", "||", () => joined("and", "&&", one));
  if (words.length > 0) throw unknown;
  return whole;
}

function split(expression: string, unknown: UnknownExpression): (string | { text: string })[] {
  const words: (string | { text: string })[] = [];
  const text = expression.trim();
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const found = token.exec(text);
    if (!found) throw unknown;
    const [, contains, close, and, or, raw, json] = found;
    if (contains !== undefined) words.push("contains");
    else if (raw !== undefined) words.push({ text: raw.replaceAll("\\'", "'") });
    else if (json !== undefined) words.push({ text: JSON.parse(json) as string });
    else words.push(close ?? and ?? or ?? "");
  }
  return words;
}
