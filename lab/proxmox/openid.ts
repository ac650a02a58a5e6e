import { randomUUID } from "node:crypto";
import { challengeOf, OpenIdClient, randomText } from "../openid/client";
import type { Claims } from "../openid/id-token";
import { failure } from "./errors";
import type { ProxmoxOptions } from "./options";
import type { Entry, StateStore } from "./state";

/** A login that has begun: what its end must fit. */
interface Begun {
  readonly realm: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly time: number;
}

/** Milliseconds in which a login must end. */
const patience = 600_000;

/** The nodes as relying parties of OpenID providers: the code flow with nonce and PKCE, as Proxmox's own library does it. */
export class OpenIdLogins {
  private readonly begun = new Map<string, Begun>();

  constructor(
    private readonly options: Pick<ProxmoxOptions, "transport">,
    private readonly store: StateStore,
  ) {}

  /** Where the browser is sent to log in. */
  async begin(realm: string, redirectUrl: string): Promise<string> {
    const config = this.realm(realm);
    const client = await this.connect(config);
    const [token, nonce, verifier] = [randomUUID(), randomText(16), randomText()];
    for (const [key, { time }] of this.begun) if (time + patience < Date.now()) this.begun.delete(key);
    this.begun.set(token, { realm, nonce, verifier, time: Date.now() });
    const scopes = ["openid", ...words(config["scopes"] ?? "email profile")];
    const optional = { prompt: config["prompt"], acr_values: words(config["acr-values"] ?? "").join(" ") || undefined };
    return client.authorizationUrl({
      redirect_uri: redirectUrl,
      scope: scopes.join(" "),
      state: JSON.stringify({ csrf_token: token, realm }),
      nonce,
      display: "page",
      code_challenge: challengeOf(verifier),
      code_challenge_method: "S256",
      ...Object.fromEntries(
        Object.entries(optional).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
      ),
    });
  }

  /** Takes what the browser brought back: the realm, its settings, and what the provider says of the user. */
  async finish(
    state: string,
    code: string,
    redirectUrl: string,
  ): Promise<{ realm: string; config: Entry; claims: Claims }> {
    const { csrf_token: token } = JSON.parse(state) as { csrf_token: string };
    const begun = this.begun.get(token);
    this.begun.delete(token);
    if (!begun || begun.time + patience < Date.now()) {
      throw new Error("no openid auth state found (possible timeout)");
    }
    const { realm, nonce, verifier } = begun;
    const config = this.realm(realm);
    const client = await this.connect(config);
    const tokens = await client.exchange(code, redirectUrl, verifier);
    const audiences = words(config["audiences"] ?? "");
    const own = await client.verify(tokens.id_token ?? "", { nonce, audiences });
    const more = (config["query-userinfo"] ?? 1) === 1 ? await client.userinfo(tokens.access_token) : {};
    if (more.sub !== undefined && more.sub !== own.sub) throw new Error("the user info is somebody else's");
    return { realm, config, claims: { ...more, ...own } };
  }

  private realm(name: string): Entry {
    const config = this.store.collection("realms")[name];
    if (!config) throw failure(`authentication domain '${name}' does not exist`);
    return config;
  }

  private connect(config: Entry): Promise<OpenIdClient> {
    const secret = config["client-key"];
    return OpenIdClient.discover(
      String(config["issuer-url"]),
      { id: String(config["client-id"]), ...(secret !== undefined && { secret: String(secret) }) },
      this.options.transport ?? {},
    );
  }
}

const words = (list: string | number): string[] =>
  String(list)
    .split(/[,;\s]+/)
    .filter((word) => word !== "");
