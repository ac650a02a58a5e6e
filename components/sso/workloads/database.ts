import * as pulumi from "@pulumi/pulumi";

import { scratchOptions } from "../../host/container";
import { databaseUser, named, SsoWorkload } from "../workload";

/** The database that the image makes, and its owner. */
export const databaseName = "authentik";

const passwordFile = "/run/homelab/password";
const dataFolder = "/var/lib/postgresql/data";

/** PostgreSQL. The password is set at the first start. Connections and buffers are those of a household. */
export function database(args: { image: string; password: pulumi.Input<string> }): SsoWorkload {
  return {
    ...named("database"),
    alias: "postgresql",
    image: args.image,
    user: databaseUser,
    command: ["postgres", "-c", "max_connections=60", "-c", "shared_buffers=64MB", "-c", "work_mem=4MB"],
    healthcheck: ["CMD", "pg_isready", "--host=127.0.0.1", `--username=${databaseName}`, `--dbname=${databaseName}`],
    // Ends sessions; the usual signal waits for them.
    stopSignal: "SIGINT",
    startSeconds: 120,
    environment: {
      // A folder below the volume, which the image may make and close to others.
      PGDATA: `${dataFolder}/pgdata`,
      POSTGRES_DB: databaseName,
      POSTGRES_PASSWORD_FILE: passwordFile,
      POSTGRES_USER: databaseName,
    },
    files: { [passwordFile]: { content: args.password, secret: true } },
    folders: { [dataFolder]: "database" },
    scratch: { "/run/postgresql": `${scratchOptions},size=1m,uid=70,gid=70` },
  };
}
