import { readState, writeState } from "../kit/store";

/** A stored object, with the names and values of the API. */
export type Entry = Record<string, string | number>;

/** A virtual machine made through the API. */
export interface Guest {
  readonly vmid: number;
  readonly node: string;
  config: Entry;
}

/** A disk on a datastore. */
export interface Volume {
  readonly vmid: number;
  readonly format: string;
  size: number;
  /** Docker image to boot, when the disk was imported from a cloud image of the lab. */
  readonly image?: string;
}

/** One line of the access control list. */
export interface AclEntry {
  readonly path: string;
  readonly roleid: string;
  readonly type: "user" | "group" | "token";
  readonly ugid: string;
  readonly propagate: number;
}

/** A task, running or finished. */
export interface TaskRecord {
  readonly upid: string;
  readonly node: string;
  readonly pid: number;
  readonly pstart: number;
  readonly starttime: number;
  readonly type: string;
  readonly id: string;
  readonly user: string;
  status: "running" | "stopped";
  exitstatus?: string;
  readonly log: string[];
}

const collectionNames = [
  "acmeAccounts",
  "acmePlugins",
  "backupJobs",
  "certificates",
  "clusterOptions",
  "groups",
  "haResources",
  "metricServers",
  "nodeConfigs",
  "pools",
  "realms",
  "roles",
  "tokens",
  "users",
] as const;

/** Kinds of stored objects that need no code of their own. */
export type CollectionName = (typeof collectionNames)[number];

/** Everything the API remembers. */
export interface State {
  readonly guests: Record<string, Guest>;
  readonly volumes: Record<string, Volume>;
  readonly collections: Record<CollectionName, Record<string, Entry>>;
  acl: AclEntry[];
  tasks: TaskRecord[];
}

const keptTasks = 200;

/** The state in memory and in its file. */
export class StateStore {
  readonly state: State;

  constructor(private readonly file: string) {
    const stored = readState<Partial<State>>(file) ?? {};
    const collections = Object.fromEntries(collectionNames.map((name) => [name, stored.collections?.[name] ?? {}]));
    this.state = {
      guests: stored.guests ?? {},
      volumes: stored.volumes ?? {},
      collections: collections as State["collections"],
      acl: stored.acl ?? [],
      tasks: (stored.tasks ?? []).map((task) =>
        task.status === "running" ? { ...task, status: "stopped", exitstatus: "unexpected status" } : task,
      ),
    };
    this.save();
  }

  /** One kind of stored objects, by id. */
  collection(name: CollectionName): Record<string, Entry> {
    return this.state.collections[name];
  }

  /** Writes the file. */
  save(): void {
    const running = this.state.tasks.filter((task) => task.status === "running");
    const finished = this.state.tasks.filter((task) => task.status === "stopped").slice(-keptTasks);
    this.state.tasks = [...finished, ...running];
    writeState(this.file, this.state);
  }
}
