import type { Handler } from "../lab";
import { membersOf } from "../members";

/** What a list of somebody's rights begins with. */
const topPaths = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

/** What the caller may do: on one path, or on each on which it is something. 1 reaches what is below, 0 does not. */
export const shownPermissions: Handler = ({ lab, caller, values }) => {
  const path = values.find("path");
  const pools = Object.values(lab.store.collection("pools"));
  const listed = [
    ...topPaths,
    ...lab.store.state.acl.map((entry) => entry.path),
    ...pools.flatMap((pool) => membersOf(pool, "vms").map((vmid) => `/vms/${vmid}`)),
    ...pools.flatMap((pool) => membersOf(pool, "storage").map((storage) => `/storage/${storage}`)),
  ];
  const rights = (path === undefined ? listed : [path]).map(
    (each) => [each, lab.access.privileges(caller, each)] as const,
  );
  const shown = rights.filter(([, given]) => path !== undefined || given.size > 0);
  return Object.fromEntries(
    shown.map(([each, given]) => [each, Object.fromEntries([...given].map(([name, below]) => [name, below ? 1 : 0]))]),
  );
};
