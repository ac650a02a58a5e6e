import { createHash, randomBytes } from "node:crypto";

import { verifyIdToken, type Claims, type Expected, type ProviderKey } from "./id-token";
import { send, type Transport } from "./transport";

/** What a provider says of itself at its well-known address. */
export interface Metadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
  readonly userinfo_endpoint?: string;
  readonly end_session_endpoint?: string;
  readonly id_token_signing_alg_values_supported?: readonly string[];
}

/** What the token endpoint gives. */
export interface TokenSet {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  /** Seconds. */
  readonly expires_in?: number;
}

/** Who asks. */
export interface ClientLogin {
  readonly id: string;
  readonly secret?: string;
}

export const randomText = (bytes = 32): string => randomBytes(bytes).toString("base64url");

/** What the provider is shown of a PKCE verifier. */
export const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");

/**
 * The relying party's side of OpenID Connect as Harbor's and Proxmox's libraries do it: the issuer is compared letter by
 * letter, and what the provider has published is asked anew by each instance. It knows the code flow alone.
 */
export class OpenIdClient {
  private constructor(
    readonly metadata: Metadata,
    private readonly login: ClientLogin,
    private readonly transport: Transport,
  ) {}

  /** Asks the issuer for its endpoints, and refuses one that calls itself by another name. */
  static async discover(issuer: string, login: ClientLogin, transport: Transport): Promise<OpenIdClient> {
    const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const { status, text } = await send(url, {}, transport);
    if (status !== 200) throw new Error(`${status}: ${text.slice(0, 300)}`);
    const metadata = parse<Metadata>(text, "the provider's discovery document");
    if (metadata.issuer !== issuer) {
      throw new Error(
        `issuer did not match the issuer returned by provider, expected "${issuer}" got "${metadata.issuer}"`,
      );
    }
    return new OpenIdClient(metadata, login, transport);
  }

  /** Where the browser is sent to log in. */
  authorizationUrl(parameters: Readonly<Record<string, string>>): string {
    const url = new URL(this.metadata.authorization_endpoint);
    const all = { client_id: this.login.id, response_type: "code", ...parameters };
    for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
    return url.href;
  }

  exchange(code: string, redirectUri: string, verifier: string): Promise<TokenSet> {
    return this.token({
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
  }

  refresh(refreshToken: string): Promise<TokenSet> {
    return this.token({ grant_type: "refresh_token", refresh_token: refreshToken });
  }

  /** The claims of an ID token that this provider signed for this client. */
  async verify(idToken: string, expected: Omit<Expected, "issuer" | "clientId"> = {}): Promise<Claims> {
    const { issuer, jwks_uri, id_token_signing_alg_values_supported: algorithms } = this.metadata;
    const { status, text } = await send(jwks_uri, {}, this.transport);
    if (status !== 200) throw new Error(`fetching keys: ${status}: ${text.slice(0, 300)}`);
    const { keys } = parse<{ keys: ProviderKey[] }>(text, "the provider's keys");
    return verifyIdToken(idToken, keys, {
      ...(algorithms && { algorithms }),
      ...expected,
      issuer,
      clientId: this.login.id,
    });
  }

  async userinfo(accessToken: string): Promise<Claims> {
    const { userinfo_endpoint: url } = this.metadata;
    if (!url) throw new Error("user info endpoint is not supported by this provider");
    const { status, text } = await send(url, { headers: { authorization: `Bearer ${accessToken}` } }, this.transport);
    if (status !== 200) throw new Error(`${status}: ${text.slice(0, 300)}`);
    return parse<Claims>(text, "the user info");
  }

  /** The secret goes into the header; a provider that does not take it there gets it in the body. */
  private async token(parameters: Record<string, string>): Promise<TokenSet> {
    const { id, secret = "" } = this.login;
    const encoded = [id, secret].map(encodeURIComponent).join(":");
    const authorization = `Basic ${Buffer.from(encoded).toString("base64")}`;
    const inHeader = await this.ask(parameters, { authorization });
    const { status, text } =
      inHeader.status !== 401 ? inHeader : await this.ask({ ...parameters, client_id: id, client_secret: secret }, {});
    if (status !== 200) throw new Error(`cannot fetch token: ${status}\nResponse: ${text.slice(0, 300)}`);
    return parse<TokenSet>(text, "the token endpoint's answer");
  }

  private ask(parameters: Record<string, string>, headers: Record<string, string>) {
    return send(
      this.metadata.token_endpoint,
      {
        method: "POST",
        headers: { ...headers, "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
        body: new URLSearchParams(parameters).toString(),
      },
      this.transport,
    );
  }
}

function parse<T>(text: string, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Error(`${what} is no JSON: ${text.slice(0, 100)}`);
  }
}
