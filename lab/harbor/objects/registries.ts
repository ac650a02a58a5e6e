import { X509Certificate } from "node:crypto";

import type { Row } from "../../kit/rows";
import { badRequest, byId, drop, ok, page, Refusal, type Route, updated } from "../rows";
import type { Tables } from "../tables";

const fields = ["name", "type", "url", "description", "insecure", "credential", "ca_certificate"];

/** Other registries. They are only kept: nothing is fetched from them. */
export const registryRoutes = (objects: Tables): Route[] => [
  [/^GET \/registries$/, ({ query }) => page(objects.registries.map(masked), query)],
  [/^GET \/registries\/(\d+)$/, (_, [id]) => ok(masked(byId(objects.registries, id)))],
  [/^POST \/registries$/, ({ body }) => objects.insert(objects.registries, checked(objects, body), fields, ["name"])],
  [
    /^PUT \/registries\/(\d+)$/,
    ({ body }, [id]) => {
      const row = byId(objects.registries, id);
      const { name = row.name, url = row.url } = body as Row;
      return updated(row, checked(objects, credentialed({ ...body, name, url })), fields);
    },
  ],
  [
    /^DELETE \/registries\/(\d+)$/,
    (_, [id]) => {
      if (objects.projects.some(({ registry_id }) => `${registry_id}` === id)) {
        throw new Refusal(412, "PRECONDITION", "the registry is referenced by a project");
      }
      return drop(objects.registries, id);
    },
  ],
];

/** With its URL as Harbor keeps it: the address is tried at once. */
function checked(objects: Tables, body: Row): Row {
  const name = String(body.name ?? "");
  if (name === "") throw badRequest("name cannot be empty");
  if (Buffer.byteLength(name) > 64) throw badRequest("the max length of name is 64");
  if (body.ca_certificate) checkCertificate(String(body.ca_certificate));
  const { protocol, host, pathname } = parsed(String(body.url));
  const url = `${protocol}//${host}${pathname.replace(/\/+$/, "")}`;
  if (!objects.reaches(url)) throw badRequest("the registry is unhealthy");
  return { ...body, url };
}

function parsed(text: string): URL {
  try {
    return new URL(text.trim());
  } catch {
    throw badRequest(`invalid URL: ${text}`);
  }
}

function checkCertificate(text: string): void {
  try {
    new X509Certificate(text);
  } catch {
    throw badRequest("invalid CA certificate: no valid certificates found in PEM data");
  }
}

const masked = (row: Row): Row =>
  row.credential ? { ...row, credential: { ...row.credential, access_secret: "*****" } } : row;

/** PUT has the login flat, where POST has an object. */
const credentialed = ({ access_key, access_secret, ...body }: Row): Row => ({
  ...body,
  credential: access_key ? { type: "basic", access_key, access_secret } : {},
});
