import { types } from "../../../../policies/types";
import { secret } from "../harness";
import { adding, rows, setting, type Mutation, type Row } from "./mutation";

const core = (inputs: Record<string, unknown>) => setting(types.container, "harbor-core", inputs);

const hidden = (inputs: Record<string, unknown>, path: string): Row => [
  `a secret in ${path}`,
  core(inputs),
  `its \`${path}\` is a secret, which \`docker inspect\` shows`,
];

/** Ways to have a secret where everybody may read it. */
const shown = rows(
  "secret-inputs",
  hidden({ envs: [secret("GREETING=letmein")] }, "envs[0]"),
  hidden({ labels: [{ label: "note", value: secret("letmein") }] }, "labels[0].value"),
  hidden({ entrypoints: ["app", secret("letmein")] }, "entrypoints[1]"),
  hidden({ hostname: secret("letmein") }, "hostname"),
  ...["REDISCLI_AUTH", "AUTH", "pwd", "dbPwd", "dsn", "APP_CREDENTIALS", "SESSION_COOKIE", "JWT"].map((name): Row => [
    name,
    core({ envs: [`${name}=letmein`] }),
    `its environment variable ${name} holds a secret`,
  ]),
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
  ...["secretKey", "apiKey", "accessKey", "dbPasswd", "pwd", "dsn", "credentials"].map((key): Row => [
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
    "a password in a file that nobody else may read",
    setting(types.hostFile, "authentik-database-password", { content: "letmein" }),
    "`content` is not a secret, although nobody else may read the file",
  ],
  [
    "a DSN in a file",
    adding("homelab:host:File", { content: "url: postgres://app:letmein@db/app" }),
    "`content` is not a secret",
  ],
);

/** Keys and passwords that can be guessed. */
const weak = rows(
  "strong-keys",
  ["a short password", setting(types.randomPassword, "harbor-secrets-admin", { length: 8 }), "its length is 8"],
  [
    "a password of digits",
    setting(types.randomPassword, "harbor-secrets-admin", { lower: false }),
    "it leaves characters out (`lower`)",
  ],
  [
    "a password mostly of digits",
    setting(types.randomPassword, "harbor-secrets-admin", { minNumeric: 32 }),
    "`minNumeric`",
  ],
  [
    "a short key of RSA's",
    setting(types.privateKey, "harbor-secrets-token-key", { rsaBits: 1024 }),
    "its length in bits is 1024",
  ],
  [
    "a key of the provider's choice",
    setting(types.privateKey, "harbor-secrets-token-key", { rsaBits: undefined }),
    "its length in bits is the provider's choice",
  ],
  ["a weak curve", setting(types.privateKey, "pki-authority-root-key", { ecdsaCurve: "P224" }), "its curve is P224"],
  ["no curve", setting(types.privateKey, "pki-authority-root-key", { ecdsaCurve: undefined }), "set `ecdsaCurve`"],
  ["another algorithm", setting(types.privateKey, "tooling-host-key", { algorithm: "DSA" }), "its algorithm is DSA"],
);

const password = "Uk3xT9qPz1LmV7bC";

/** The password of a database in plain text elsewhere, also. */
const copy = (what: string, change: Mutation["change"], place: string): Row => [
  what,
  (stack) => {
    setting(types.hostFile, "authentik-database-password", { content: secret(password) })(stack);
    change(stack);
  },
  `\`${place}\` has a secret of pulumi-nodejs:File "authentik-database-password" in plain text`,
];

/** Secrets that are known elsewhere. */
const copied = rows(
  "secret-copies",
  copy("a copy in a variable", core({ envs: [`GREETING=x:${password}`] }), "envs[0]"),
  copy("a copy in a label", core({ labels: [{ label: "note", value: password }] }), "labels[0].value"),
  copy("a copy in a command line", core({ command: ["app", `--motd=${password}`] }), "command[1]"),
  copy("a copy in a file", setting(types.hostFile, "harbor-core-app-conf", { content: `# ${password}` }), "content"),
  copy(
    "a copy in a description",
    setting(types.virtualMachines[0], "tooling", { description: password }),
    "description",
  ),
);

/** Secrets that are none. */
export const secretMutations: readonly Mutation[] = [...shown, ...copied, ...weak];
