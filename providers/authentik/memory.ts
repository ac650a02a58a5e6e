/** How long an answer is good for others who ask the same. Milliseconds. */
export const freshness = { time: 5_000 };

interface Remembered {
  readonly answer: Promise<unknown>;
  /** When it came; `undefined` while it is awaited. */
  at?: number;
}

/**
 * Answers of a moment ago, so that reading a thousand users asks for a few pages of a list and not a thousand times.
 * What this client writes is never hidden by them: a write makes it forget what it may have changed.
 */
export class Memory {
  private readonly areas = new Map<string, Remembered>();

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

  /** Forgets what a request may have changed. */
  noteRequest(method: string, path: string): void {
    if (method === "GET") return;
    // What is deleted takes along what belongs to it, which may be anywhere.
    if (method === "DELETE") return this.areas.clear();
    const changed = areaOf(path);
    for (const area of this.areas.keys()) if (areaOf(area) === changed) this.areas.delete(area);
  }
}

/** The part of the API that a path is in. Below `core` are the big lists, which are told apart. */
function areaOf(path: string): string {
  // Who is in a group is read from the users.
  if (/^\/core\/groups\/[^/]+\/(add|remove)_user\//.test(path)) return "core/users";
  const [, tag = "", collection = ""] = path.split("/");
  return tag === "core" ? `${tag}/${collection}` : tag;
}
