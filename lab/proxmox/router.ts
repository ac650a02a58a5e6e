import type { Caller } from "./access";
import type { Endpoint } from "./endpoints/endpoint";
import { endpoints } from "./endpoints";
import { failure, notImplemented } from "./errors";
import { handlers } from "./handlers";
import type { Handler, Lab, Upload } from "./lab";
import { verify } from "./parameters";

/** A request as it came in. */
export interface ApiRequest {
  readonly method: string;
  /** Below `/api2/json`, as in `/nodes/pve/qemu`; still encoded. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly upload?: Upload;
  /** Who sends it; an error when nobody valid does. */
  readonly caller: Caller | Error;
}

interface Route {
  readonly method: string;
  readonly parts: readonly string[];
  readonly endpoint: Endpoint;
  readonly handler: Handler;
}

const nobody: Caller = { user: "", name: "" };

const routes: readonly Route[] = Object.entries(endpoints).map(([name, endpoint]) => {
  const [method = "", path = ""] = name.split(" ");
  const handler = handlers[name];
  if (!handler) throw new Error(`The Proxmox stand-in describes '${name}' and does not answer it.`);
  return { method, parts: path.split("/"), endpoint, handler };
});

/** Answers a request: finds the endpoint, checks rights and parameters, and lets the handler work. */
export async function answer(lab: Lab, request: ApiRequest): Promise<unknown> {
  const found = find(request.method, request.path);
  if (!found) throw notImplemented(request.method, request.path);
  const { endpoint, handler, path } = found;
  const caller = endpoint.check.kind === "world" ? nobody : request.caller;
  if (caller instanceof Error) throw caller;
  lab.access.verify(caller, endpoint.check, { ...request.parameters, ...path });
  const values = verify(endpoint.parameters, withoutNames(request.parameters, path));
  const node = path["node"];
  if (node !== undefined && !lab.options.nodes.some(({ name }) => name === node))
    throw failure(
      `hostname lookup '${node}' failed - failed to get address info for: ${node}: Name or service not known`,
    );
  return (await handler({ lab, caller, path, values, ...(request.upload ? { upload: request.upload } : {}) })) ?? null;
}

/** A name in the path may be repeated as a parameter; the path counts. */
function withoutNames(parameters: Readonly<Record<string, string>>, path: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !Object.hasOwn(path, name)));
}

function find(method: string, path: string): (Route & { path: Record<string, string> }) | undefined {
  const parts = path.replace(/\/+$/, "").split("/");
  for (const route of routes) {
    if (route.method !== method || route.parts.length !== parts.length) continue;
    const names: Record<string, string> = {};
    const matches = route.parts.every((part, index) => {
      const given = decodeURIComponent(parts[index] ?? "");
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return part === given;
      names[name] = given;
      return given !== "";
    });
    if (matches) return { ...route, path: names };
  }
  return undefined;
}
