import { X509Certificate } from "node:crypto";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { HostDirectory } from "../host/file";
import type { Machine } from "../host/machine";
import { ownNetwork, run } from "../host/workload-container";
import { acmeDirectory, catalogueEntry, filesRoot, publicAcmeDirectory, stepUser } from "./ca-config";
import { CertificateAuthority } from "./certificate-authority";
import type { PkiConfig } from "./config";
import { stepCa } from "./step-ca";

/** Arguments of {@link Pki}. */
export interface PkiArgs {
  /** Where step-ca runs. */
  machine: Machine;
  /** Domain in which certificates may be issued, e.g. `home.arpa`. */
  domain: string;
  /** Validities and names: `homelab:pki`. */
  pki: PkiConfig;
  /** step-ca image, pinned by digest. */
  image: string;
  /** DNS servers that know the house's names, IPv4 addresses: step-ca connects to each name to validate it. */
  dns: string[];
}

/**
 * The homelab's certificate authority: root and intermediate from the state, step-ca on the machine (EF-001, EF-002).
 *
 * ```ts
 * const pki = new Pki("pki", { machine, domain: "home.arpa", ... });
 * export const rootFingerprint = pki.rootFingerprint;
 * ```
 */
export class Pki extends pulumi.ComponentResource {
  /** The root in PEM form, for the devices of the house (EF-003). */
  readonly rootCertificate: pulumi.Output<string>;
  /** SHA-256 of the root in hexadecimal, as `step certificate fingerprint` prints it. */
  readonly rootFingerprint: pulumi.Output<string>;
  /** Where a device fetches the root from; to be compared with the fingerprint. */
  readonly rootUrl: string;
  /** step-ca's own network. Whoever is on it may ask for certificates: the edge, and nobody else. */
  readonly network: docker.Network;
  /** ACME directory for clients on {@link network}; resolves once step-ca answers. */
  readonly acmeDirectory: pulumi.Output<string>;
  /** ACME directory for the edges of other machines, through the one on {@link machine}. */
  readonly publicAcmeDirectory: string;
  /** Where step-ca runs. */
  readonly machine: Machine;

  constructor(name: string, args: PkiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:pki:Pki", name, args, opts);
    const { host } = catalogueEntry(args.domain);
    const authority = new CertificateAuthority(`${name}-authority`, args.pki, { parent: this });
    this.network = ownNetwork(name, args.machine, this);
    const database = { machine: args.machine, path: `${filesRoot}/db`, owner: stepUser };
    const folders = { db: new HostDirectory(`${name}-step-ca-db`, database, { parent: this }) };
    const site = { prefix: name, machine: args.machine, filesRoot, networks: [this.network], folders, dns: args.dns };
    const { rootCertificate, intermediateCertificate, intermediateKey } = authority;
    const workload = stepCa({
      image: args.image,
      domain: args.domain,
      leafValidity: args.pki.leafValidity,
      rootCertificate,
      intermediateCertificate,
      intermediateKey,
    });
    const server = run(workload, site, { parent: this });

    this.rootCertificate = authority.rootCertificate;
    this.rootFingerprint = authority.rootCertificate.apply(fingerprint);
    this.rootUrl = `https://${host}/roots.pem`;
    this.machine = args.machine;
    this.publicAcmeDirectory = publicAcmeDirectory(args.domain);
    this.acmeDirectory = server.healthy.apply(() => acmeDirectory);
    this.registerOutputs({ rootFingerprint: this.rootFingerprint, acmeDirectory: this.acmeDirectory });
  }
}

function fingerprint(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replace(/:/g, "").toLowerCase();
}
