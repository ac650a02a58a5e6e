import { z } from "zod";

import { number, text } from "./guests";
import { askOnce, connectionOf, liveGuests, type Connection, type Failure } from "./proxmox-guests";
import { at, items, unknown, valuesAt, type Resource, type Stack } from "./resource";
import { isOneOf, types } from "./types";

/** A VM of the stack, and what would keep it from being made again after a delete. */
export interface Rebuild {
  readonly resource: Resource;
  readonly problems: readonly string[];
}

/** What making a VM takes on a path. Each privilege is a list of those of which one is enough. */
interface Need {
  readonly path: string;
  readonly privileges: readonly (readonly string[])[];
}

/** What the token may do on a path; the value says whether it reaches what is below. */
type Rights = ReadonlyMap<string, boolean>;

/** Whether each VM of the stack could be made again, or why Proxmox could not be asked. Nothing where there is no VM. */
export async function rebuilds(stack: Stack): Promise<{ readonly vms: readonly Rebuild[] } | Failure> {
  const resources = stack.resources.filter(({ type }) => isOneOf(types.virtualMachines, type));
  if (resources.length === 0) return { vms: [] };
  const connection = connectionOf(stack);
  if ("failure" in connection) return connection;
  const live = await liveGuests(connection.endpoint, connection.token);
  if ("failure" in live) return live;
  const vms: Rebuild[] = [];
  for (const resource of resources) {
    if (at(resource.inputs, "poolId") === unknown) {
      vms.push({ resource, problems: ["its pool is not known before the update; give it a name that is known now"] });
      continue;
    }
    const pool = text(at(resource.inputs, "poolId"));
    const rights = await lacking(connection, resource, pool);
    if ("failure" in rights) return rights;
    const there = live.guests.find(({ vmId }) => vmId === number(at(resource.inputs, "vmId")));
    // The pool of a VM is shown only to who may see the pool.
    const isKnown = there?.pool !== undefined || rights.seesPool;
    const isOutside = pool !== undefined && there !== undefined && isKnown && there.pool !== pool;
    vms.push({ resource, problems: [...rights.problems, ...(isOutside ? [outside(pool, there)] : [])] });
  }
  return { vms };
}

const outside = (pool: string, { vmId, pool: other }: { vmId: number; pool?: string }): string =>
  `VM ${vmId} is there, but not in the pool ${pool}, on which the token has its rights; choose a free VMID or, if it is this ` +
  `stack's VM, put it there, on the node: pveum pool modify ${pool} --vms ${vmId}${other === undefined ? "" : " --allow-move 1"}`;

/** What the token lacks for making a VM, with the commands that give it. */
async function lacking(
  connection: Connection,
  resource: Resource,
  pool: string | undefined,
): Promise<{ readonly problems: readonly string[]; readonly seesPool: boolean } | Failure> {
  const general = await rightsOn(connection, "/vms");
  if ("failure" in general) return general;
  // What is granted on the path of a guest goes with it (`remove_vm_access`); what comes from above stays.
  const lasting = [...general.rights].flatMap(([name, below]) => (below && name.startsWith("VM.") ? [name] : []));
  const problems: string[] = [];
  let seesPool = false;
  for (const need of needs(resource, pool)) {
    const own = need.path === "/vms" ? general : await rightsOn(connection, need.path);
    if ("failure" in own) return own;
    const isPool = need.path.startsWith("/pool/");
    const held = new Set([
      ...(need.path === "/vms" ? [] : own.rights.keys()),
      ...(need.path === "/vms" || isPool ? lasting : []),
    ]);
    if (isPool) seesPool = own.rights.has("Pool.Audit");
    const missing = need.privileges.filter((each) => !each.some((privilege) => held.has(privilege)));
    if (missing.length > 0) problems.push(grantIt(connection, need, missing));
  }
  if (pool !== undefined && problems.length === 0) {
    const pools = await askOnce(connection, "/pools", (body) => ({ names: poolList.parse(body).data }));
    if ("failure" in pools) return pools;
    if (!pools.names.some(({ poolid }) => poolid === pool))
      problems.push(`there is no pool ${pool}; make it, on the node: pveum pool add ${pool}`);
  }
  return { problems, seesPool };
}

const poolList = z.object({ data: z.array(z.object({ poolid: z.string() })) });

/** For a guest, whatever it has (`$check_vm_modify_config_perm` in qemu-server's `API2/Qemu.pm`); to start and ask it too. */
const ofEveryVm = [
  ...["VM.Allocate", "VM.Audit", "VM.PowerMgmt", "VM.Config.CPU", "VM.Config.Memory", "VM.Config.Disk"],
  ...["VM.Config.CDROM", "VM.Config.HWType", "VM.Config.Options"],
];

/** What making this VM takes, by path. */
function needs({ inputs }: Resource, pool: string | undefined): Need[] {
  const all = (path: string, privileges: readonly string[]): Need => ({
    path,
    privileges: privileges.map((one) => [one]),
  });
  const isGiven = (property: string): boolean => items(at(inputs, property)).length > 0;
  const devices = items(at(inputs, "networkDevices"));
  const bridges = devices.flatMap((each) => text(at(each, "bridge")) ?? []);
  const disks = items(at(inputs, "disks"));
  const stores = disks.map((disk) => text(at(disk, "datastoreId")) ?? "local-lvm");
  const sources = valuesAt(inputs, "disks[].importFrom").flatMap(
    (volume) => /^([^:/]+):/.exec(String(text(volume)))?.[1] ?? [],
  );
  return [
    all(pool === undefined ? "/vms" : `/pool/${pool}`, [
      ...ofEveryVm,
      ...(at(inputs, "initialization") === undefined ? [] : ["VM.Config.Cloudinit"]),
      ...(devices.length > 0 ? ["VM.Config.Network"] : []),
      ...(at(inputs, "agent", "enabled") === true ? ["VM.GuestAgent.Audit"] : []),
      // Without it the provider doesn't see the VM in the pool, and would put it there.
      ...(pool === undefined ? [] : ["Pool.Audit"]),
    ]),
    // A new VM is in its pool only after its tags are judged (qemu-server 9.2.0, `assert_tag_permissions`).
    ...(isGiven("tags") ? [all("/vms", ["VM.Config.Options"])] : []),
    ...[...new Set(stores)].map((store) => all(`/storage/${store}`, ["Datastore.AllocateSpace"])),
    ...[...new Set(sources)].map((store) => ({
      path: `/storage/${store}`,
      privileges: [["Datastore.Audit", "Datastore.AllocateSpace", "Datastore.Allocate"]],
    })),
    // Bridges only: the zone of a virtual network can't be told from its name.
    ...[...new Set(bridges.filter((bridge) => /^vmbr\d+$/.test(bridge)))].map((bridge) =>
      all(`/sdn/zones/localnetwork/${bridge}`, ["SDN.Use"]),
    ),
    ...(at(inputs, "startup") === undefined ? [] : [all("/", ["Sys.Modify"])]),
  ];
}

/** The role has all that the path takes: rights on a path take the place of those that come from above. */
function grantIt({ token }: Connection, { path, privileges }: Need, missing: Need["privileges"]): string {
  const [, id = "", user = ""] = /^(([^!=]+)![^=]+)=/.exec(token) ?? [];
  const role = `Rebuild${path.replace(/[^A-Za-z0-9]+/g, "-").replace(/-$/, "")}`;
  const named = (some: Need["privileges"]): string => some.map(([first]) => first).join(" ");
  return [
    `the API token may not do on ${path} what making the VM again takes (${named(missing)}); give it to the token and to its ` +
      "user, on the node:",
    `pveum role add ${role} --privs "${named(privileges)}"`,
    `pveum acl modify ${path} --roles ${role} --users ${user} --tokens '${id}'${path === "/" ? " --propagate 0" : ""}`,
  ].join("\n");
}

const flag = z.union([z.number(), z.boolean(), z.string()]).transform((value) => Number(value) === 1);
const permissions = z.object({ data: z.record(z.string(), z.record(z.string(), flag)) });

/** What the token may do on a path. A right that doesn't reach below is one too. */
function rightsOn(connection: Connection, path: string): Promise<{ readonly rights: Rights } | Failure> {
  const question = `/access/permissions?path=${encodeURIComponent(path)}`;
  const read = (body: unknown) => ({ rights: new Map(Object.entries(permissions.parse(body).data[path] ?? {})) });
  return askOnce(connection, question, read);
}
