import { datastores, datastoreSize } from "../datastores";
import { failure, parameterErrors } from "../errors";
import { nodeUsing, visibleGuests } from "../guests";
import { change, type Call, type Handlers } from "../lab";
import { poolsOf } from "../members";
import type { Entry } from "../state";
import { create, listAll, parametersOf, read, remove, update, type Collection } from "./collections";

const metricServers: Collection = {
  name: "metricServers",
  id: "id",
  missing: (id) => failure(`status server entry '${id}' does not exist`),
  exists: (id) => failure(`create metric server failed: Metric server '${id}' already exists`),
};

const haResources: Collection = {
  name: "haResources",
  id: "sid",
  missing: (id) => failure(`no such resource '${id}'`),
  exists: (id) => failure(`resource ID '${id}' already defined`),
  show: (entry, sid) => ({ sid, type: sid.split(":")[0] ?? "vm", state: "started", ...entry }),
};

const highestId = 999_999_999;

/** What belongs to the whole cluster. */
export const clusterHandlers: Handlers = {
  "GET /cluster/nextid": (call) => {
    const wanted = call.values.find("vmid");
    if (wanted !== undefined && nodeUsing(call.lab, Number(wanted)) !== undefined)
      throw parameterErrors({ vmid: `VM ${wanted} already exists` });
    return wanted ?? String(freeId(call));
  },
  "GET /cluster/resources": async (call) => {
    const wanted = call.values.find("type");
    const all = [...nodes(call), ...stores(call), ...(await guests(call))];
    return all.filter(({ type }) => wanted === undefined || (wanted === "vm" ? type === "qemu" : type === wanted));
  },
  "GET /cluster/options": (call) => ({
    mac_prefix: "BC:24:11",
    ...call.lab.store.collection("clusterOptions")["options"],
  }),
  "PUT /cluster/options": (call) => {
    const entries = call.lab.store.collection("clusterOptions");
    change(call.lab, () => {
      const options: Entry = {
        ...entries["options"],
        ...call.values.record(parametersOf("PUT /cluster/options"), "delete"),
      };
      for (const option of call.values.list("delete")) delete options[option];
      entries["options"] = options;
    });
    return null;
  },
  "GET /cluster/metrics/server": listAll(metricServers),
  "GET /cluster/metrics/server/{id}": read(metricServers),
  "POST /cluster/metrics/server/{id}": create("POST /cluster/metrics/server/{id}", metricServers),
  "PUT /cluster/metrics/server/{id}": update("PUT /cluster/metrics/server/{id}", metricServers),
  "DELETE /cluster/metrics/server/{id}": remove(metricServers),
  "GET /cluster/ha/resources": listAll(haResources),
  "GET /cluster/ha/resources/{sid}": read(haResources),
  "POST /cluster/ha/resources": (call) => {
    const vmid = call.values.text("sid").replace(/^vm:/, "");
    if (nodeUsing(call.lab, Number(vmid)) === undefined)
      throw failure(`unable to add resource 'vm:${vmid}': VM ${vmid} does not exist`);
    return create("POST /cluster/ha/resources", haResources)(call);
  },
  "PUT /cluster/ha/resources/{sid}": update("PUT /cluster/ha/resources/{sid}", haResources),
  "DELETE /cluster/ha/resources/{sid}": remove(haResources),
};

function freeId(call: Call): number {
  for (let id = 100; id <= highestId; id++) if (nodeUsing(call.lab, id) === undefined) return id;
  throw failure("unable to get any free VMID");
}

function nodes(call: Call) {
  return call.lab.options.nodes
    .filter(({ name }) => call.lab.access.has(call.caller, `/nodes/${name}`, "Sys.Audit"))
    .map(({ name, memory, cores }) => ({
      id: `node/${name}`,
      type: "node",
      node: name,
      status: "online",
      maxcpu: cores,
      cpu: 0,
      maxmem: memory,
      mem: 0,
      maxdisk: datastoreSize,
      disk: 0,
      uptime: Math.floor(process.uptime()),
    }));
}

function stores(call: Call) {
  const visible = datastores.filter(({ storage }) =>
    ["Datastore.Audit", "Datastore.AllocateSpace"].some((each) =>
      call.lab.access.has(call.caller, `/storage/${storage}`, each),
    ),
  );
  return call.lab.options.nodes.flatMap(({ name }) =>
    visible.map(({ storage, type, content }) => ({
      id: `storage/${name}/${storage}`,
      type: "storage",
      node: name,
      storage,
      status: "available",
      plugintype: type,
      content: content.join(","),
      shared: 0,
      maxdisk: datastoreSize,
      disk: 0,
    })),
  );
}

async function guests(call: Call) {
  return (await visibleGuests(call)).map(({ vmid, node, name, running, cores, memory, disk, config }) => {
    const pool = poolsOf(call.lab.store, "vms", String(vmid)).find((each) =>
      call.lab.access.has(call.caller, `/pool/${each}`, "Pool.Audit"),
    );
    return {
      id: `qemu/${vmid}`,
      type: "qemu",
      vmid,
      node,
      name,
      status: running ? "running" : "stopped",
      template: Number(config["template"] ?? 0),
      maxcpu: cores,
      cpu: 0,
      maxmem: memory,
      mem: running ? Math.floor(memory / 2) : 0,
      maxdisk: disk,
      disk: 0,
      uptime: running ? 60 : 0,
      ...(config["tags"] === undefined ? {} : { tags: config["tags"] }),
      ...(pool === undefined ? {} : { pool }),
    };
  });
}
