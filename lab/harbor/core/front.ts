import type { IncomingMessage, ServerResponse } from "node:http";

import { send } from "../../kit/http";
import type { Row } from "../../kit/rows";
import type { HarborObjects } from "../objects";
import { findArtifact } from "../objects/artifacts";
import { type Account, Refusal } from "../rows";
import { granted, parseScope, service, type Access, type Tokens } from "./tokens";

/** A request to the registry that was let in. */
export interface Admitted {
  /** With its project: `media/app`. */
  repository: string;
  project: Row;
  /** `manifests`, `blobs`, `tags`. */
  kind: string;
  /** What comes after that: a tag, a digest, `uploads/…`. */
  rest: string;
  query: URLSearchParams;
  /** Who asks, as far as the token says it. */
  user: string;
}

const unauthorized = (message: string): Refusal => new Refusal(401, "UNAUTHORIZED", message);

/** What `docker login`, `push` and `pull` meet first: logins, tokens, and whether a project is there. */
export class Front {
  constructor(
    private readonly objects: HarborObjects,
    private readonly tokens: Tokens,
    private readonly externalUrl: string,
  ) {}

  /** `GET /service/token`: a token for what the login may do of what is asked. */
  token(request: IncomingMessage, response: ServerResponse, account: Account | undefined): void {
    const { searchParams } = new URL(request.url ?? "", "http://core");
    // Clients that try the other way first (OAuth 2 by POST) take it as a sign to come again by GET.
    if (request.method !== "GET") throw new Refusal(405, "METHOD_NOT_ALLOWED", "method not allowed");
    const scopes = searchParams.getAll("scope").flatMap((scope) => scope.split(" "));
    // `docker login` asks for nothing; to others a wrong login is as none.
    if (!account && scopes.length === 0) throw unauthorized("unauthorized");
    const access = scopes.map((scope) => granted(this.objects, account, parseScope(scope)));
    const minutes = Number(this.objects.configuration.token_expiration);
    send(response, 200, this.tokens.issue(account?.name ?? "", access, minutes));
  }

  /** Lets a request to `/v2/` in, or refuses it as Harbor does. Nothing where it asks for the API's version only. */
  admit(request: IncomingMessage, account: Account | undefined): Admitted | undefined {
    const url = new URL(request.url ?? "", "http://core");
    const [, repository, kind = "", rest = ""] =
      /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.*)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const caller = this.caller(request.headers.authorization, account);
    if (repository === undefined) {
      if (!caller) throw unauthorized("unauthorized");
      if (/^\/v2\/?$/.test(url.pathname)) return undefined;
      throw new Refusal(404, "NOT_FOUND", "not found");
    }
    const action = actionOf(request.method ?? "");
    const project = this.objects.projects.find((row) => row.name === repository.split("/")[0]);
    if (!project) throw unauthorized(`project ${repository.split("/")[0]} not found`);
    this.allow(caller, repository, action);
    const from = url.searchParams.get("from");
    if (from && action === "push") this.allow(caller, from, "pull");
    if (this.objects.configuration.read_only === true && action !== "pull") {
      throw new Refusal(403, "DENIED", "The system is in read only mode. Any modification is prohibited.");
    }
    return { repository, project, kind, rest, query: url.searchParams, user: caller?.name ?? "anonymous" };
  }

  /** The `WWW-Authenticate` that tells a client where to get which token. */
  challenge(request: IncomingMessage): string {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://core");
    const [, repository] = /^\/v2\/(.+)\/(?:manifests|blobs|tags)\//.exec(decodeURIComponent(pathname)) ?? [];
    const action = actionOf(request.method ?? "");
    const from = searchParams.get("from");
    const wanted = [
      ...(repository === undefined ? [] : [`repository:${repository}:${action === "push" ? "pull,push" : action}`]),
      ...(from === null ? [] : [`repository:${from}:pull`]),
    ];
    const scope = wanted.length > 0 ? `,scope="${wanted.join(" ")}"` : "";
    const realm = `${new URL(this.externalUrl).protocol}//${request.headers.host ?? ""}/service/token`;
    return `Bearer realm="${realm}",service="${service}"${scope}`;
  }

  private allow(caller: Caller | undefined, name: string, action: string): void {
    const wanted = { type: "repository", name, actions: [action] };
    const allowed = caller?.access
      ? caller.access.some((entry) => entry.name === name && entry.actions.includes(action))
      : granted(this.objects, caller?.account, wanted).actions.length > 0;
    const text = `unauthorized to access repository: ${name}, action: ${action}`;
    if (!allowed) throw unauthorized(`${text}: ${text}`);
  }

  private caller(authorization = "", account: Account | undefined): Caller | undefined {
    if (!authorization.startsWith("Bearer ")) return account && { name: account.name, account };
    const claims = this.tokens.read(authorization.slice("Bearer ".length));
    return claims && { name: claims.sub, access: claims.access };
  }
}

/** Somebody with a token, or with a login of their own. */
interface Caller {
  name: string;
  access?: Access[];
  account?: Account;
}

const actionOf = (method: string): string =>
  ["GET", "HEAD"].includes(method) ? "pull" : method === "DELETE" ? "delete" : "push";

/** The image of a reference, or Harbor's answer where there is none. */
export function imageOf(objects: HarborObjects, { repository, rest }: Admitted): Row {
  const row = findArtifact(objects, repository, rest);
  if (row) return row;
  throw new Refusal(404, "NOT_FOUND", `artifact ${repository}${rest.includes(":") ? "@" : ":"}${rest} not found`);
}
