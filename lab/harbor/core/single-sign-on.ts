import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";

import type { Row } from "../../kit/rows";
import { challengeOf, OpenIdClient, randomText, type TokenSet } from "../../openid/client";
import type { Claims } from "../../openid/id-token";
import type { HarborObjects } from "../objects";
import { onboard, onboardGroups } from "../objects/users";
import { type Account, Refusal } from "../rows";
import type { Settings } from "./settings";

/** What the provider says of somebody. */
export interface UserInfo {
  subject: string;
  issuer: string;
  username: string;
  email: string;
  groups: string[];
  isAdmin: boolean;
}

/** A token set with the time at which its access token ends. */
type Kept = TokenSet & { expires?: number };

/**
 * Harbor as a relying party: the code flow with PKCE, and what it makes of the claims. The provider's discovery document is
 * read for each login, as Harbor does when its copy is older than three seconds.
 */
export class SingleSignOn {
  constructor(
    private readonly objects: HarborObjects,
    private readonly settings: Pick<Settings, "externalUrl" | "rootFolders">,
    private readonly save: () => Promise<void>,
  ) {}

  get isOn(): boolean {
    return this.objects.configuration.auth_mode === "oidc_auth";
  }

  /** Where to send the browser, and what to remember until it comes back. */
  async begin(): Promise<{ url: string; state: string; verifier: string }> {
    const client = await this.connect();
    const { oidc_scope, oidc_extra_redirect_parms } = this.objects.configuration;
    const [state, verifier] = [randomText(), randomText(48)];
    const url = client.authorizationUrl({
      redirect_uri: this.redirectUri,
      scope: String(oidc_scope)
        .split(",")
        .map((scope) => scope.trim())
        .join(" "),
      state,
      ...(JSON.parse(oidc_extra_redirect_parms || "{}") as Record<string, string>),
      code_challenge: challengeOf(verifier),
      code_challenge_method: "S256",
    });
    return { url, state, verifier };
  }

  /** Takes the code that the browser brought. A refused code is told to the user, everything else is an error of ours. */
  async finish(code: string, verifier: string): Promise<{ info: UserInfo; tokens: Kept }> {
    const client = await this.connect();
    const tokens = kept(
      await client.exchange(code, this.redirectUri, verifier).catch((error: unknown) => {
        throw new Refusal(400, "BAD_REQUEST", (error as Error).message);
      }),
    );
    await client.verify(tokens.id_token ?? "");
    return { info: await this.infoOf(client, tokens), tokens };
  }

  /** The account of somebody who logged in. At the first login they get one, if that is what the settings say. */
  admit(info: UserInfo, tokens: Kept): Account | undefined {
    const { users, configuration } = this.objects;
    const subiss = info.subject + info.issuer;
    let row = users.find((user) => user.subiss === subiss);
    if (!row) {
      if (configuration.oidc_auto_onboard !== true) return undefined;
      if (info.username === "") {
        const claim = String(configuration.oidc_user_claim);
        throw new Error(`unable to recover username for auto onboard, username claim: ${claim}`);
      }
      row = onboard(this.objects, { username: usernameOf(info), email: info.email, subiss });
    }
    row.token = tokens;
    return this.accountOf(row, info);
  }

  /** The account of a user name and its CLI secret. The provider is asked each time, so it must be there. */
  async verifySecret(username: string, secret: string): Promise<Account | undefined> {
    const row = this.objects.users.find((user) => user.username === username && user.secret === secret);
    if (!row) return undefined;
    const client = await this.connect();
    let tokens = row.token as Kept;
    if ((tokens.expires ?? Infinity) < Date.now() + 10_000) {
      if (tokens.refresh_token === undefined) throw new Error("token expired and refresh token is not set");
      // The provider may keep the old refresh token, and then does not say it again.
      tokens = kept({ refresh_token: tokens.refresh_token, ...(await client.refresh(tokens.refresh_token)) });
      row.token = tokens;
      await this.save();
    }
    return this.accountOf(row, await this.infoOf(client, tokens));
  }

  /** Where to log out at the provider, if it has such a place. */
  async endSessionUrl(idToken: string): Promise<string | undefined> {
    const { end_session_endpoint: url } = (await this.connect()).metadata;
    const back = `${this.settings.externalUrl}/account/sign-in`;
    const query = `id_token_hint=${encodeURIComponent(idToken)}&post_logout_redirect_uri=${encodeURIComponent(back)}`;
    return url && `${url}?${query}`;
  }

  private get redirectUri(): string {
    return `${this.settings.externalUrl.replace(/\/$/, "")}/c/oidc/callback`;
  }

  private connect(): Promise<OpenIdClient> {
    const { oidc_endpoint, oidc_client_id, oidc_client_secret, oidc_verify_cert } = this.objects.configuration;
    return OpenIdClient.discover(
      oidc_endpoint,
      { id: oidc_client_id, secret: oidc_client_secret },
      { verify: oidc_verify_cert === true, roots: () => rootsIn(this.settings.rootFolders) },
    );
  }

  /** What the user info says goes before what the ID token says, but for the claim that is the user's name. */
  private async infoOf(client: OpenIdClient, { access_token, id_token }: Kept): Promise<UserInfo> {
    const local = id_token === undefined ? undefined : await client.verify(id_token, { checkedBefore: true });
    const remote = await client.userinfo(access_token).catch((error: unknown) => {
      console.warn(`Failed to get userInfo by calling remote userinfo endpoint, error: ${String(error)}`);
      return undefined;
    });
    if (local && remote && local.sub !== remote.sub) {
      throw new Error(
        `the subject from userinfo: ${text(remote.sub)} does not match the subject from ID token: ${text(local.sub)}, probably a security attack happened`,
      );
    }
    if (!local && !remote) throw new Error("failed to get userinfo from both remote and ID token");
    const { oidc_user_claim, oidc_groups_claim, oidc_admin_group } = this.objects.configuration;
    const both = [remote, local].filter((claims) => claims !== undefined);
    const named = [local, remote].map((claims) => text(claims?.[oidc_user_claim as string])).find(Boolean);
    const groups = both.map((claims) => groupsIn(claims, oidc_groups_claim as string)).find(Boolean) ?? [];
    return {
      subject: text(both[0]?.sub),
      issuer: client.metadata.issuer,
      username: named ?? both.map((claims) => text(claims.name)).find(Boolean) ?? "",
      email: text(both[0]?.email),
      groups,
      isAdmin: oidc_admin_group !== "" && groups.includes(oidc_admin_group as string),
    };
  }

  private accountOf({ user_id, username }: Row, info: UserInfo): Account {
    const filter = new RegExp(this.objects.configuration.oidc_group_filter as string);
    const groups = info.groups.filter((name) => filter.test(name));
    onboardGroups(this.objects, groups);
    return { name: username as string, person: { userId: user_id as number, groups, isAdmin: info.isAdmin } };
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** As Harbor calls somebody whose name has blanks. */
export const usernameOf = ({ username }: UserInfo): string => username.replaceAll(" ", "_");

function kept(tokens: TokenSet): Kept {
  return tokens.expires_in === undefined ? tokens : { ...tokens, expires: Date.now() + tokens.expires_in * 1000 };
}

/** Some providers give a single group as a string. */
function groupsIn(claims: Claims, claim: string): string[] | undefined {
  const value = claims[claim];
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : undefined;
}

/** What Go trusts: what the system brings, and every file in the folders of `SSL_CERT_DIR`. */
function rootsIn(folders: readonly string[]): string[] {
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8")));
  return [...rootCertificates, ...files.filter((content) => content.includes("BEGIN CERTIFICATE"))];
}
