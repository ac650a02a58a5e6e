import type { Claims } from "../../openid/id-token";
import { unauthorized } from "../errors";
import { formats } from "../formats";
import { change, type Handlers, type Lab } from "../lab";
import type { Entry } from "../state";

/**
 * Logging in at a realm's OpenID provider. `cap` of the answer, by which the web interface hides what somebody may not do,
 * stays empty here.
 */
export const openidHandlers: Handlers = {
  "POST /access/openid/auth-url": ({ lab, values }) =>
    lab.openid.begin(values.text("realm"), values.text("redirect-url")),
  "POST /access/openid/login": async ({ lab, values }) => {
    const [state, code, redirectUrl] = [values.text("state"), values.text("code"), values.text("redirect-url")];
    try {
      const { realm, config, claims } = await lab.openid.finish(state, code, redirectUrl);
      const username = usernameOf(realm, config, claims);
      change(lab, () => {
        admit(lab, username, config, claims);
        joinGroups(lab, username, realm, config, claims);
      });
      return { username, ...lab.access.newTicket(username), cap: {} };
    } catch (error) {
      // Nobody is told why, lest they find out who there is.
      process.stderr.write(`openid authentication failure; msg=${String(error)}\n`);
      throw unauthorized("authentication failure");
    }
  },
};

/** The realm's user with the name that the configured claim has. */
function usernameOf(realm: string, config: Entry, claims: Claims): string {
  const claim = String(config["username-claim"] ?? "sub");
  const known: Readonly<Record<string, string>> = { subject: "sub", username: "preferred_username" };
  const name = claims[claim] ?? claims[known[claim] ?? claim];
  if (name === undefined) throw new Error(`missing configured claim '${claim}' in returned info object`);
  const username = `${String(name)}@${realm}`;
  const complaint = formats["pve-userid"](username);
  if (complaint !== undefined) throw new Error(complaint);
  if (username.length > 64) throw new Error(`user name '${username}' is too long (${username.length} > 64)`);
  return username;
}

/** Makes a new user where the realm does that; all others must be there, and enabled. */
function admit(lab: Lab, username: string, config: Entry, claims: Claims): void {
  const users = lab.store.collection("users");
  if (!users[username] && config["autocreate"] === 1) {
    const given = { email: claims["email"], firstname: claims["given_name"], lastname: claims["family_name"] };
    const known = Object.entries(given).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
    users[username] = { enable: 1, ...(Object.fromEntries(known) as Entry) };
  }
  lab.access.requireEnabled(username);
}

/** Puts the user into the groups `<group>-<realm>`, where the realm has a claim for them. */
function joinGroups(lab: Lab, username: string, realm: string, config: Entry, claims: Claims): void {
  const claim = config["groups-claim"];
  if (claim === undefined) return;
  const listed = claims[String(claim)];
  if (!Array.isArray(listed)) {
    const problem = listed === undefined ? `claim '${claim}' is not found in claims` : "list is not an array";
    process.stderr.write(`openid groups ${problem}\n`);
    return;
  }
  const [groups, user] = [lab.store.collection("groups"), lab.store.collection("users")[username]];
  if (!user) return;
  const wanted = listed
    .map(String)
    .filter((name) => formats["pve-groupid"](name) === undefined)
    .map((name) => `${name}-${realm}`);
  const joined = wanted.filter((name) => config["groups-autocreate"] === 1 || groups[name] !== undefined);
  for (const name of joined) groups[name] ??= {};
  const kept = config["groups-overwrite"] === 1 ? [] : String(user["groups"] ?? "").split(",");
  user["groups"] = [...new Set([...kept, ...joined])].filter((name) => name !== "").join(",");
}
