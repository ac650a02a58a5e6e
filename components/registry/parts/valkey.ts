import { HarborPart, named, storeUser } from "../part";

/** Which part uses which of the store's databases. */
const databases = { core: 0, registry: 1, jobservice: 2, trivy: 5 } as const;

/** The store's address for a part. */
export function redisUrl(part: keyof typeof databases): string {
  return `redis://redis:6379/${databases[part]}?idle_timeout_seconds=30`;
}

/** The number of a part's database. */
export const redisDatabase = (part: keyof typeof databases): number => databases[part];

/** Valkey: sessions, caches and the queue of jobs. Nothing in it has to survive, but a queue that does loses no scan. */
export function valkey(args: { image: string }): HarborPart {
  return {
    ...named("valkey"),
    alias: "redis",
    image: args.image,
    user: storeUser,
    command: ["valkey-server", configFile],
    healthcheck: ["CMD-SHELL", 'test "$(valkey-cli -h 127.0.0.1 ping)" = PONG'],
    files: { [configFile]: { content: valkeyConfig } },
    data: { "/var/lib/redis": "valkey" },
  };
}

const configFile = "/etc/redis.conf";

/**
 * It listens on Harbor's own network alone, so it has no password. A queue must not lose entries: what does not fit is
 * refused. A dump that can't be written, as on a full disk, stops nobody from logging in.
 */
export const valkeyConfig = `appendonly no
databases 16
dbfilename dump.rdb
dir /var/lib/redis
maxmemory 64mb
maxmemory-policy noeviction
port 6379
protected-mode no
save 900 1 300 10
stop-writes-on-bgsave-error no
tcp-keepalive 300
`;
