import { failure, parameterErrors } from "../errors";
import { change, type Call, type Handlers } from "../lab";
import { messages, parametersOf, read, remove, update, type Collection } from "./collections";

const realms: Collection = { name: "realms", id: "realm", ...messages("domain", "add auth server failed") };

const builtin = [
  { realm: "pam", type: "pam", comment: "Linux PAM standard authentication" },
  { realm: "pve", type: "pve", comment: "Proxmox VE authentication server" },
];

/** Where users come from. The lab's nodes know OpenID realms besides the two built-in ones. */
export const realmHandlers: Handlers = {
  "GET /access/domains": (call) => [
    ...builtin,
    ...Object.entries(call.lab.store.collection("realms")).map(([realm, { type, comment, ...entry }]) => ({
      realm,
      type,
      ...(comment === undefined ? {} : { comment }),
      ...(entry["default"] === undefined ? {} : { default: entry["default"] }),
    })),
  ],
  "GET /access/domains/{realm}": read(realms),
  "POST /access/domains": createRealm,
  "PUT /access/domains/{realm}": update("PUT /access/domains/{realm}", realms),
  "DELETE /access/domains/{realm}": remove(realms),
};

function createRealm(call: Call): null {
  const { values, lab } = call;
  const [realm, type, entries] = [values.text("realm"), values.text("type"), lab.store.collection("realms")];
  if (entries[realm] || builtin.some((each) => each.realm === realm)) throw realms.exists(realm);
  if (type === "pam" || type === "pve")
    throw failure(`add auth server failed: unable to create builtin type '${type}'`);
  if (type !== "openid") throw failure(`the lab's nodes only support realms of the type 'openid', not '${type}'`);
  const missing = ["issuer-url", "client-id"].filter((name) => values.find(name) === undefined);
  if (missing.length > 0)
    throw parameterErrors(
      Object.fromEntries(missing.map((name) => [name, "property is missing and it is not optional"])),
    );
  change(lab, () => (entries[realm] = values.record(parametersOf("POST /access/domains"), "realm")));
  return null;
}
