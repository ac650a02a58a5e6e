/** What a rule selects tags or repositories with. */
export interface Selector {
  /** `matches`, `excludes`, `repoMatches` or `repoExcludes`. */
  decoration: string;
  /** As in `v*`, `**` or `{app,db}/**`. */
  pattern: string;
  /** JSON; `untagged` says whether images without a tag count. */
  extras?: string;
}

export const matches = ({ decoration, pattern }: Selector, text: string): boolean =>
  expression(pattern).test(text) !== /excludes/i.test(decoration);

/** Whether a selector of tags takes in an image with these tags. What excludes takes `untagged` the other way round. */
export function selectsTags(selector: Selector, tags: string[]): boolean {
  if (tags.length > 0) return tags.some((tag) => matches(selector, tag));
  const { untagged } = JSON.parse(selector.extras || "{}") as { untagged?: boolean };
  return (untagged === true) !== /excludes/i.test(selector.decoration);
}

const pieces: Record<string, string> = { "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|" };

const expression = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/\*\*|[*?{},.+^$()|[\]\\]/g, (piece) => pieces[piece] ?? `\\${piece}`)}$`);
