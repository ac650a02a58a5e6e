import * as pulumi from "@pulumi/pulumi";

import { bootstrapKey } from "../../../providers/authentik";
import { lockout } from "../lockout";
import { scratchOptions } from "../../host/container";
import { rootName, trustFolder, withSecrets } from "../../host/workload";
import { authentikUser, named, SsoWorkload } from "../workload";
import { SsoSecrets } from "../secrets";
import { databaseName } from "./database";

/** What Authentik's two programs are made from. */
export interface AuthentikArgs {
  /** Authentik image, pinned by digest. */
  image: string;
  /** Where users find it: `https://auth.home.arpa`. */
  externalUrl: string;
  /** Networks of the edge, in CIDR form with commas between: its word on who asks, and how, is taken. */
  trustedProxies: pulumi.Input<string>;
  /** What Authentik is kept together with. */
  secrets: SsoSecrets;
  /** E-mail address of the first administrator; nothing is sent to it. */
  email: string;
}

/** Server and worker: one image, the same settings. The worker brings up the database and the default objects. */
export function authentik(args: AuthentikArgs): { server: SsoWorkload; worker: SsoWorkload } {
  return {
    server: { ...program("server", args), alias: "server", isServed: true },
    worker: { ...program("worker", args), alias: "worker" },
  };
}

function program(name: "server" | "worker", args: AuthentikArgs): Omit<SsoWorkload, "alias"> {
  const { secrets, image } = args;
  const { entrypoint, files } = withSecrets(`dumb-init -- ak ${name}`, {
    AUTHENTIK_BOOTSTRAP_PASSWORD: secrets.admin,
    AUTHENTIK_BOOTSTRAP_TOKEN: secrets.token.apply(bootstrapKey),
    AUTHENTIK_POSTGRESQL__PASSWORD: secrets.database,
    AUTHENTIK_SECRET_KEY: secrets.key,
  });
  return {
    ...named(name),
    image,
    user: authentikUser,
    entrypoint,
    healthcheck: ["CMD", "ak", "healthcheck"],
    // It starts a Python each time, and the image has no lighter program that asks. The image's own check is as often.
    checkSeconds: 30,
    // The first start makes the database's tables, which takes minutes on a slow disk.
    startSeconds: 600,
    environment: authentikEnvironment(args),
    trustsRoot: true,
    files,
    folders: { "/data": "data" },
    // Where it keeps what it works on; it counts as the container's memory.
    scratch: { "/dev/shm": `${scratchOptions},size=128m` },
  };
}

/**
 * Nothing is sent out of the house: no telemetry, no update checks. What Authentik itself calls is in the house, so the
 * private root is all it trusts. Source: https://docs.goauthentik.io/install-config/configuration/
 */
export function authentikEnvironment(
  args: Pick<AuthentikArgs, "externalUrl" | "trustedProxies" | "email">,
): Record<string, pulumi.Input<string>> {
  const root = `${trustFolder}/${rootName}`;
  return {
    AUTHENTIK_BOOTSTRAP_EMAIL: args.email,
    AUTHENTIK_DISABLE_STARTUP_ANALYTICS: "true",
    AUTHENTIK_DISABLE_UPDATE_CHECK: "true",
    AUTHENTIK_ERROR_REPORTING__ENABLED: "false",
    AUTHENTIK_LISTEN__HTTP: "0.0.0.0:9000",
    AUTHENTIK_LISTEN__METRICS: "0.0.0.0:9300",
    AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS: args.trustedProxies,
    AUTHENTIK_LOG_LEVEL: "info",
    // The only outpost is the one inside the server.
    AUTHENTIK_OUTPOSTS__DISCOVER: "false",
    AUTHENTIK_POSTGRESQL__HOST: "postgresql",
    AUTHENTIK_POSTGRESQL__NAME: databaseName,
    AUTHENTIK_POSTGRESQL__PORT: "5432",
    AUTHENTIK_POSTGRESQL__USER: databaseName,
    AUTHENTIK_REPUTATION__EXPIRY: String(lockout.minutes * 60),
    AUTHENTIK_WEB__BASE_URL: args.externalUrl,
    // The one worker is not replaced from time to time: the request that it is at would be answered 500.
    AUTHENTIK_WEB__MAX_REQUESTS: "0",
    AUTHENTIK_WEB__THREADS: "4",
    AUTHENTIK_WEB__WORKERS: "1",
    AUTHENTIK_WORKER__PROCESSES: "1",
    AUTHENTIK_WORKER__THREADS: "2",
    // Memory goes back to the system sooner.
    MALLOC_ARENA_MAX: "2",
    MALLOC_TRIM_THRESHOLD_: "131072",
    REQUESTS_CA_BUNDLE: root,
    SSL_CERT_FILE: root,
  };
}
