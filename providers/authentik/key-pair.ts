import { X509Certificate } from "node:crypto";

import type { CertificateKeyPair as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { keyPairs } from "./lookup";
import { checkText } from "./text-checks";

/** A certificate, and its key where Authentik is to use that. */
export interface KeyPairValues {
  /** **A change makes another pair.** */
  readonly name: string;
  /** PEM. */
  readonly certificate: string;
  /**
   * Its private key, PEM. Tokens are signed by RSA, or on P-256, P-384 or P-521: with another, nobody gets in. Left out for a
   * certificate that is only trusted. A secret.
   */
  readonly key?: string;
  /**
   * The certificate's SHA-256, `ab:cd:…`. No argument: it is computed, so that another certificate in Authentik is
   * noticed.
   */
  readonly fingerprint?: string;
}

interface KeyPairOuts {
  readonly uuid: string;
}

/** Arguments of {@link KeyPair}. */
export type KeyPairArgs = Inputs<Omit<KeyPairValues, "fingerprint">>;

/** A certificate in Authentik. Id: its name. Authentik keeps the key to itself: a change of it there is not noticed. */
export class KeyPair extends DynamicResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly uuid: pulumi.Output<string>;

  constructor(name: string, args: KeyPairArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...keyPair, secrets: ["key"] }, name, args, opts);
  }
}

export const keyPair = kindOf<KeyPairValues, Row, KeyPairOuts>(
  {
    token: "authentik:KeyPair",
    noun: "key pair",
    identity: ["name"],
    writeOnly: ["certificate", "key"],
    outputs: ["uuid"],
    normalise: (args) => ({
      ...args,
      ...(args.certificate !== undefined && { fingerprint: fingerprintOf(args.certificate) }),
    }),
    check(args, problems) {
      checkText("name", args.name, problems);
      if (args.certificate !== undefined && fingerprintOf(args.certificate) === undefined) {
        problems.add("certificate", "is no certificate in PEM; give it with its BEGIN line");
      }
      if (args.key !== undefined && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(args.key)) {
        problems.add("key", "is no private key in PEM; give it with its BEGIN line");
      }
    },
  },
  {
    async find(api, { name = "" }, subject) {
      const { results } = await api.call(subject, ({ crypto }) => crypto.cryptoCertificatekeypairsList({ name }));
      return results.find((row) => row.name === name);
    },
    look: (api, { name = "" }, subject) => keyPairs.row(api, name, subject),
    create: (api, args, subject) =>
      api.call(subject, ({ crypto }) =>
        crypto.cryptoCertificatekeypairsCreate({ certificateKeyPairRequest: body(args) }),
      ),
    update: (api, { pk: kpUuid }, args, subject) =>
      api.call(subject, ({ crypto }) =>
        crypto.cryptoCertificatekeypairsPartialUpdate({ kpUuid, patchedCertificateKeyPairRequest: body(args) }),
      ),
    destroy: (api, { pk: kpUuid }, subject) =>
      api.call(subject, ({ crypto }) => crypto.cryptoCertificatekeypairsDestroy({ kpUuid })),
    argsOf: (_api, { name, fingerprintSha256 }) => ({
      name,
      fingerprint: fingerprintSha256?.toLowerCase() ?? undefined,
    }),
    outsOf: ({ pk }) => ({ uuid: pk }),
  },
);

const body = ({ name, certificate, key }: KeyPairValues) => ({ name, certificateData: certificate, keyData: key });

/** As Authentik writes it; `undefined` for what is no certificate. */
function fingerprintOf(certificate: string): string | undefined {
  try {
    return new X509Certificate(certificate).fingerprint256.toLowerCase();
  } catch {
    return undefined;
  }
}
