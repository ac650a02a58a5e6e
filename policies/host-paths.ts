import { posix } from "node:path";

import { ownerOf } from "./features";

/** Where container runtimes take orders: who reaches one of them can start a container with everything. */
const sockets = ["/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock"];

/** What a container may mount of its machine. */
export interface Mounting {
  /** What it is called on its machine. */
  readonly name: string;
  /** The feature it belongs to, whose files are below `/srv/<feature>/`. */
  readonly feature: string;
  /** Paths that the stack lets containers mount besides. */
  readonly allowedPaths: readonly string[];
}

/** Why a container may not mount a path of the machine and what to do about it; `undefined` where it may. */
export function whyClosed(path: string, { name, feature, allowedPaths }: Mounting): string | undefined {
  const mounted = canonical(path);
  if (sockets.some((socket) => isWithin(socket, mounted))) {
    return "with the container runtime's socket it is root on its machine; remove the mount";
  }
  if (allowedPaths.includes(path)) return undefined;
  const owner = ownerOf(path);
  if (owner !== undefined && owner !== name) {
    return `that is ${owner}'s alone; remove the mount, or put the path into this policy's \`allowedPaths\``;
  }
  const own = `/srv/${feature}/`;
  if (path.startsWith(own) && isPlain(path)) return undefined;
  return `that is not below ${own}; mount a folder of its own there, or put the path into this policy's \`allowedPaths\``;
}

/** Whether a path is written in the one way that leads where it says. */
const isPlain = (path: string): boolean => /^(\/[A-Za-z0-9_][\w.@+-]*)+$/.test(path);

/** One spelling of each path; `/var/run` is a link to `/run`. */
function canonical(path: string): string {
  const plain = posix.normalize(path).replace(/(?<=.)\/$/, "");
  return plain.replace(/^\/+/, "/").replace(/^\/var\/run(?=\/|$)/, "/run");
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
