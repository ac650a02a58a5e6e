import type { Handler } from "../lab";
import { allPrivileges } from "../roles";

/** What a list of somebody's rights begins with. */
const topPaths = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

/** What the caller may do: on one path, or on each on which it is something. */
export const shownPermissions: Handler = ({ lab, caller, values }) => {
  const path = values.find("path");
  const paths = path === undefined ? [...topPaths, ...lab.store.state.acl.map((entry) => entry.path)] : [path];
  const rights = paths.map((each): [string, string[]] => {
    const given = lab.access.privileges(caller, each);
    return [each, [...(given.has("*") ? allPrivileges : given)]];
  });
  const shown = rights.filter(([, names]) => path !== undefined || names.length > 0);
  return Object.fromEntries(shown.map(([each, names]) => [each, Object.fromEntries(names.map((name) => [name, 1]))]));
};
