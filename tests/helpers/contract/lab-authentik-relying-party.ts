import { createHash, createPublicKey, randomBytes, verify, type JsonWebKey } from "node:crypto";

import type { Row } from "../../../lab/kit/rows";
import { jsonIn, logIn, type Browser, type Person } from "../browser";
import { auth, callbackOf } from "./lab-authentik-world";

/** An application that logs people in: code flow with PKCE, by the book. */
export class RelyingParty {
  private readonly verifier = randomBytes(32).toString("base64url");
  readonly state = randomBytes(8).toString("hex");
  readonly nonce = randomBytes(8).toString("hex");

  constructor(
    private readonly browser: Browser,
    private readonly name: string,
    private readonly secret?: string,
    private readonly scope = "openid email profile",
  ) {}

  /** Where the login begins. */
  authorizationUrl(more: Record<string, string> = {}): string {
    const query = new URLSearchParams({
      ...{ client_id: this.name, redirect_uri: callbackOf(this.name), response_type: "code", scope: this.scope },
      ...{ state: this.state, nonce: this.nonce, code_challenge_method: "S256" },
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      ...more,
    });
    return `${auth}/application/o/authorize/?${query}`;
  }

  /** Logs a person in, and returns what comes back to the callback. */
  async code(person: Person): Promise<URLSearchParams> {
    const { finalResponse } = await logIn(this.browser, this.authorizationUrl(), person);
    if (!finalResponse.url.href.startsWith(callbackOf(this.name))) throw new Error(`ends at ${finalResponse.url.href}`);
    return finalResponse.url.searchParams;
  }

  /** Exchanges a code. `how` is where the secret goes. */
  redeem(code: string, how: "basic" | "post" | "none" = "basic", verifier = this.verifier): Promise<Row> {
    const grant = {
      grant_type: "authorization_code",
      code,
      redirect_uri: callbackOf(this.name),
      code_verifier: verifier,
    };
    return this.token(grant, how);
  }

  refresh = (refresh_token: string): Promise<Row> =>
    this.token({ grant_type: "refresh_token", refresh_token }, "basic");

  async userinfo(accessToken: string): Promise<Row> {
    const headers = { authorization: `Bearer ${accessToken}` };
    const { status, text } = await this.browser.step(`${auth}/application/o/userinfo/`, { headers });
    return { status, ...(JSON.parse(text) as Row) };
  }

  /** The claims of an ID token, whose signature is that of the key which the application shows. */
  async claims(idToken: string): Promise<Row> {
    const [head = "", body = "", signature = ""] = idToken.split(".");
    const read = (part: string): Row => JSON.parse(Buffer.from(part, "base64url").toString()) as Row;
    const { alg, kid } = read(head);
    const { keys } = jsonIn<{ keys: (JsonWebKey & { kid: string; alg: string })[] }>(
      await this.browser.step(`${auth}/application/o/${this.name}/jwks/`),
    );
    const jwk = keys.find((key) => key.kid === kid && key.alg === alg);
    const digest = { RS256: "sha256", ES256: "sha256", ES384: "sha384", ES512: "sha512" }[alg as string];
    if (!jwk || !digest) throw new Error(`signed with ${alg}, key ${kid}`);
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const [signed, bytes] = [Buffer.from(`${head}.${body}`), Buffer.from(signature, "base64url")];
    if (!verify(digest, signed, { key, dsaEncoding: "ieee-p1363" }, bytes)) throw new Error("the signature is wrong");
    return read(body);
  }

  private async token(grant: Record<string, string>, how: "basic" | "post" | "none"): Promise<Row> {
    const basic = Buffer.from(`${this.name}:${this.secret}`).toString("base64");
    const { status, text } = await this.browser.step(`${auth}/application/o/token/`, {
      method: "POST",
      headers: how === "basic" ? { authorization: `Basic ${basic}` } : {},
      form: {
        ...grant,
        ...(how === "basic" ? {} : { client_id: this.name }),
        ...(how === "post" ? { client_secret: this.secret ?? "" } : {}),
      },
    });
    return { status, ...(JSON.parse(text) as Row) };
  }
}
