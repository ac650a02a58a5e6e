import type { Known } from "../dynamic/kind";
import type { Problems } from "../dynamic/problems";
import { grantTypes, subModes, type OAuth2ProviderValues } from "./oauth2-rows";
import { checkHttps, checkText } from "./text-checks";
import { checkDuration } from "./words";

/** Authentik takes most of these, and then no login works, or one works that should not. */
export function checkClient(args: Known<OAuth2ProviderValues>, problems: Problems): void {
  checkText("name", args.name, problems);
  checkText("signingKey", args.signingKey, problems);
  const isId = (id: string): boolean => /^[\x21-\x7e]{1,255}$/.test(id);
  problems.expect("clientId", args.clientId, isId, "{value} is no client id; use 1 to 255 letters without spaces");
  if (args.clientSecret !== undefined && !isSecret(args.clientSecret)) {
    problems.add("clientSecret", "must have 12 to 255 letters without spaces; let a RandomPassword make it");
  }
  if (args.redirectUris?.length === 0) {
    problems.add(
      "redirectUris",
      "is empty: Authentik would trust the first address it is asked for; name the client's",
    );
  }
  const lists = { redirectUris: args.redirectUris, postLogoutUris: args.postLogoutUris };
  for (const [field, urls] of Object.entries(lists)) {
    urls?.forEach((url, index) => checkHttps(`${field}[${index}]`, url, problems));
  }
  if (args.logoutUri !== "") checkHttps("logoutUri", args.logoutUri, problems);
  if (args.grantTypes?.length === 0) problems.add("grantTypes", 'is empty; name one, such as "authorization_code"');
  for (const type of args.grantTypes ?? []) problems.oneOf("grantTypes", type, grantTypes);
  const scopes = args.scopeMappings;
  if (scopes?.length === 0) problems.add("scopeMappings", "is empty: tokens would say nothing of the user; name some");
  problems.oneOf("subMode", args.subMode, subModes);
  problems.oneOf("logoutMethod", args.logoutMethod, ["backchannel", "frontchannel"]);
  for (const name of validities) checkDuration(name, args[name], problems);
}

const validities = [
  "accessCodeValidity",
  "accessTokenValidity",
  "refreshTokenValidity",
  "refreshTokenThreshold",
] as const;

const isSecret = (secret: string): boolean => /^[\x21-\x7e]{12,255}$/.test(secret);
