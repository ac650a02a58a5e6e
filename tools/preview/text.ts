/** Colours and cursor movements of a terminal, and Pulumi's own marks for colours, such as `<{%reset%}>`. */
const markup = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|<\{%[^%\n]*%\}>/g;

/** Control characters besides tab and newline, what reorders or hides text, and halves of surrogate pairs. */
const invisible =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/gu;

/** Secrets that tools like to put into their messages, and what to show instead. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, "[private key]"],
  [/(\w:\/\/[^\s/:@]*:)[^\s/@]+@/g, "$1[secret]@"],
  [/(![\w.-]+=)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, "$1[secret]"],
];

/** Text of somebody else's as it may be shown: without colours, invisible characters, private keys, passwords of URLs. */
export function clean(text: string): string {
  const visible = text.replace(/\r\n?/g, "\n").replace(markup, "").replace(invisible, "");
  return secrets.reduce((rest, [secret, instead]) => rest.replace(secret, instead), visible).trim();
}

/** {@link clean} text on one line. */
export function oneLine(text: string): string {
  return clean(text).replace(/\s+/g, " ");
}

/** A code span. Nothing in a code span is markup, a mention or a link, and `text` can't end it. */
export function code(text: string): string {
  const line = clip(withoutComments(oneLine(text)), 200) || "?";
  const ticks = "`".repeat(longestTicks(line) + 1);
  const space = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return ticks + space + line + space + ticks;
}

/** A code span for a cell of a table, whose end it can't be either. */
export function cell(text: string): string {
  return code(text.replaceAll("|", "¦"));
}

/** A block of code, which keeps lines and tables as they are and which `text` can't end. */
export function fence(text: string): string {
  const lines = clip(withoutComments(clean(text)), 8000);
  const ticks = "`".repeat(Math.max(3, longestTicks(lines) + 1));
  return `${ticks}text\n${lines}\n${ticks}`;
}

/** `1 policy`, `2 policies`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Code shows a comment's text, but a search for the comment that marks our own would find it. */
const withoutComments = (text: string): string => text.replaceAll("<!--", "<!- -");

function longestTicks(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}

function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit).replace(invisible, "")} … (${text.length - limit} more characters)`;
}
