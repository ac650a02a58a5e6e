import { posix } from "node:path";

/** Where container runtimes take orders: who reaches one of them can start a container with everything. */
const sockets = ["/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock"];

/** What belongs to the machine itself, with all that lies in it. */
const closed = [
  "/boot",
  "/dev",
  "/etc",
  "/proc",
  "/root",
  "/run",
  "/sys",
  "/var/lib/containerd",
  "/var/lib/docker",
] as const;

/** Why a container may not mount a path of the machine and what to do about it; `undefined` where it may. */
export function whyClosed(path: string, allowed: readonly string[]): string | undefined {
  const mounted = canonical(path);
  if (sockets.some((socket) => isWithin(socket, mounted))) {
    return "with the container runtime's socket it is root on its machine; remove the mount";
  }
  if (allowed.some((each) => canonical(each) === mounted)) return undefined;
  return closed.some((folder) => isWithin(mounted, folder) || isWithin(folder, mounted))
    ? "that belongs to the machine itself; mount a folder of its own, or put the path into this policy's `allowedPaths`"
    : undefined;
}

/** One spelling of each path; `/var/run` is a link to `/run`. */
function canonical(path: string): string {
  const plain = posix.normalize(path).replace(/(?<=.)\/$/, "");
  return plain.replace(/^\/var\/run(?=\/|$)/, "/run");
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
