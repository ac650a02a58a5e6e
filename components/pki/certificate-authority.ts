import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import { Duration, toHours } from "../../config/duration";

/** Arguments of {@link CertificateAuthority}. */
export interface CertificateAuthorityArgs {
  /** Organization in the subject of both certificates. A change replaces both, and every device needs the new root. */
  organization: string;
  /** Life of the root, in seconds. A change replaces both certificates, and every device needs the new root. */
  rootValidity: Duration;
  /** Life of the intermediate, in seconds. The first `up` in its second half renews it. */
  intermediateValidity: Duration;
}

/**
 * Root and intermediate, made once and kept encrypted in the stack's state (EF-005): the machines that use them may come
 * and go. The root key is used here alone, to sign the intermediate; it reaches no machine.
 *
 * Both keys and the root are protected: a new root would have to reach every device. The intermediate is not, for it
 * renews.
 */
export class CertificateAuthority extends pulumi.ComponentResource {
  /** PEM. */
  readonly rootCertificate: pulumi.Output<string>;
  /** PEM. */
  readonly intermediateCertificate: pulumi.Output<string>;
  /** PEM, PKCS#8. A secret. */
  readonly intermediateKey: pulumi.Output<string>;

  constructor(name: string, args: CertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:pki:CertificateAuthority", name, args, opts);
    const protectedChild = { parent: this, protect: true };
    const rootKey = new tls.PrivateKey(`${name}-root-key`, curve, protectedChild);
    const root = new tls.SelfSignedCert(
      `${name}-root`,
      {
        ...signing,
        privateKeyPem: rootKey.privateKeyPem,
        subject: { commonName: `${args.organization} Root CA`, organization: args.organization },
        validityPeriodHours: toHours(args.rootValidity),
      },
      protectedChild,
    );
    const intermediateKey = new tls.PrivateKey(`${name}-intermediate-key`, curve, protectedChild);
    const intermediate = new tls.LocallySignedCert(
      `${name}-intermediate`,
      {
        ...signing,
        certRequestPem: certificateRequest(this, name, args.organization, intermediateKey).certRequestPem,
        caPrivateKeyPem: rootKey.privateKeyPem,
        caCertPem: root.certPem,
        validityPeriodHours: toHours(args.intermediateValidity),
        // A leaf must not outlive its issuer, and lives half as long at most (see config/checks.ts): the first `up` in
        // the second half renews the intermediate, with the same key and subject, so that older leaves still chain.
        earlyRenewalHours: Math.floor(toHours(args.intermediateValidity) / 2),
      },
      { parent: this },
    );
    this.rootCertificate = root.certPem;
    this.intermediateCertificate = intermediate.certPem;
    this.intermediateKey = pulumi.secret(intermediateKey.privateKeyPemPkcs8);
    this.registerOutputs({ rootCertificate: this.rootCertificate });
  }
}

function certificateRequest(
  parent: CertificateAuthority,
  name: string,
  organization: string,
  key: tls.PrivateKey,
): tls.CertRequest {
  return new tls.CertRequest(
    `${name}-intermediate-request`,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { commonName: `${organization} Intermediate CA`, organization },
    },
    { parent },
  );
}

/** P-256: every browser and device of the last decade takes it, and signing is quick on small machines. */
const curve = { algorithm: "ECDSA", ecdsaCurve: "P256" };

// The provider wants snake_case here, whatever the SDK's own comments say.
const signing = {
  isCaCertificate: true,
  setSubjectKeyId: true,
  allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
};
