import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { hashSync } from "bcryptjs";

import { registryUser } from "./workload";

/**
 * What Harbor's parts prove themselves with to each other, made once and kept encrypted in the state. Lengths and
 * alphabets are Harbor's own: some are keys as they are, some are pasted unquoted into connection strings.
 *
 * The administrator's and the database's password count at the first start only: later they are changed in Harbor and in
 * PostgreSQL. The secret key opens what is stored in the database, and is protected.
 */
export class RegistrySecrets extends pulumi.ComponentResource {
  /** Password of `admin`. */
  readonly admin: pulumi.Output<string>;
  readonly database: pulumi.Output<string>;
  /** Core to jobservice, and jobservice to core and registryctl. */
  readonly core: pulumi.Output<string>;
  readonly jobservice: pulumi.Output<string>;
  /** Core to registry, as password and as line of an htpasswd file. */
  readonly registry: pulumi.Output<string>;
  readonly registryLine: pulumi.Output<string>;
  /** Of the store, for Harbor's own programs; and for Trivy, which reaches its own entries alone. */
  readonly store: pulumi.Output<string>;
  readonly scannerStore: pulumi.Output<string>;
  /** Signs the state of uploads. */
  readonly uploads: pulumi.Output<string>;
  /** Exactly 32 letters. */
  readonly csrf: pulumi.Output<string>;
  /** AES key of exactly 16 bytes. Losing it loses the credentials in the database. */
  readonly key: pulumi.Output<string>;
  /** Signs the tokens of clients: RSA in PKCS#1, the one form that Harbor reads. */
  readonly tokenKey: pulumi.Output<string>;
  /** Begins the names of the robots that Trivy pulls with. */
  readonly scannerPrefix: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:registry:Secrets", name, {}, opts);
    const password = (part: string, length: number, options?: pulumi.CustomResourceOptions) =>
      new random.RandomPassword(
        `${name}-${part}`,
        { length, special: false, minLower: 1, minUpper: 1, minNumeric: 1 },
        { parent: this, ...options },
      );
    const registry = password("registry", 32);
    this.admin = password("admin", 32).result;
    this.database = password("database", 32).result;
    this.core = password("core", 16).result;
    this.jobservice = password("jobservice", 16).result;
    this.registry = registry.result;
    this.registryLine = pulumi
      .all([registry.result, registry.bcryptHash])
      .apply(([password, hash]) => `${registryUser}:${rehash(password, hash)}\n`);
    this.store = password("store", 32).result;
    this.scannerStore = password("scanner-store", 32).result;
    this.uploads = password("uploads", 32).result;
    this.csrf = password("csrf", 32).result;
    this.key = password("key", 16, { protect: true }).result;
    this.tokenKey = new tls.PrivateKey(
      `${name}-token-key`,
      { algorithm: "RSA", rsaBits: 4096 },
      { parent: this },
    ).privateKeyPem;
    this.scannerPrefix = new random.RandomString(
      `${name}-scanner-prefix`,
      { length: 8, special: false, upper: false },
      { parent: this },
    ).result;
    this.registerOutputs({});
  }
}

/**
 * A password's bcrypt hash with the cost of Harbor's own installer (`htpasswd -B`, 5), which the registry pays for every
 * request: the one in the state (10) takes it a tenth of a second. The salt is that one's, so that no run changes the hash.
 * Source: `make/photon/prepare/utils/registry.py` of goharbor/harbor 2.15.
 */
function rehash(password: string, hash: string): string {
  const salt = hash.slice("$2a$10$".length, "$2a$10$".length + 22);
  return hashSync(password, `$2a$05$${salt}`);
}
