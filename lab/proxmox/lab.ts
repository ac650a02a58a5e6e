import type { Access, Caller } from "./access";
import type { OpenIdLogins } from "./openid";
import type { ProxmoxOptions } from "./options";
import type { Values } from "./parameters";
import type { StateStore } from "./state";
import type { Log, Tasks } from "./tasks";

/** What every handler works with. */
export interface Lab {
  readonly options: ProxmoxOptions;
  readonly store: StateStore;
  readonly tasks: Tasks;
  readonly access: Access;
  readonly openid: OpenIdLogins;
}

/** A file sent with the request. */
export interface Upload {
  readonly filename: string;
  readonly content: Buffer;
}

/** One request that passed the endpoint's checks. */
export interface Call {
  readonly lab: Lab;
  readonly caller: Caller;
  /** The names in the path. */
  readonly path: Readonly<Record<string, string>>;
  readonly values: Values;
  readonly upload?: Upload;
}

/** Answers a request with the value of `data`. */
export type Handler = (call: Call) => unknown;

/** Handlers by endpoint, as in `GET /nodes/{node}/qemu`. */
export type Handlers = Readonly<Record<string, Handler>>;

/** A name in the path. */
export function inPath(call: Call, name: string): string {
  const value = call.path[name];
  if (value === undefined) throw new Error(`The endpoint has no {${name}} in its path.`);
  return value;
}

/** Starts a task for this request and returns its UPID. */
export function startTask(call: Call, type: string, id: string, work: (log: Log) => Promise<void>): string {
  const node = call.path["node"] ?? call.lab.options.nodes[0]?.name ?? "localhost";
  return call.lab.tasks.start({ node, type, id, user: call.caller.name }, work);
}

/** Changes the state and writes it. */
export function change<T>(lab: Lab, work: () => T): T {
  const result = work();
  lab.store.save();
  return result;
}
