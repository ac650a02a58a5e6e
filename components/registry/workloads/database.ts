import * as pulumi from "@pulumi/pulumi";

import { scratchOptions } from "../../host/container";
import { HarborWorkload, named, storeUser } from "../workload";

/** The database that the image makes. */
export const databaseName = "registry";

/** Connections of core; the server takes three times as many for everybody. */
export const poolSize = { open: 30, idle: 5 } as const;

const passwordFile = "/run/homelab/password";

/**
 * PostgreSQL as Harbor ships it: its entry script makes the database at the first start, and moves the data to a new major
 * version. The password is set at the first start.
 */
export function database(args: { image: string; password: pulumi.Input<string> }): HarborWorkload {
  return {
    ...named("database"),
    alias: "postgresql",
    image: args.image,
    user: storeUser,
    healthcheck: [
      "CMD",
      "psql",
      "--host=127.0.0.1",
      "--username=postgres",
      `--dbname=${databaseName}`,
      "--command=SELECT 1",
    ],
    // Ends sessions; the usual signal waits for them.
    stopSignal: "SIGINT",
    startSeconds: 120,
    environment: { POSTGRES_MAX_CONNECTIONS: "100", POSTGRES_PASSWORD_FILE: passwordFile },
    files: { [passwordFile]: { content: args.password, secret: true } },
    folders: { "/var/lib/postgresql/data": "database" },
    scratch: { "/run/postgresql": `${scratchOptions},size=1m,uid=999,gid=999` },
  };
}
