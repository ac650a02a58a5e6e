import { readFileSync } from "node:fs";

import { challengeOf, randomText } from "../openid/client";
import { send, type Transport } from "../openid/transport";
import type { Claims } from "./claims";
import { Refusal } from "./refusal";
import { isOn, type Settings } from "./sso-settings";

/** Where Grafana is. */
export interface Surroundings {
  /** Its own address, as users see it. */
  readonly rootUrl: string;
  /** How its machine reaches others. */
  readonly transport: Transport;
}

/** A login that has begun: where the browser is sent, and what it has to bring back. */
export interface Begun {
  readonly url: string;
  readonly state: string;
  readonly verifier: string;
}

/** Sends the browser to the provider. */
export function begin(settings: Settings, { rootUrl }: Surroundings): Begun {
  const [state, verifier] = [randomText(), randomText(96)];
  const url = new URL(text(settings, "auth_url"));
  const parameters = {
    response_type: "code",
    client_id: text(settings, "client_id"),
    redirect_uri: redirectUri(rootUrl),
    scope: scopes(settings).join(" "),
    state,
    ...(isOn(settings.use_pkce) && { code_challenge: challengeOf(verifier), code_challenge_method: "S256" }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, state, verifier };
}

/**
 * Exchanges the code, and fetches what the provider says of the user: in the ID token, whose signature Grafana does not check
 * because it comes from the provider itself, and at the endpoint of user information.
 */
export async function finish(
  settings: Settings,
  around: Surroundings,
  code: string,
  verifier: string,
): Promise<Claims[]> {
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri(around.rootUrl),
  });
  if (isOn(settings.use_pkce)) form.set("code_verifier", verifier);
  const tokens = await exchange(settings, around, form);
  const sources: Claims[] = [];
  if (typeof tokens.id_token === "string") sources.push(payload(tokens.id_token));
  if (text(settings, "api_url") !== "") {
    const authorization = `Bearer ${String(tokens.access_token)}`;
    const answer = await send(text(settings, "api_url"), { headers: { authorization } }, transportOf(settings, around));
    if (answer.status === 200) sources.push(JSON.parse(answer.text) as Claims);
  }
  return sources;
}

/** The client's secret first in a header, then in the form: Grafana finds out what the provider takes. */
async function exchange(settings: Settings, around: Surroundings, form: URLSearchParams): Promise<Claims> {
  const [id, secret] = [text(settings, "client_id"), text(settings, "client_secret")];
  const login = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64");
  const withSecret = new URLSearchParams([...form, ["client_id", id], ["client_secret", secret]]);
  let said = "";
  for (const [body, headers] of [
    [form, { authorization: `Basic ${login}` }],
    [withSecret, {}],
  ] as const) {
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const sent = { method: "POST", headers: { ...type, ...headers }, body: body.toString() } as const;
    const answer = await send(text(settings, "token_url"), sent, transportOf(settings, around));
    if (answer.status === 200) return JSON.parse(answer.text) as Claims;
    said = `${answer.status} ${answer.text.slice(0, 200)}`;
  }
  console.error(`grafana: no token: ${said}`);
  throw new Refusal(500, "auth.oauth.token.exchange", "Failed to get token from provider");
}

/** A CA in the settings, a file on Grafana's machine, takes the place of what the machine trusts. */
function transportOf(settings: Settings, { transport }: Surroundings): Transport {
  const file = text(settings, "tls_client_ca");
  return file === "" ? transport : { ...transport, roots: () => [readFileSync(file, "utf8")] };
}

const text = (settings: Settings, name: string): string => String(settings[name] ?? "");

const scopes = (settings: Settings): string[] => text(settings, "scopes").split(/[\s,]+/);

const redirectUri = (rootUrl: string): string => `${rootUrl}/login/generic_oauth`;

const payload = (token: string): Claims =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Claims;
