import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** Somebody who can log in, as the provider's claims have them. */
export interface Human {
  sub: string;
  name?: string;
  preferred_username?: string;
  email?: string;
  groups?: unknown;
}

interface Code {
  redirectUri: string;
  challenge: string;
  nonce: string | null;
  human: Human;
}

const clientId = "client-1";
const clientSecret = "Client-Secret-1";
/** The curve of each algorithm that has one. */
const curves = { RS256: undefined, ES256: "P-256", ES384: "P-384", ES512: "P-521" } as const;
type Algorithm = keyof typeof curves;

const firstKeys = keyPair("RS256");
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * An OpenID provider for one confidential client: discovery, keys, tokens with PKCE, and user info. Its login page is the
 * call of {@link login}. Tests change what it says and does.
 */
export class OpenIdProvider {
  readonly client = { id: clientId, secret: clientSecret };
  /** `METHOD /path`, of every request. */
  readonly log: string[] = [];
  /** What differs in the discovery document. */
  metadata: Record<string, unknown> = {};
  /** What differs in the ID token, by claim. */
  idClaims: Record<string, unknown> = {};
  /** What an ID token's claims are without: those that only the user info has. */
  onlyInUserinfo: string[] = [];
  /** What an ID token says it is signed with, where that is another algorithm than its key's. */
  algorithm: string | undefined;
  /** Seconds. */
  tokenLife = 3600;
  /** The last address to which a browser was sent. */
  lastAuthorization = new URL("http://none");
  /** Every path that answers 503. */
  down: RegExp | undefined;
  /** Whether the client's secret is taken from the body alone. */
  secretInBody = false;
  private readonly codes = new Map<string, Code>();
  private readonly refreshTokens = new Map<string, Human>();
  private readonly accessTokens = new Map<string, Human>();
  private keys = firstKeys;

  private constructor(
    private readonly server: Server,
    private readonly origin: string,
  ) {
    server.on("request", (request: IncomingMessage, response: ServerResponse) => void this.answer(request, response));
  }

  /** Listens on a free port; over TLS under this name, where it is given a key and a certificate. */
  static async start(tls?: { key: string; cert: string; host: string }): Promise<OpenIdProvider> {
    const server = tls ? createTlsServer(tls) : createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return new OpenIdProvider(server, tls ? `https://${tls.host}:${port}` : `http://127.0.0.1:${port}`);
  }

  get issuer(): string {
    return `${this.origin}/application/o/test/`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** What the login page does with the address a client sent the browser to: gives the address to go back to. */
  login(address: string, human: Human): URL {
    this.lastAuthorization = new URL(address);
    const query = this.lastAuthorization.searchParams;
    const redirectUri = query.get("redirect_uri") ?? "";
    if (query.get("client_id") !== clientId || query.get("response_type") !== "code") throw new Error("not our client");
    if (query.get("code_challenge_method") !== "S256") throw new Error("no PKCE");
    const code = randomBytes(16).toString("hex");
    const challenge = query.get("code_challenge") ?? "";
    this.codes.set(code, { redirectUri, challenge, nonce: query.get("nonce"), human });
    const back = new URL(redirectUri);
    back.searchParams.set("code", code);
    back.searchParams.set("state", query.get("state") ?? "");
    return back;
  }

  /** Signs with another key from now on. */
  rotateKey(published = true, alg: Algorithm = "RS256"): void {
    const { publicKey } = this.keys;
    this.keys = { ...keyPair(alg), ...(!published && { publicKey }) };
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname } = new URL(request.url ?? "/", this.origin);
    this.log.push(`${request.method} ${pathname}`);
    const [status, body] = this.down?.test(pathname)
      ? [503, { error: "temporarily_unavailable" }]
      : this.bodyOf(pathname, new URLSearchParams(Buffer.concat(chunks).toString()), request.headers.authorization);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  private bodyOf(path: string, form: URLSearchParams, authorization = ""): [number, object] {
    switch (path.replace("/application/o/", "")) {
      case "test/.well-known/openid-configuration":
        return [200, { ...this.endpoints(), ...this.metadata }];
      case "test/jwks/": {
        const { publicKey, kid, alg } = this.keys;
        return [200, { keys: [{ ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg }] }];
      }
      case "token/":
        return this.token(form, authorization);
      case "userinfo/": {
        const human = this.accessTokens.get(authorization.replace("Bearer ", ""));
        return human ? [200, human] : [401, { error: "invalid_token" }];
      }
      default:
        return [404, {}];
    }
  }

  private endpoints(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.origin}/application/o/authorize/`,
      token_endpoint: `${this.origin}/application/o/token/`,
      userinfo_endpoint: `${this.origin}/application/o/userinfo/`,
      jwks_uri: `${this.origin}/application/o/test/jwks/`,
      end_session_endpoint: `${this.origin}/application/o/test/end-session/`,
      id_token_signing_alg_values_supported: [this.keys.alg],
    };
  }

  private token(form: URLSearchParams, authorization: string): [number, object] {
    const inHeader = authorization === `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
    const inBody = form.get("client_id") === clientId && form.get("client_secret") === clientSecret;
    if (this.secretInBody ? !inBody : !inHeader) return [401, { error: "invalid_client" }];
    const refresh = form.get("refresh_token");
    if (refresh !== null) {
      const human = this.refreshTokens.get(refresh);
      return human ? [200, this.tokens(human, null)] : [400, { error: "invalid_grant" }];
    }
    const code = this.codes.get(form.get("code") ?? "");
    this.codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const isGood = code && code.redirectUri === form.get("redirect_uri") && code.challenge === challenge;
    return isGood ? [200, this.tokens(code.human, code.nonce)] : [400, { error: "invalid_grant" }];
  }

  private tokens(human: Human, nonce: string | null): object {
    const [access, refresh] = [randomBytes(16).toString("hex"), randomBytes(16).toString("hex")];
    this.accessTokens.set(access, human);
    this.refreshTokens.set(refresh, human);
    const iat = Math.floor(Date.now() / 1000);
    const times = { iat, exp: iat + this.tokenLife };
    const claims: Record<string, unknown> = { iss: this.issuer, aud: clientId, ...times, ...human };
    for (const name of this.onlyInUserinfo) delete claims[name];
    const idToken = this.sign({ ...claims, ...(nonce !== null && { nonce }), ...this.idClaims });
    return {
      token_type: "Bearer",
      expires_in: this.tokenLife,
      access_token: access,
      refresh_token: refresh,
      id_token: idToken,
    };
  }

  private sign(claims: object): string {
    const { alg, kid, privateKey: key } = this.keys;
    const text = `${encode({ alg: this.algorithm ?? alg, kid })}.${encode(claims)}`;
    const digest = `sha${alg.slice(2)}`;
    return `${text}.${sign(digest, Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  }
}

interface Keys {
  readonly alg: Algorithm;
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function keyPair(alg: Algorithm): Keys {
  const namedCurve = curves[alg];
  const pair =
    namedCurve === undefined
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve });
  return { alg, kid: randomBytes(8).toString("hex"), ...pair };
}
