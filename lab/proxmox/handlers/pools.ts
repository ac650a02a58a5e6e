import { failure } from "../errors";
import { nodeUsing, visibleGuests } from "../guests";
import { change, type Call, type Handlers } from "../lab";
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

const parts = (list: string | number | undefined): string[] =>
  String(list ?? "")
    .split(",")
    .filter((each) => each !== "");

async function describe(call: Call, id: string) {
  const entry = call.lab.store.collection("pools")[id];
  if (!entry) throw missing(id);
  const guests = (await visibleGuests(call)).filter(({ vmid }) => parts(entry["vms"]).includes(String(vmid)));
  const members = guests.map(({ vmid, node, name, running }) => ({
    id: `qemu/${vmid}`,
    type: "qemu",
    vmid,
    node,
    name,
    status: running ? "running" : "stopped",
  }));
  const stores = parts(entry["storage"]).flatMap((storage) =>
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
  const entry = lab.store.collection("pools")[idOf(call)];
  if (!entry) throw missing(idOf(call));
  const edit = (list: string | number | undefined, given: string[]): string => {
    const others = parts(list).filter((each) => !given.includes(each));
    return (values.is("delete") ? others : [...others, ...given]).join(",");
  };
  for (const vmid of values.list("vms"))
    if (nodeUsing(lab, Number(vmid)) === undefined) throw failure(`update pools failed: VM ${vmid} does not exist`);
  change(lab, () => {
    const comment = values.find("comment");
    if (comment !== undefined) entry["comment"] = comment;
    entry["vms"] = edit(entry["vms"], values.list("vms"));
    entry["storage"] = edit(entry["storage"], values.list("storage"));
  });
  return null;
}

function removePool(call: Call): null {
  const id = idOf(call);
  const entry = call.lab.store.collection("pools")[id];
  const [vmid, storage] = [parts(entry?.["vms"])[0], parts(entry?.["storage"])[0]];
  const member = vmid === undefined ? (storage === undefined ? undefined : `storage '${storage}'`) : `VM ${vmid}`;
  if (member !== undefined) throw failure(`delete pool failed: pool '${id}' is not empty (contains ${member})`);
  change(call.lab, () => delete call.lab.store.collection("pools")[id]);
  return null;
}
