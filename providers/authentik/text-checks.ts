import type { Problems } from "../dynamic/problems";

/** Names what is wrong with a text that Authentik would cut, or refuse. */
export function checkText(field: string, text: string | undefined, problems: Problems): void {
  const passes = (words: string): boolean => words !== "" && words.trim() === words;
  problems.expect(field, text, passes, "{value} is empty or has spaces around it; write it without");
}

/** An address that a browser is sent to. */
export function checkHttps(field: string, url: string | undefined, problems: Problems): void {
  const passes = (text: string): boolean => URL.canParse(text) && new URL(text).protocol === "https:";
  problems.expect(field, url, passes, "{value} is no https URL; what is sent there must not go in clear");
}

/** Letters, digits, `-` and `_`: what names an application or a flow in an address. */
export function checkSlug(field: string, slug: string | undefined, problems: Problems): void {
  const passes = (text: string): boolean => /^[-a-zA-Z0-9_]+$/.test(text);
  problems.expect(field, slug, passes, "{value} is no slug; use letters, digits, - and _");
}
