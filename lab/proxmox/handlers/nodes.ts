import { createHash, X509Certificate } from "node:crypto";
import { datastoreSize } from "../datastores";
import { failure } from "../errors";
import { checkDigest, digest } from "../guests";
import { change, inPath, startTask, type Call, type Handlers } from "../lab";
import type { Entry, TaskRecord } from "../state";
import { parametersOf } from "./collections";

const version = { version: "9.0.11", release: "9.0", repoid: "3bf5476b8a4699e2" };

/** Nodes, their tasks, settings and certificates. */
export const nodeHandlers: Handlers = {
  "GET /version": () => version,
  "GET /nodes": (call) =>
    call.lab.options.nodes.map(({ name, memory, cores }) => ({
      node: name,
      id: `node/${name}`,
      type: "node",
      status: "online",
      level: "",
      ssl_fingerprint: fingerprint(call.lab.options.tls.cert),
      ...(call.lab.access.has(call.caller, `/nodes/${name}`, "Sys.Audit")
        ? {
            maxcpu: cores,
            cpu: 0,
            maxmem: memory,
            mem: usedMemory(call, name),
            maxdisk: datastoreSize,
            disk: 0,
            uptime: uptime(),
          }
        : {}),
    })),
  "GET /nodes/{node}/status": (call) => {
    const { name, memory, cores } = nodeOf(call);
    const used = usedMemory(call, name);
    return {
      uptime: uptime(),
      cpu: 0,
      loadavg: ["0.00", "0.00", "0.00"],
      pveversion: `pve-manager/${version.version}/${version.repoid}`,
      memory: { total: memory, used, free: memory - used, available: memory - used },
      swap: { total: 0, used: 0, free: 0 },
      rootfs: { total: datastoreSize, used: 0, avail: datastoreSize, free: datastoreSize },
      ksm: { shared: 0 },
      cpuinfo: { cpus: cores, cores, sockets: 1, model: "Lab CPU", mhz: "2000.000", flags: "", hvm: "1", user_hz: 100 },
    };
  },
  "GET /nodes/{node}/network": (call) => {
    const address = call.lab.options.listen.address;
    const bridge = { iface: "vmbr0", type: "bridge", method: "static", method6: "manual", priority: 1, active: 1 };
    return [{ ...bridge, autostart: 1, exists: 1, families: ["inet"], address, netmask: "24", cidr: `${address}/24` }];
  },
  "GET /nodes/{node}/tasks/{upid}/status": (call) => {
    const task = taskOf(call);
    const [user, tokenid] = task.user.split("!");
    return {
      ...{ upid: task.upid, node: task.node, pid: task.pid, pstart: task.pstart, starttime: task.starttime },
      ...{ type: task.type, id: task.id, user, status: task.status },
      ...(tokenid === undefined ? {} : { tokenid }),
      ...(task.exitstatus === undefined ? {} : { exitstatus: task.exitstatus }),
    };
  },
  "GET /nodes/{node}/tasks/{upid}/log": (call) => {
    const start = Number(call.values.find("start") ?? 0);
    const limit = Number(call.values.find("limit") ?? 50);
    return taskOf(call)
      .log.map((line, index) => ({ n: index + 1, t: line }))
      .slice(start, limit === 0 ? undefined : start + limit);
  },
  "GET /nodes/{node}/config": (call) => {
    const config = nodeConfig(call);
    return { ...config, digest: digest(config) };
  },
  "PUT /nodes/{node}/config": (call) => {
    const config = { ...nodeConfig(call) };
    checkDigest(config, call.values.find("digest"));
    Object.assign(config, call.values.record(parametersOf("PUT /nodes/{node}/config"), "delete", "digest"));
    for (const option of call.values.list("delete")) delete config[option];
    change(call.lab, () => (call.lab.store.collection("nodeConfigs")[inPath(call, "node")] = config));
    return null;
  },
  ...certificateHandlers(),
};

function certificateHandlers(): Handlers {
  const base = "/nodes/{node}/certificates";
  return {
    [`GET ${base}/info`]: (call) => {
      const custom = call.lab.store.collection("certificates")[inPath(call, "node")]?.["certificates"];
      const own = describeCertificate("pve-ssl.pem", call.lab.options.tls.cert);
      return custom === undefined ? [own] : [own, describeCertificate("pveproxy-ssl.pem", String(custom))];
    },
    [`POST ${base}/custom`]: (call) => {
      const certificates = call.lab.store.collection("certificates");
      const node = inPath(call, "node");
      if (certificates[node] && !call.values.is("force"))
        throw failure("Custom certificate exists but 'force' is not set.");
      const pem = call.values.text("certificates");
      const described = describeCertificate("pveproxy-ssl.pem", pem);
      change(call.lab, () => (certificates[node] = { certificates: pem }));
      return described;
    },
    [`DELETE ${base}/custom`]: (call) => {
      change(call.lab, () => delete call.lab.store.collection("certificates")[inPath(call, "node")]);
      return null;
    },
    [`POST ${base}/acme/certificate`]: (call) => order(call, "acmenewcert"),
    [`PUT ${base}/acme/certificate`]: (call) => order(call, "acmerenew"),
    [`DELETE ${base}/acme/certificate`]: (call) =>
      startTask(call, "acmerevoke", "", async () =>
        change(call.lab, () => void delete call.lab.store.collection("certificates")[inPath(call, "node")]),
      ),
  };
}

/** The lab orders nothing: the node keeps the certificate it has. */
function order(call: Call, type: string): string {
  const account = String(nodeConfig(call)["acme"] ?? "");
  if (account === "") throw failure("No ACME configuration found in node configuration.");
  const certificates = call.lab.store.collection("certificates");
  return startTask(call, type, "", async () =>
    change(call.lab, () => void (certificates[inPath(call, "node")] = { certificates: call.lab.options.tls.cert })),
  );
}

function nodeOf(call: Call) {
  const name = inPath(call, "node");
  const node = call.lab.options.nodes.find((each) => each.name === name);
  if (!node) throw failure(`no such cluster node '${name}'`);
  return node;
}

function nodeConfig(call: Call): Entry {
  return call.lab.store.collection("nodeConfigs")[inPath(call, "node")] ?? {};
}

function taskOf(call: Call): TaskRecord {
  const task = call.lab.tasks.find(inPath(call, "upid"));
  if (task.user !== call.caller.name) call.lab.access.require(call.caller, `/nodes/${task.node}`, "Sys.Audit");
  return task;
}

/** What the guests of a node have been given; the lab's own guests count too, running or not. */
function usedMemory(call: Call, node: string): number {
  const existing = call.lab.options.guests.filter((guest) => guest.node === node).map(({ memory }) => memory);
  const made = Object.values(call.lab.store.state.guests)
    .filter((guest) => guest.node === node)
    .map(({ config }) => Number(config["memory"] ?? 512) * 2 ** 20);
  return [...existing, ...made].reduce((sum, memory) => sum + memory, 0);
}

const uptime = (): number => Math.floor(process.uptime());

function fingerprint(pem: string): string {
  const digest = createHash("sha256").update(new X509Certificate(pem).raw).digest("hex");
  return (digest.toUpperCase().match(/../g) ?? []).join(":");
}

function describeCertificate(filename: string, pem: string) {
  const certificate = new X509Certificate(pem);
  return {
    filename,
    pem,
    fingerprint: fingerprint(pem),
    subject: certificate.subject,
    issuer: certificate.issuer,
    notbefore: Math.floor(Date.parse(certificate.validFrom) / 1000),
    notafter: Math.floor(Date.parse(certificate.validTo) / 1000),
    san: (certificate.subjectAltName ?? "").split(", ").map((name) => name.replace(/^(DNS|IP Address):/, "")),
    "public-key-type": certificate.publicKey.asymmetricKeyType ?? "",
    "public-key-bits": certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? 256,
  };
}
