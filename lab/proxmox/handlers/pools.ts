import { failure } from "../errors";
import { nodeUsing, visibleGuests } from "../guests";
import { change, type Call, type Handlers } from "../lab";
import { membersOf, poolsOf, setMembers, type MemberKind } from "../members";
import { messages } from "./collections";

const { missing, exists } = messages("pool", "create pool failed");

/** Named sets of guests and datastores. */
export const poolHandlers: Handlers = {
  "GET /pools": async (call) => {
    const wanted = call.values.find("poolid");
    if (wanted !== undefined) {
      call.lab.access.require(call.caller, `/pool/${wanted}`, "Pool.Audit");
      return [{ poolid: wanted, ...(await describe(call, wanted)) }];
    }
    return Object.entries(call.lab.store.collection("pools"))
      .filter(([poolid]) => call.lab.access.has(call.caller, `/pool/${poolid}`, "Pool.Audit"))
      .map(([poolid, { comment }]) => ({ poolid, ...(comment === undefined ? {} : { comment }) }));
  },
  "GET /pools/{poolid}": (call) => describe(call, idOf(call)),
  "POST /pools": (call) => {
    const [id, entries] = [call.values.text("poolid"), call.lab.store.collection("pools")];
    if (entries[id]) throw exists(id);
    const comment = call.values.find("comment");
    change(call.lab, () => (entries[id] = comment === undefined ? {} : { comment }));
    return null;
  },
  "PUT /pools": changePool,
  "PUT /pools/{poolid}": changePool,
  "DELETE /pools": removePool,
  "DELETE /pools/{poolid}": removePool,
};

/** The pool in the path, or else in the parameters. */
function idOf(call: Call): string {
  const id = call.path["poolid"] ?? call.values.text("poolid");
  if (!call.lab.store.collection("pools")[id]) throw missing(id);
  return id;
}

async function describe(call: Call, id: string) {
  const entry = call.lab.store.collection("pools")[id];
  if (!entry) throw missing(id);
  const guests = (await visibleGuests(call)).filter(({ vmid }) => membersOf(entry, "vms").includes(String(vmid)));
  const members = guests.map(({ vmid, node, name, running }) => ({
    id: `qemu/${vmid}`,
    type: "qemu",
    vmid,
    node,
    name,
    status: running ? "running" : "stopped",
  }));
  const stores = membersOf(entry, "storage").flatMap((storage) =>
    call.lab.options.nodes.map(({ name }) => ({
      id: `storage/${name}/${storage}`,
      type: "storage",
      node: name,
      storage,
    })),
  );
  return { ...(entry["comment"] === undefined ? {} : { comment: entry["comment"] }), members: [...members, ...stores] };
}

function changePool(call: Call): null {
  const { values, lab } = call;
  const id = idOf(call);
  const entry = lab.store.collection("pools")[id] ?? {};
  const isIn = !values.is("delete");
  for (const vmid of values.list("vms")) {
    if (nodeUsing(lab, Number(vmid)) === undefined) throw refused(`VM ${vmid} does not exist`);
    checkMember(call, "vms", vmid, id);
  }
  for (const storage of values.list("storage")) checkMember(call, "storage", storage, id);
  change(lab, () => {
    const comment = values.find("comment");
    if (comment !== undefined) entry["comment"] = comment;
    for (const vmid of isIn ? values.list("vms") : [])
      for (const other of poolsOf(lab.store, "vms", vmid))
        setMembers(lab.store.collection("pools")[other] ?? {}, "vms", [vmid], false);
    setMembers(entry, "vms", values.list("vms"), isIn);
    setMembers(entry, "storage", values.list("storage"), isIn);
  });
  return null;
}

const refused = (why: string): Error => failure(`update pools failed: ${why}`);

/** Throws unless the caller may put something into a pool (or take it out), and it isn't there already (or is). */
function checkMember(call: Call, kind: MemberKind, id: string, pool: string): void {
  const { access, store } = call.lab;
  access.requireModify(call.caller, kind === "vms" ? `/vms/${id}` : `/storage/${id}`);
  const name = kind === "vms" ? `VM ${id}` : `Storage '${id}'`;
  const pools = poolsOf(store, kind, id);
  if (call.values.is("delete")) {
    if (!pools.includes(pool)) throw refused(`${name} is not a pool member`);
    return;
  }
  if (pools.includes(pool)) throw refused(`${name} is already a pool member`);
  const [other] = kind === "vms" ? pools : [];
  if (other === undefined) return;
  if (!call.values.is("allow-move"))
    throw refused(`${name} belongs already to pool '${other}' and 'allow-move' is not set`);
  access.require(call.caller, `/pool/${other}`, "Pool.Allocate");
}

function removePool(call: Call): null {
  const id = idOf(call);
  const entry = call.lab.store.collection("pools")[id] ?? {};
  const [vmid, storage] = [membersOf(entry, "vms")[0], membersOf(entry, "storage")[0]];
  const member = vmid === undefined ? (storage === undefined ? undefined : `storage '${storage}'`) : `VM ${vmid}`;
  if (member !== undefined) throw failure(`delete pool failed: pool '${id}' is not empty (contains ${member})`);
  change(call.lab, () => delete call.lab.store.collection("pools")[id]);
  return null;
}
