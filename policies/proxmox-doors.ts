import { providerInputs } from "./provider-inputs";
import { at, isOff, items, unknown, unlisted, type Value } from "./resource";

/** How a provider logs in as a whole user. */
const logins = ["authTicket", "password"];

/** A provider's inputs other than text come as JSON. */
const off: readonly Value[] = [undefined, null, false, "false", ""];

/** What is wrong with a provider of Proxmox's, beside the node that the stack's config names (`inventory`). */
export function providerProblems(raw: Value, inventory: Value): readonly string[] {
  const inputs = providerInputs(raw);
  const node = at(inventory, "node");
  const ssh = at(inputs, "ssh");
  const endpoint = bare(at(inputs, "endpoint"));
  const own = bare(at(node, "endpoint"));
  const strange = items(at(ssh, "nodes")).filter(
    (each) => !isSame(at(each, "name"), at(node, "name")) || !isSame(at(each, "address"), at(node, "address")),
  );
  return [
    ...logins
      .filter((login) => !isOff(at(inputs, login)))
      .map(
        (login) =>
          `it logs in with all rights of a user (\`${login}\`); give it an \`apiToken\` with rights of its own instead`,
      ),
    ...(off.includes(at(inputs, "insecure"))
      ? []
      : [
          "it doesn't check whom it talks to (`insecure`); remove that, and let this machine trust Proxmox's certificate",
        ]),
    ...(isSame(endpoint, own)
      ? []
      : [`its Proxmox is ${String(endpoint)}, and the config's is ${String(own)}; set \`endpoint\` from the config`]),
    ...strange.map(
      (each) =>
        `it logs in over SSH to ${String(at(each, "address"))} as the node ${String(at(each, "name"))}; take ` +
        "`ssh.nodes` from the config",
    ),
    ...[
      ...unlisted(inputs, ["apiToken", "endpoint", "insecure", "pluginDownloadURL", "ssh", "version", ...logins]),
      ...unlisted(ssh, ["agent", "nodes", "username"]).map((property) => `ssh.${property}`),
    ].map((property) => `it sets \`${property}\`, which the stack's Proxmox doesn't need; remove it`),
  ];
}

/** Without the slash at the end. */
const bare = (endpoint: Value): Value => (typeof endpoint === "string" ? endpoint.replace(/\/$/, "") : endpoint);

/** Whether a value is the config's; where either is not known, or the stack has no inventory, nothing tells. */
const isSame = (value: Value, own: Value): boolean =>
  value === own || value === unknown || own === unknown || own === undefined;

/** What each property of an OpenID realm may be (components/sso/clients/proxmox-login.ts). Others are refused. */
const ofRealms: Readonly<Record<string, RegExp>> = {
  autocreate: /^(true|false)$/,
  clientId: /./,
  clientKey: /./,
  comment: /./,
  // Who has an account is told by his name, which nobody changes for himself; an e-mail address he may.
  usernameClaim: /^username$/,
  groupsClaim: /^groups$/,
  groupsAutocreate: /^false$/,
  groupsOverwrite: /^true$/,
  queryUserinfo: /^(true|false)$/,
  realm: /./,
  scopes: /^email profile$/,
};

/** What must be said: what Proxmox takes instead is something else. */
const needed = ["groupsOverwrite", "usernameClaim"];

/** What is wrong with an OpenID realm, in a stack of this domain with this login (`homelab:sso.proxmox`). */
export function realmProblems(inputs: Value, domain: Value, login: Value): readonly string[] {
  const issuer = at(inputs, "issuerUrl");
  const service = at(login, "service");
  const application = typeof service === "string" ? `${service}/` : "";
  const own = typeof domain === "string" ? `https://auth.${domain}/application/o/${application}` : "https://auth.";
  const isOwn = issuer === unknown || (typeof issuer === "string" && issuer.startsWith(own));
  const others = [
    ["clientId", "service"],
    ["realm", "realm"],
  ].filter(([property = "", setting = ""]) => !isSame(at(inputs, property), at(login, setting)));
  const wrong = Object.entries(ofRealms).flatMap(([property, form]) => {
    const value = at(inputs, property);
    if (value === unknown || (isOff(value) && !needed.includes(property)) || form.test(String(value))) return [];
    return [`its \`${property}\` is ${String(value)}; set it as components/sso/clients/proxmox-login.ts does`];
  });
  return [
    ...(isOwn ? [] : [`it lets in whom ${String(issuer)} names; set \`issuerUrl\` to the stack's single sign-on`]),
    ...wrong,
    ...others.map(
      ([property, setting]) => `its \`${property}\` is not homelab:sso.proxmox.${setting}; take it from the config`,
    ),
    ...unlisted(inputs, [...Object.keys(ofRealms), "issuerUrl"]).map(
      (property) => `it sets \`${property}\`, which no login needs; remove it`,
    ),
  ];
}
