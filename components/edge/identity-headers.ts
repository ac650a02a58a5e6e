/**
 * Headers in which services are told who asks, by what their names start with. Only the single sign-on may set one: from
 * a client each of them is a forgery.
 *
 * Authentik's pages send `X-authentik-CSRF` to Authentik itself, so its family is named word by word.
 */
const families: Readonly<Record<string, readonly string[]>> = {
  "X-Authentik": ["Username", "Groups", "Entitlements", "Email", "Name", "Uid", "Jwt"],
  "X-Authentik-Meta": ["App", "Jwks", "Outpost", "Provider", "Version"],
  Remote: ["User", "Name", "Email", "Groups"],
  "X-Remote": ["User", "Name", "Email", "Group", "Groups"],
  "X-Forwarded": ["User", "Name", "Email", "Groups", "Preferred-Username", "Access-Token"],
  "X-Auth": ["User", "Username", "Name", "Email", "Groups"],
  "X-Auth-Request": ["User", "Email", "Groups", "Preferred-Username", "Access-Token"],
  "X-Authenticated": ["User", "Email", "Groups"],
  "X-Webauth": ["User", "Name", "Email", "Groups", "Role"],
};

/** Name of the header with the user's token, which is nothing that a service needs. */
export const tokenHeader = "X-Authentik-Jwt";

/** What no client may send, to any service. */
export const identityHeaders: readonly string[] = Object.entries(families).flatMap(([family, words]) =>
  words.map((word) => `${family}-${word}`),
);

/** Families that say nothing but who asks: whatever their names end with. */
const wholeFamilies = ["X-Authentik", "Remote", "X-Remote", "X-Auth-Request", "X-Webauth"];

/**
 * Where a request comes from and what it asked for, as RFC 7239 has it. Some services believe this one first; Traefik sets
 * `X-Forwarded-*` alone, and passes on what a client says here.
 */
export const originHeader = "Forwarded";

/**
 * A regular expression (RE2) for {@link identityHeaders} and whatever else their families have, whichever character their
 * words are joined with.
 */
export const identityPattern = `(?i)^(${[
  ...wholeFamilies.map((family) => `${joined(family)}${separator()}.*`),
  ...identityHeaders.filter((name) => !wholeFamilies.some((family) => name.startsWith(`${family}-`))).map(joined),
].join("|")})$`;

function joined(name: string): string {
  return name.toLowerCase().replaceAll("-", separator());
}

function separator(): string {
  return "[^a-z0-9]";
}
