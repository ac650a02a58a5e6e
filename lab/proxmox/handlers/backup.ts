import { randomBytes } from "node:crypto";
import { datastore } from "../datastores";
import { failure, parameterErrors } from "../errors";
import { change, type Call, type Handlers } from "../lab";
import { parseProperties } from "../property-string";
import type { Entry } from "../state";
import { listAll, parametersOf, read, remove, update, type Collection } from "./collections";

const jobs: Collection = {
  name: "backupJobs",
  id: "id",
  missing: (id) => parameterErrors({ id: `No such job '${id}'` }),
  exists: (id) => failure(`Job '${id}' already exists`),
  show: (entry, id) => ({ id, type: "vzdump", ...entry, ...objects(entry) }),
};

/** Scheduled backups. The lab stores the jobs; it never runs one. */
export const backupHandlers: Handlers = {
  "GET /cluster/backup": listAll(jobs),
  "GET /cluster/backup/{id}": read(jobs),
  "POST /cluster/backup": createJob,
  "PUT /cluster/backup/{id}": (call) => {
    checkRights(call);
    return update("PUT /cluster/backup/{id}", jobs)(call);
  },
  "DELETE /cluster/backup/{id}": remove(jobs),
};

function createJob(call: Call): null {
  const { values, lab } = call;
  checkRights(call);
  const vmid = values.find("vmid") !== undefined;
  const others = ["all", "exclude", "pool"].filter((name) =>
    name === "all" ? values.is(name) : values.find(name) !== undefined,
  );
  const [conflict] = vmid ? others : [];
  if (conflict !== undefined) throw parameterErrors({ [conflict]: "option conflicts with option 'vmid'" });
  if (!vmid && others.length === 0) throw parameterErrors({ vmid: "property is missing" });
  if (values.find("schedule") === undefined && values.find("starttime") === undefined)
    throw parameterErrors({ schedule: "neither 'starttime' nor 'schedule' were set" });
  const id = values.find("id") ?? `backup-${randomBytes(4).toString("hex")}-${randomBytes(2).toString("hex")}`;
  const entries = lab.store.collection("backupJobs");
  if (entries[id]) throw jobs.exists(id);
  change(lab, () => (entries[id] = { enabled: 1, ...values.record(parametersOf("POST /cluster/backup"), "id") }));
  return null;
}

function checkRights(call: Call): void {
  const { access } = call.lab;
  for (const name of ["tmpdir", "dumpdir", "script"]) {
    if (call.values.find(name) !== undefined && call.caller.name !== "root@pam")
      throw parameterErrors({ [name]: "Only root may set this option." });
  }
  const storage = call.values.find("storage");
  if (storage === undefined) return;
  if (!datastore(storage).content.includes("backup"))
    throw failure(`storage '${storage}' does not support vzdump backups`);
  access.require(call.caller, `/storage/${storage}`, "Datastore.Allocate");
}

/** Stored as property strings, shown as objects. */
function objects(entry: Entry): Record<string, object> {
  const parsed = ["prune-backups", "fleecing", "performance"].flatMap((name) => {
    const value = entry[name];
    if (value === undefined) return [];
    return [
      [name, Object.fromEntries(parseProperties(String(value), { enabled: { type: "boolean", defaultKey: true } }))],
    ];
  });
  return Object.fromEntries(parsed) as Record<string, object>;
}
