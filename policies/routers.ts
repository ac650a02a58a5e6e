import { entries } from "./plain-data";

/** A place in a text, and why it is refused there. */
export interface Problem {
  readonly place: string;
  readonly why: string;
}

/** What is wrong with the rules of Traefik's routers in a document, and with its default certificate. */
export function routerProblems(document: unknown): Problem[] {
  return ["http", "tcp"].flatMap((protocol) =>
    entries(document, protocol, "routers").flatMap(([name, router]) => {
      const { rule, entryPoints } = (router ?? {}) as { rule?: unknown; entryPoints?: unknown };
      if (typeof rule !== "string" || isLocal(entryPoints) || namesHosts(rule)) return [];
      return [{ place: `the router ${name}`, why: `has ${rule}, which takes names of others; ${remedy}` }];
    }),
  );
}

/** What is wrong with a rule in a label or an option: `traefik.http.routers.web.rule=PathPrefix(...)`. */
export function labelProblems(text: string): Problem[] {
  const [, rule] = /^traefik\.(?:http|tcp)\.routers\.[^.=]+\.rule=(.*)$/is.exec(text) ?? [];
  if (rule === undefined || namesHosts(rule)) return [];
  return [{ place: "a Traefik rule", why: `has ${rule}, which takes names of others; ${remedy}` }];
}

const remedy = "begin it with Host(`<name>`), and add to that with &&";

/** The entry point of the health check listens inside the container alone. */
const isLocal = (entryPoints: unknown): boolean => JSON.stringify(entryPoints) === '["ping"]';

/** Whether a rule takes nothing but requests for the names in it: each alternative names a host, whatever narrows it. */
export function namesHosts(rule: string): boolean {
  return isHosts(rule.replace(/`[^`]*`|"[^"]*"/g, "_").replace(/\s+/g, ""));
}

function isHosts(rule: string): boolean {
  const alternatives = split(rule, "||");
  if (alternatives.length > 1) return alternatives.every(isHosts);
  const conditions = split(rule, "&&");
  if (conditions.length > 1) return conditions.some(isHosts);
  const [, inner] = /^\((.+)\)$/.exec(rule) ?? [];
  return inner === undefined ? /^Host(Header|SNI|Regexp|SNIRegexp)?\(_(,_)*\)$/i.test(rule) : isHosts(inner);
}

/** The parts of a rule between an operator that is in no parentheses. */
function split(rule: string, operator: string): string[] {
  return rule.split(operator).reduce<string[]>((parts, part) => {
    const last = parts.at(-1);
    const isOpen = last !== undefined && last.split("(").length > last.split(")").length;
    return isOpen ? [...parts.slice(0, -1), `${last}${operator}${part}`] : [...parts, part];
  }, []);
}
