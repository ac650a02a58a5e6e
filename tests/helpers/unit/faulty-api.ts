/** What goes wrong with requests that match. */
export interface Fault {
  /** `POST /projects`, as the start of a method and a path. */
  match: string;
  /** How many of them. Default 1. */
  times?: number;
  /**
   * A status: refused, nothing done. `reset`: done, and the connection is cut before the answer. `lost`: cut before it is
   * done. `hang`: done, and never answered.
   */
  as: number | "reset" | "lost" | "hang";
  /** The body of a refusal. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** A request and its answer, as they went over the network. */
export interface Exchange {
  method: string;
  url: URL;
  body: unknown;
  status: number;
  answer: unknown;
}

/** An API in this process that notes what it is asked, and on which things go wrong. */
export abstract class FaultyApi {
  /** Every request that arrived, as `METHOD /path`, without its query. */
  readonly log: string[] = [];
  /** Every request that was performed, with its answer. */
  readonly exchanges: Exchange[] = [];
  private readonly faults: (Fault & { times: number })[] = [];

  fail(fault: Fault): void {
    this.faults.push({ times: 1, ...fault });
  }

  /** Nothing goes wrong any more. */
  mend(): void {
    this.faults.splice(0);
  }

  /** The requests that change something, since the last call. */
  writes(): string[] {
    return this.log.splice(0).filter((line) => !line.startsWith("GET "));
  }

  /** Notes a request, as `METHOD /path`. What goes wrong with it, if anything. */
  protected arrived(line: string): Fault | undefined {
    this.log.push(line);
    const fault = this.faults.find(({ match, times }) => times > 0 && line.startsWith(match));
    if (fault) fault.times--;
    return fault;
  }
}
