import type { HarborObjects } from "../objects";
import { byId, drop, ok, page, Refusal, type Route, type Row, updated } from "../rows";

const fields = ["name", "type", "url", "description", "insecure", "credential", "ca_certificate"];

/** Other registries. They are only kept: nothing is fetched from them. */
export const registryRoutes = (objects: HarborObjects): Route[] => [
  [/^GET \/registries$/, ({ query }) => page(objects.registries.map(masked), query)],
  [/^GET \/registries\/(\d+)$/, (_, [id]) => ok(masked(byId(objects.registries, id)))],
  [/^POST \/registries$/, ({ body }) => objects.insert(objects.registries, body, fields, ["name"])],
  [/^PUT \/registries\/(\d+)$/, ({ body }, [id]) => updated(byId(objects.registries, id), credentialed(body), fields)],
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

const masked = (row: Row): Row =>
  row.credential ? { ...row, credential: { ...row.credential, access_secret: "*****" } } : row;

/** PUT has the login flat, where POST has an object. */
const credentialed = ({ access_key, access_secret, ...body }: Row): Row => ({
  ...body,
  credential: access_key ? { type: "basic", access_key, access_secret } : {},
});
