import { oncePerConnection, type ServiceArgs, type ServiceInputs } from "../dynamic/connection";
import type { Problems } from "../dynamic/problems";
import { hasUnknown } from "../dynamic/values";
import { Host, type HostConnection } from "./host";

/** What every file and folder takes besides its own arguments. */
export type HostArgs = ServiceArgs<HostConnection>;

/** Arguments as a provider sees them, as a program may pass them. */
export type Inputs<Args> = ServiceInputs<HostConnection, Args>;

const connected = oncePerConnection((connection: HostConnection) => new Host(connection));

/** A machine, as the lifecycle wants it. */
export const hostService = {
  connect: (connection: unknown): Host => connected(connection as HostConnection),

  place(connection: unknown): unknown {
    const { host, port = 22 } = (connection ?? {}) as Partial<HostConnection>;
    return { host: typeof host === "string" ? host.toLowerCase() : host, port };
  },

  /** Another key is another machine's; a machine that is made again at another address keeps its key. */
  leaves(before: unknown, after: unknown): boolean {
    const [old, next] = [before, after].map((each) => (each ?? {}) as Partial<HostConnection>);
    const isKnown = [old?.hostKey, next?.hostKey, next?.host].every(
      (each) => typeof each === "string" && !hasUnknown(each),
    );
    const isSame = old?.host?.toLowerCase() === next?.host?.toLowerCase();
    return isKnown && !isSame && old?.hostKey?.trim() !== next?.hostKey?.trim();
  },

  check(connection: unknown, problems: Problems): void {
    const { host, port, user, hostKey } = (connection ?? {}) as Partial<Record<keyof HostConnection, unknown>>;
    const isWord = (value: unknown): boolean => typeof value === "string" && /^[\w][\w.-]*$/.test(value);
    if (!isWord(host)) problems.add("connection.host", "is no address of a machine; write it as 192.168.1.60");
    problems.wholeNumber("connection.port", port ?? 22, 1, 65535);
    if (!isWord(user)) problems.add("connection.user", "is no user name; give the one that may log in and use sudo");
    if (!/^[a-z][\w@.-]+ [A-Za-z0-9+/]+=*(\s.*)?$/.test(String(hostKey))) {
      problems.add(
        "connection.hostKey",
        "is no public key; give the machine's, as its ssh_host_ed25519_key.pub has it",
      );
    }
  },
};
