import { failure } from "../errors";
import { change, inPath, startTask, type Handlers } from "../lab";
import { create, listAll, parametersOf, read, remove, stored, update, type Collection } from "./collections";

const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";

const accounts: Collection = {
  name: "acmeAccounts",
  id: "name",
  missing: (name) => failure(`ACME account config file '${name}' does not exist.`),
  exists: (name) => failure(`ACME account config file '${name}' already exists.`),
  show: (entry) => ({
    directory: entry["directory"] ?? letsEncrypt,
    location: `${String(entry["directory"] ?? letsEncrypt)}/account/1`,
    ...(entry["tos_url"] === undefined ? {} : { tos: entry["tos_url"] }),
    account: {
      contact: String(entry["contact"] ?? "")
        .split(",")
        .map((each) => `mailto:${each}`),
      createdAt: "2026-01-01T00:00:00Z",
      status: "valid",
    },
  }),
};

const plugins: Collection = {
  name: "acmePlugins",
  id: "id",
  missing: (id) => failure(`ACME plugin '${id}' not defined`),
  exists: (id) => failure(`ACME plugin ID '${id}' already exists`),
  show: ({ data, ...entry }, plugin) => ({
    plugin,
    ...entry,
    // It comes encoded and goes out in plain text.
    ...(data === undefined ? {} : { data: Buffer.from(String(data), "base64").toString("utf8") }),
  }),
};

/** Accounts at a certificate authority. The lab stores them; it registers nothing. */
export const acmeHandlers: Handlers = {
  "GET /cluster/acme/account": (call) =>
    Object.keys(call.lab.store.collection("acmeAccounts")).map((name) => ({ name })),
  "GET /cluster/acme/account/{name}": read(accounts),
  "POST /cluster/acme/account": (call) => {
    const name = call.values.find("name") ?? "default";
    const entries = call.lab.store.collection("acmeAccounts");
    if (entries[name]) throw accounts.exists(name);
    const entry = call.values.record(parametersOf("POST /cluster/acme/account"), "name", "eab-hmac-key");
    return startTask(call, "acmeregister", name, async () => change(call.lab, () => void (entries[name] = entry)));
  },
  "PUT /cluster/acme/account/{name}": (call) => {
    const entry = stored(call, accounts);
    const contact = call.values.find("contact");
    return startTask(call, "acmeupdate", inPath(call, "name"), async () =>
      change(call.lab, () => void (contact === undefined ? undefined : (entry["contact"] = contact))),
    );
  },
  "DELETE /cluster/acme/account/{name}": (call) => {
    stored(call, accounts);
    const name = inPath(call, "name");
    return startTask(call, "acmedeactivate", name, async () =>
      change(call.lab, () => void delete call.lab.store.collection("acmeAccounts")[name]),
    );
  },
  "GET /cluster/acme/plugins": listAll(plugins),
  "GET /cluster/acme/plugins/{id}": read(plugins),
  "POST /cluster/acme/plugins": create("POST /cluster/acme/plugins", plugins),
  "PUT /cluster/acme/plugins/{id}": update("PUT /cluster/acme/plugins/{id}", plugins),
  "DELETE /cluster/acme/plugins/{id}": remove(plugins),
};
