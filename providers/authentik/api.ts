import type * as official from "@goauthentik/api";

import { ApiError, Client, type Subject } from "../dynamic/http";
import { allPages } from "../dynamic/pages";
import { bootstrapKey, bootstrapToken } from "./bootstrap-key";
import { type Made, Memory } from "./memory";

/** How the provider reaches Authentik. It is encrypted in the state as a whole, in each resource that has it. */
export interface AuthentikConnection {
  /** Where Authentik is, without a path: `https://auth.home.arpa`. */
  readonly endpoint: string;
  /**
   * The IPv4 address to connect to, so that nothing asks DNS for the endpoint's name. The certificate must still be for
   * that name, and Authentik still hears it as the host. Default: what DNS says.
   */
  readonly address?: string;
  /** The key of an API token of an administrator. An Authentik that was started with the `bootstrapKey` of it learns it. */
  readonly token: string;
  /** The CA that Authentik's certificate is checked with, PEM. Default: what Node.js trusts. */
  readonly ca?: string;
}

/** The parts of the official client that the provider uses. */
export interface Apis {
  readonly admin: official.AdminApi;
  readonly authenticators: official.AuthenticatorsApi;
  readonly core: official.CoreApi;
  readonly crypto: official.CryptoApi;
  readonly events: official.EventsApi;
  readonly flows: official.FlowsApi;
  readonly outposts: official.OutpostsApi;
  readonly policies: official.PoliciesApi;
  readonly propertymappings: official.PropertymappingsApi;
  readonly providers: official.ProvidersApi;
  readonly stages: official.StagesApi;
}

/** One page of a list. */
interface Page<Row> {
  readonly pagination: { readonly count: number; readonly next: number };
  readonly results: Row[];
}

/**
 * Authentik's REST API 3: the official client for paths and types, over our own one for time limits, retries, the private
 * CA, and one form of errors.
 */
export class Authentik {
  private readonly client: Client;
  /** With the key that Authentik was first started with. */
  private readonly first: Client;
  private readonly base: string;
  private readonly memory = new Memory();
  /** What must not be in a message. */
  private readonly secrets: string[];
  private administrator?: Promise<void>;
  /** Work on lists that several resources write to, one after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly connection: AuthentikConnection) {
    const { endpoint, address, token, ca } = connection;
    this.base = `${endpoint.replace(/\/$/, "")}/api/v3`;
    const firstKey = bootstrapKey(token);
    this.secrets = [token, firstKey];
    const { base, secrets } = this;
    // Its handler of errors is a page that takes a GET alone (`handler500` in authentik/root/urls.py).
    const server = { product: "Authentik", base, address, ca, secrets, hidesErrors: true };
    this.client = new Client({ ...server, authorization: `Bearer ${token}` });
    this.first = new Client({ ...server, authorization: `Bearer ${firstKey}` });
  }

  /** Calls the API. Fails with an {@link ApiError} about the subject; 409 where something has that name already. */
  async call<T>(subject: Subject, ask: (apis: Apis) => Promise<T>): Promise<T> {
    await this.isAdministrator();
    return this.ask(subject, ask);
  }

  /** As `call`, but a missing object is `undefined`. */
  async find<T>(subject: Subject, ask: (apis: Apis) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.call(subject, ask);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Every row of a list, however many pages it has. */
  async list<Row>(
    subject: Subject,
    ask: (apis: Apis, page: { page: number; pageSize: number }) => Promise<Page<Row>>,
  ): Promise<Row[]> {
    return allPages(async (page) => {
      const { results, pagination } = await this.call(subject, (apis) => ask(apis, { page, pageSize: 100 }));
      return { rows: results, total: pagination.count, isLast: pagination.next === 0 };
    });
  }

  /**
   * What `read` gave a few seconds ago, or gives now. `area` is where the answer is from, as the start of a path: `/core/users`.
   * A write of this client there, and any deletion, makes it forgotten.
   */
  recall<T>(area: string, read: () => Promise<T>): Promise<T> {
    return this.memory.recall(area, read);
  }

  /** Notes an object that this client made, in the same words as {@link recall}. */
  noteMade(area: string, names: readonly string[], id: string, row: unknown): void {
    this.memory.noteMade(area, names, id, row);
  }

  /** The object of that name, where this client made it a moment ago. */
  recallMade<Row>(area: string, name: string): Made<Row> | undefined {
    return this.memory.recallMade(area, name);
  }

  /** Forgets what was read from there, where another answer is needed than the remembered one. */
  forget(area: string): void {
    this.memory.forget(area);
  }

  /** Runs reading, changing and writing back with nothing of the same kind in between. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(work);
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Fails unless the token is one of an administrator. To any other, Authentik denies that an object exists, which would
   * look as if it had been deleted.
   */
  private isAdministrator(): Promise<void> {
    const subject = { action: "use", object: "API token", name: "of the connection", remedies: tokenRemedies };
    const me = (): Promise<official.SessionUser> => this.ask(subject, ({ core }) => core.coreUsersMeRetrieve());
    this.administrator ??= me()
      .catch(async (error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 403) throw error;
        await this.replaceFirstKey();
        return me();
      })
      .then(({ user }) => {
        if (user.isSuperuser) return;
        throw new ApiError("Authentik", 403, subject, `${user.username} is no administrator`);
      });
    // What failed for a passing reason is asked again.
    this.administrator.catch(() => (this.administrator = undefined));
    return this.administrator;
  }

  /** Gives Authentik's first token the key of the connection. Where it has another than the first one, it keeps that. */
  private async replaceFirstKey(): Promise<void> {
    const subject = { action: "set the key of", object: "API token", name: bootstrapToken };
    const path = `/core/tokens/${bootstrapToken}/set_key/`;
    try {
      await this.first.call({ method: "POST", path, body: { key: this.connection.token } }, subject);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 403) throw error;
    }
  }

  private async ask<T>(subject: Subject, ask: (apis: Apis) => Promise<T>): Promise<T> {
    // Loading the official client takes half a second, which a program that only declares resources need not spend.
    const loaded = await import("@goauthentik/api");
    const fetchApi: typeof fetch = (url, init) => this.fetch(String(url), init, subject);
    const configuration = new loaded.Configuration({ basePath: this.base, fetchApi });
    try {
      return await ask(apis(loaded, configuration));
    } catch (error) {
      throw error instanceof loaded.FetchError ? error.cause : error;
    }
  }

  private async fetch(url: string, init: RequestInit | undefined, subject: Subject): Promise<Response> {
    const method = (init?.method ?? "GET") as "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
    const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
    const path = url.slice(this.base.length);
    this.secrets.push(...keysIn(body));
    const about = { ...subject, remedies: { ...tokenRemedies, ...subject.remedies } };
    try {
      const answer = await this.client.call({ method, path, body }, about);
      const text = answer.body === undefined ? null : JSON.stringify(answer.body);
      return new Response(text, { status: answer.status, headers: { "content-type": "application/json" } });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 400 && isTaken(error.detail)) throw new ApiError("Authentik", 409, subject, error.detail);
      // A message that is cut may end within a private key, which then is no longer known as one.
      const detail = error.detail.replace(/-----BEGIN [^]*/, "[secret]");
      throw detail === error.detail ? error : new ApiError("Authentik", error.status, about, detail, error.unsure);
    } finally {
      // Also after a failure: Authentik may have done it.
      this.memory.noteRequest(method, path, body);
    }
  }
}

/** Keys in the body of a request, which go by names that say nothing. */
const keysIn = (body: unknown): string[] => {
  const { key, key_data } = (body ?? {}) as { key?: unknown; key_data?: unknown };
  return [key, key_data].filter((secret) => typeof secret === "string");
};

/** What Django says where something must be the only one of its name. */
const isTaken = (detail: string): boolean => /already exists|must be unique|unique set/i.test(detail);

const tokenRemedies = {
  401: "Check the API token of the connection.",
  403:
    "The API token was revoked, has expired, or is not an administrator's. Make one in Authentik (Directory > Tokens), " +
    "or restore the one the connection names.",
};

function apis(loaded: typeof official, configuration: official.Configuration): Apis {
  return {
    admin: new loaded.AdminApi(configuration),
    authenticators: new loaded.AuthenticatorsApi(configuration),
    core: new loaded.CoreApi(configuration),
    crypto: new loaded.CryptoApi(configuration),
    events: new loaded.EventsApi(configuration),
    flows: new loaded.FlowsApi(configuration),
    outposts: new loaded.OutpostsApi(configuration),
    policies: new loaded.PoliciesApi(configuration),
    propertymappings: new loaded.PropertymappingsApi(configuration),
    providers: new loaded.ProvidersApi(configuration),
    stages: new loaded.StagesApi(configuration),
  };
}
