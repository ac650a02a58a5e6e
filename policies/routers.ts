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
      if (isLocal(entryPoints) || (typeof rule === "string" && namesHosts(rule))) return [];
      const said = typeof rule === "string" ? rule : "no rule";
      return [{ place: `the router ${name}`, why: `has ${said}, which takes names of others; ${remedy}` }];
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

/** Whether a rule takes nothing but requests for the names in it: a host, and whatever narrows it. */
export function namesHosts(rule: string): boolean {
  const plain = rule.replace(/`[^`]*`|"[^"]*"/g, "_").replace(/\s+/g, "");
  if (!/^(Host|HostSNI)\(_(,_)*\)(&&.+)?$/.test(plain)) return false;
  return !outermost(plain).includes("||");
}

/** A rule without what is in parentheses. */
function outermost(rule: string): string {
  const less = rule.replace(/\([^()]*\)/g, "");
  return less === rule ? rule : outermost(less);
}
