import { flag, integer, oneOf, optional, text } from "../schema";
import { all, both, either, perm, permAny, plain, type Check, type Endpoints } from "./endpoint";

const storage = "/nodes/{node}/storage/{storage}";
const read = permAny("/storage/{storage}", "Datastore.Audit", "Datastore.AllocateSpace");
const template = perm("/storage/{storage}", "Datastore.AllocateTemplate");
const fetch: Check = either(perm("/", "Sys.Audit", "Sys.Modify"), perm("/nodes/{node}", "Sys.AccessNetwork"));

const url = text({ pattern: "https?://.*" });
const checksum = optional({
  checksum: text(),
  "checksum-algorithm": oneOf("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
});
const file = { content: oneOf("iso", "vztmpl", "import"), filename: text({ maxLength: 255 }) };

/** Datastores and what is on them. */
export const storageEndpoints: Endpoints = {
  "GET /storage": { parameters: optional({ type: text() }), check: all },
  "GET /storage/{storage}": plain(perm("/storage/{storage}", "Datastore.Allocate")),
  "GET /nodes/{node}/storage": {
    parameters: optional({
      content: text(),
      enabled: flag(),
      format: flag(),
      storage: text({ format: "pve-storage-id" }),
      target: text({ format: "pve-node" }),
    }),
    check: all,
  },
  [`GET ${storage}/status`]: plain(read),
  [`GET ${storage}/content`]: {
    parameters: optional({ content: text(), vmid: integer({ minimum: 100, maximum: 999_999_999 }) }),
    check: read,
  },
  [`GET ${storage}/content/{volume}`]: plain(all),
  [`DELETE ${storage}/content/{volume}`]: {
    parameters: optional({ delay: integer({ minimum: 1, maximum: 30 }) }),
    check: all,
  },
  [`POST ${storage}/download-url`]: {
    parameters: { ...file, url, ...checksum, ...optional({ compression: text(), "verify-certificates": flag() }) },
    check: both(template, fetch),
  },
  [`POST ${storage}/upload`]: { parameters: { ...file, ...checksum }, check: template },
  "GET /nodes/{node}/query-url-metadata": {
    parameters: { url, ...optional({ "verify-certificates": flag() }) },
    check: fetch,
  },
};
