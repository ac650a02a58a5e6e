/** How long an answer is good for others who ask the same. Milliseconds. */
export const freshness = { time: 5_000 };

interface Remembered {
  readonly answer: Promise<unknown>;
  /** When it came; `undefined` while it is awaited. */
  at?: number;
}

/** An object that this client made. */
export interface Made<Row> {
  /** As Authentik answered. What others name it by stays so; the rest may have changed. */
  readonly row: Row;
  /** Whether this client has sent nothing since that names it, but for memberships: so nothing belongs to it or is bound to it. */
  isNew: boolean;
}

/**
 * Answers of a moment ago, so that reading a thousand users asks for a few pages of a list and not a thousand times.
 * What this client writes is never hidden by them: a write makes it forget what it may have changed. And what this client
 * made itself, so that putting a thousand users into groups asks for none of them.
 */
export class Memory {
  private readonly areas = new Map<string, Remembered>();
  private readonly made = new Map<string, Made<unknown> & { readonly ids: readonly string[] }>();

  recall<T>(area: string, read: () => Promise<T>): Promise<T> {
    const known = this.areas.get(area);
    if (known && (known.at === undefined || Date.now() - known.at < freshness.time)) return known.answer as Promise<T>;
    const answer = read();
    const remembered: Remembered = { answer };
    this.areas.set(area, remembered);
    const forget = (): void => {
      if (this.areas.get(area) === remembered) this.areas.delete(area);
    };
    answer.then(() => (remembered.at = Date.now()), forget);
    return answer;
  }

  forget(area: string): void {
    this.areas.delete(area);
  }

  /** Notes an object that was just made. */
  noteMade(area: string, names: readonly string[], id: string, row: unknown): void {
    const made = { row, isNew: true, ids: [...names, id] };
    for (const name of names) this.made.set(`${area}/${name}`, made);
  }

  /** The object of this name, where this client made it and has deleted nothing since. */
  recallMade<Row>(area: string, name: string): Made<Row> | undefined {
    return this.made.get(`${area}/${name}`) as Made<Row> | undefined;
  }

  /** Forgets what a request may have changed. */
  noteRequest(method: string, path: string, body?: unknown): void {
    if (method === "GET") return;
    // What is deleted takes along what belongs to it, which may be anywhere. To a token, nothing does.
    if (method === "DELETE" && !path.startsWith("/core/tokens/")) {
      this.areas.clear();
      this.made.clear();
      return;
    }
    const named = new Set(isMembership.test(path) ? [] : [...path.split("/"), ...valuesIn(body)]);
    for (const each of this.made.values()) if (each.ids.some((id) => named.has(id))) each.isNew = false;
    const changed = areaOf(path);
    for (const area of this.areas.keys()) if (areaOf(area) === changed) this.areas.delete(area);
  }
}

/** Every text and number in a request's body. */
const valuesIn = (body: unknown): string[] =>
  typeof body === "object" && body !== null ? Object.values(body).flatMap(valuesIn) : [String(body)];

const isMembership = /^\/core\/groups\/[^/]+\/(add|remove)_user\//;

/** The part of the API that a path is in. Below `core` are the big lists, which are told apart. */
function areaOf(path: string): string {
  // Who is in a group is read from the users.
  if (isMembership.test(path)) return "core/users";
  const [, tag = "", collection = ""] = path.split("/");
  return tag === "core" ? `${tag}/${collection}` : tag;
}
