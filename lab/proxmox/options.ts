import type { Transport } from "../openid/transport";
import type { Administration } from "./administration";
import type { MachineDriver } from "./machines";

/** What {@link startProxmox} needs to know. */
export interface ProxmoxOptions {
  /** Where the API listens; port 0 takes a free one. */
  readonly listen: { readonly address: string; readonly port: number };
  readonly tls: { readonly key: string; readonly cert: string };
  /** The nodes' SSH server; it runs no programs, it only writes and reads files of the datastore `local`. */
  readonly ssh: {
    readonly address: string;
    readonly port: number;
    /** Private key, PEM. Keep it: clients remember it. */
    readonly hostKey: string;
    /** Public keys as in `authorized_keys`. */
    readonly authorizedKeys: readonly string[];
  };
  /** Everything the API remembers, as JSON; rewritten at each change. A new server continues from it. */
  readonly stateFile: string;
  /** The folder that is the datastore `local` of every node. */
  readonly storageRoot: string;
  readonly nodes: readonly { readonly name: string; /** Bytes. */ readonly memory: number; readonly cores: number }[];
  /** Guests that are there already: reported as running, never booted, and not to be changed. */
  readonly guests: readonly {
    readonly vmid: number;
    readonly node: string;
    readonly name: string;
    /** Bytes. */
    readonly memory: number;
    readonly cores: number;
  }[];
  /** API tokens, as in `pulumi@pve!homelab`. What each may do is in the access control list. */
  readonly tokens: readonly { readonly id: string; readonly secret: string }[];
  /** What is there on a new node besides. */
  readonly administration: Administration;
  /** Password of root@pam, for what tokens may not do, such as ACME accounts. Without it nobody can log in. */
  readonly rootPassword?: string;
  /** How the nodes reach the OpenID providers of their realms. Default as this computer does. */
  readonly transport?: Transport;
  readonly machines: MachineDriver;
}
