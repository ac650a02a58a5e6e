import { decoded, find, template } from "../kit/router";
import type { Caller } from "./access";
import { endpoints } from "./endpoints";
import { failure, notImplemented } from "./errors";
import { handlers } from "./handlers";
import type { Lab, Upload } from "./lab";
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

const nobody: Caller = { user: "", name: "" };

const routes = Object.entries(endpoints).map(([name, endpoint]) => {
  const handler = handlers[name];
  if (!handler) throw new Error(`The Proxmox stand-in describes '${name}' and does not answer it.`);
  return [template(name), { endpoint, handler }] as const;
});

/** Answers a request: finds the endpoint, checks rights and parameters, and lets the handler work. */
export async function answer(lab: Lab, request: ApiRequest): Promise<unknown> {
  const found = find(routes, `${request.method} ${escaped(request.path)}`);
  if (!found) throw notImplemented(request.method, request.path);
  const { endpoint, handler } = found.target;
  const path = decoded(found.names);
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

/** A path as endpoints have it: whoever sends it may escape more than is needed, and end it with a slash. */
const escaped = (path: string): string =>
  path
    .replace(/\/+$/, "")
    .split("/")
    .map((part) => encodeURIComponent(decodeURIComponent(part)))
    .join("/");
