import * as pulumi from "@pulumi/pulumi";

import { HarborWorkload, named, storeUser } from "../workload";
import { RegistrySecrets } from "../secrets";

/** The passwords of the store. */
export type StorePasswords = Pick<RegistrySecrets, "store" | "scannerStore">;

/** Which part uses which of the store's databases. */
const databases = { core: 0, registry: 1, jobservice: 2, trivy: 5 } as const;

/** The number of a part's database. */
export const redisDatabase = (part: keyof typeof databases): number => databases[part];

/** Trivy's user. Its entries and its channel begin with `harbor.scanner.trivy:`. */
const scanner = "trivy";

/** The store's address for a part, with its login. */
export function redisUrl(part: keyof typeof databases, passwords: StorePasswords): pulumi.Output<string> {
  const login =
    part === "trivy"
      ? pulumi.interpolate`${scanner}:${passwords.scannerStore}`
      : pulumi.interpolate`:${passwords.store}`;
  return pulumi.interpolate`redis://${login}@redis:6379/${databases[part]}?idle_timeout_seconds=30`;
}

/** Valkey: sessions, caches and the queue of jobs. Nothing in it has to survive, but a queue that does loses no scan. */
export function valkey(args: { image: string; secrets: StorePasswords }): HarborWorkload {
  const { store, scannerStore } = args.secrets;
  return {
    ...named("valkey"),
    alias: "redis",
    image: args.image,
    user: storeUser,
    command: ["valkey-server", configFile],
    healthcheck: ["CMD-SHELL", `. ${loginFile} && test "$(valkey-cli -h 127.0.0.1 ping)" = PONG`],
    files: {
      [configFile]: { content: pulumi.all({ store, scannerStore }).apply(valkeyConfig), secret: true },
      [loginFile]: { content: pulumi.interpolate`export REDISCLI_AUTH=${store}\n`, secret: true },
    },
    folders: { "/var/lib/redis": "valkey" },
  };
}

const configFile = "/etc/redis.conf";

/** What the health check logs in with. */
const loginFile = "/run/homelab/store-login.env";

/**
 * Who writes to the store makes sessions, also an administrator's. Trivy, which unpacks what others pushed, therefore has a user
 * of its own, for its own entries and for no command that tells of others. A queue must not lose entries: what does not fit is
 * refused. A dump that can't be written, as on a full disk, stops nobody from logging in.
 */
export const valkeyConfig = ({ store, scannerStore }: Record<keyof StorePasswords, string>): string => `appendonly no
databases 16
dbfilename dump.rdb
dir /var/lib/redis
maxmemory 64mb
maxmemory-policy noeviction
port 6379
protected-mode no
requirepass ${store}
save 900 1 300 10
stop-writes-on-bgsave-error no
tcp-keepalive 300
user ${scanner} on >${scannerStore} resetchannels ~harbor.scanner.trivy:* &harbor.scanner.trivy:* ${scannerCommands}
`;

/** Entries of text, messages, and what keeps a connection. */
const scannerCommands = "+@string +del +exists +expire +ttl +@pubsub +@connection -@admin -@dangerous";
