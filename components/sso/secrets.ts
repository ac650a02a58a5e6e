import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

import { signingAlgorithm } from "./signing";

/**
 * What Authentik is kept together with, made once and kept encrypted in the state. The administrator's password, the token
 * and the database's password count at the first start only: later they are changed in Authentik and in PostgreSQL. The
 * token is on no machine: Authentik is started with a key that follows from it.
 */
export class SsoSecrets extends pulumi.ComponentResource {
  /** Password of `akadmin`. */
  readonly admin: pulumi.Output<string>;
  /** Key of the API token that the program uses. */
  readonly token: pulumi.Output<string>;
  readonly database: pulumi.Output<string>;
  /** Signs sessions and makes users' ids for services. Losing it makes everybody a stranger to them. */
  readonly key: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:Secrets", name, {}, opts);
    const password = (part: string, length: number, options?: pulumi.CustomResourceOptions) =>
      new random.RandomPassword(
        `${name}-${part}`,
        { length, special: false, minLower: 1, minUpper: 1, minNumeric: 1 },
        { parent: this, ...options },
      ).result;
    this.admin = password("admin", 32);
    this.token = password("token", 60);
    this.database = password("database", 32);
    this.key = password("key", 60, { protect: true });
    this.registerOutputs({});
  }
}

/** The pair that logins are signed with. Another one: docs/runbooks/sso-signing-key.md. */
export class SigningKey extends pulumi.ComponentResource {
  /** PEM, as Authentik takes it. */
  readonly certificate: pulumi.Output<string>;
  readonly key: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:SigningKey", name, {}, opts);
    const pair = new tls.PrivateKey(name, signingAlgorithm, { parent: this });
    // Nobody checks this certificate: services are given the public key in it by Authentik itself, over HTTPS.
    const certificate = new tls.SelfSignedCert(
      name,
      {
        privateKeyPem: pair.privateKeyPem,
        subject: { commonName: "Single sign-on" },
        validityPeriodHours: 20 * 8760,
        // No server's: it is no use to whoever would pose as one.
        allowedUses: ["digital_signature", "code_signing"],
      },
      { parent: this },
    );
    this.certificate = certificate.certPem;
    this.key = pair.privateKeyPem;
    this.registerOutputs({});
  }
}
