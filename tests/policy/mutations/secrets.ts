import { types } from "../../../policies/types";
import { adding, rows, setting, type Mutation, type Row } from "./mutation";

const core = (inputs: Record<string, unknown>) => setting(types.container, "harbor-core", inputs);

/** Ways to have a secret where everybody may read it. */
export const secretMutations: readonly Mutation[] = rows(
  "secret-inputs",
  ...[
    "DB_PASS=letmein",
    "ENCRYPTION_KEY=0000",
    "DATABASE_URL=postgres://app:letmein@db/app",
    "DSN=app:letmein@tcp(db)/app",
  ].map((entry): Row => [
    entry,
    core({ envs: [entry] }),
    `its environment variable ${entry.split("=")[0]} holds a secret`,
  ]),
  ...[
    ["app", "--db-password=letmein"],
    ["app", "--token", "letmein"],
    ["sh", "-c", "API_KEY=letmein exec app"],
  ].map((command): Row => [command.join(" "), core({ command }), "its command line has a secret"]),
  [
    "an address with a password in a command",
    core({ entrypoints: ["app", "redis://:letmein@valkey"] }),
    "its command line has a secret",
  ],
  ...["secretKey", "apiKey", "accessKey", "dbPasswd"].map((key): Row => [
    key,
    adding("homelab:host:Thing", { [key]: "letmein" }),
    `\`${key}\` is not a secret`,
  ]),
  [
    "a PGP key",
    adding("homelab:host:File", { content: "-----BEGIN PGP PRIVATE KEY BLOCK-----\nx" }),
    "`content` is not a secret",
  ],
  ["an age key", adding("homelab:host:File", { content: "AGE-SECRET-KEY-1QQQQ" }), "`content` is not a secret"],
  [
    "a DSN in a file",
    adding("homelab:host:File", { content: "url: postgres://app:letmein@db/app" }),
    "`content` is not a secret",
  ],
);
