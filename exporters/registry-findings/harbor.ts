import { request, type IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

import { RowReader, Unreadable } from "./json-rows";

/** Where Harbor is, and the robot that may read it. */
export interface Access {
  /** `http://core:8080` */
  readonly url: string;
  readonly robot: string;
  readonly secret: string;
}

/** How often one call is tried, and how long is waited. Times in milliseconds. */
export interface Patience {
  readonly attempts: number;
  readonly pause: number;
  readonly timeout: number;
  readonly longestWait: number;
}

const defaults: Patience = { attempts: 4, pause: 1000, timeout: 30_000, longestWait: 30_000 };
const pageSize = 100;

/** A call that failed. `status` is 0 where no answer came, or half of one, and 200 where the answer makes no sense. */
export class HarborError extends Error {
  constructor(
    readonly status: number,
    call: string,
    reason: string,
    readonly retryAfter = 0,
  ) {
    super(`${call}: ${status > 200 ? `${status} ` : ""}${reason}`);
  }

  /** Whether the same call may succeed a little later. A refused login never does, and counts against the robot. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

interface Rows<T> {
  readonly rows: T[];
  /** How many there are on all pages, where Harbor says so. */
  readonly total: number | undefined;
}

/** Reads Harbor's REST API 2.0, one call at a time. */
export class Harbor {
  private readonly authorization: string;

  constructor(
    private readonly access: Access,
    private readonly patience: Patience = defaults,
  ) {
    this.authorization = `Basic ${Buffer.from(`${access.robot}:${access.secret}`).toString("base64")}`;
  }

  /** The name that it logs in with. */
  get robot(): string {
    return this.access.robot;
  }

  /** What `pick` takes of each row of a list, over all its pages. */
  async list<T>(path: string, query: Query, pick: (row: unknown) => T, signal: AbortSignal): Promise<T[]> {
    const rows: T[] = [];
    let expected: number | undefined;
    for (let page = 1; ; page++) {
      const target = path + queryString({ ...query, page, page_size: pageSize });
      const found = await this.read(target, 2, pick, signal);
      for (const row of found.rows) rows.push(row);
      if (page === 1) expected = found.total;
      if (found.rows.length === pageSize && rows.length !== expected) continue;
      if (page === 1 || expected === undefined || rows.length === expected) return rows;
      // Rows move to another page when one is deleted, so one may have been missed.
      throw new HarborError(200, `GET ${path}`, "the list changed while it was read");
    }
  }

  /** What `pick` takes of each object in the lists that lie `level` deep in the answer. */
  async read<T>(path: string, level: number, pick: (row: unknown) => T, signal: AbortSignal): Promise<Rows<T>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(path, level, pick, signal);
      } catch (error) {
        const again = error instanceof HarborError && error.passing && attempt < this.patience.attempts;
        if (!again || signal.aborted) throw error;
        const wait = Math.max(this.patience.pause * 2 ** (attempt - 1), error.retryAfter * 1000);
        // Ends early when the round does, which the next attempt then says.
        await pause(Math.min(wait, this.patience.longestWait), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async attempt<T>(path: string, level: number, pick: (row: unknown) => T, signal: AbortSignal) {
    const call = `GET ${path}`;
    const late = AbortSignal.timeout(this.patience.timeout);
    try {
      const response = await this.send(path, AbortSignal.any([signal, late]));
      const status = response.statusCode ?? 0;
      if (status !== 200) {
        throw new HarborError(status, call, await reasonIn(response), Number(response.headers["retry-after"]) || 0);
      }
      const rows: T[] = [];
      const reader = new RowReader(level, (row) => rows.push(pick(row)));
      for await (const chunk of response) reader.write(chunk as Buffer);
      reader.end();
      const total = response.headers["x-total-count"];
      return { rows, total: total === undefined ? undefined : Number(total) };
    } catch (error) {
      if (error instanceof HarborError) throw error;
      if (signal.aborted) throw new HarborError(0, call, "given up, the round took too long");
      if (error instanceof Unreadable) throw new HarborError(200, call, error.message);
      throw new HarborError(
        0,
        call,
        late.aborted ? `no answer within ${this.patience.timeout / 1000} s` : String(error),
      );
    }
  }

  private send(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const headers = {
      accept: "application/json",
      authorization: this.authorization,
      "x-accept-vulnerabilities": report,
    };
    return new Promise((resolve, reject) => {
      const url = new URL(`/api/v2.0${path}`, this.access.url);
      request(url, { headers, agent: false, signal }).once("response", resolve).once("error", reject).end();
    });
  }
}

/** The form of report that is asked for, which is also the name of its part of the answer. */
export const report = "application/vnd.security.vulnerability.report; version=1.1";

type Query = Readonly<Record<string, string | number>>;

function queryString(query: Query): string {
  return `?${Object.entries(query)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join("&")}`;
}

/** Harbor's own words for an error, or the start of what came instead. */
async function reasonIn(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response) if (text.length < 4096) text += String(chunk);
  try {
    const { errors } = JSON.parse(text) as { errors?: { message?: string }[] };
    return errors?.[0]?.message ?? text.slice(0, 200);
  } catch {
    return text.slice(0, 200);
  }
}
