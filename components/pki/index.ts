import { X509Certificate } from "node:crypto";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { HardenedContainer } from "../host/container";
import { HostDirectory, HostFile } from "../host/file";
import { Machine } from "../host/machine";
import { ownNetwork } from "../host/workload-container";
import {
  acmeDirectory,
  caConfig,
  catalogueEntry,
  containerAlias,
  filesRoot,
  memory,
  stepCaRuns,
  stepDefaults,
  stepPath,
  stepUser,
} from "./ca-config";
import { CertificateAuthority } from "./certificate-authority";
import type { PkiConfig } from "./config";

/** Arguments of {@link Pki}. */
export interface PkiArgs {
  machine: Machine;
  domain: string;
  /** Validities and names: `homelab:pki`. */
  pki: PkiConfig;
  /** step-ca image, pinned by digest. */
  image: string;
  /** DNS servers that know the names certificates are asked for: step-ca connects to each name to validate it. */
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

  constructor(name: string, args: PkiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:pki:Pki", name, args, opts);
    const { host } = catalogueEntry(args.domain);
    const authority = new CertificateAuthority(`${name}-authority`, args.pki, { parent: this });
    this.network = ownNetwork(name, args.machine, this);
    const server = stepCa(this, `${name}-step-ca`, args, authority, host);

    this.rootCertificate = authority.rootCertificate;
    this.rootFingerprint = authority.rootCertificate.apply(fingerprint);
    this.rootUrl = `https://${host}/roots.pem`;
    this.acmeDirectory = server.healthy.apply(() => acmeDirectory);
    this.registerOutputs({ rootFingerprint: this.rootFingerprint, acmeDirectory: this.acmeDirectory });
  }
}

function stepCa(
  pki: Pki,
  name: string,
  args: PkiArgs,
  authority: CertificateAuthority,
  host: string,
): HardenedContainer {
  const parent = { parent: pki };
  const place = { machine: args.machine, owner: stepUser };
  const configuration = {
    "config/ca.json": caConfig({
      domain: args.domain,
      dnsNames: [host, containerAlias],
      leafValidity: args.pki.leafValidity,
    }),
    "config/defaults.json": stepDefaults(containerAlias),
    "certs/root_ca.crt": authority.rootCertificate,
    "certs/intermediate_ca.crt": authority.intermediateCertificate,
  };
  const files = Object.entries(configuration).map(([path, content]) => ({
    path,
    file: new HostFile(
      `${name}-${fileId(path)}`,
      { ...place, path: `${filesRoot}/${path}`, content, mode: "0444" },
      parent,
    ),
  }));
  const key = new HostFile(
    `${name}-intermediate-key`,
    { ...place, path: `${filesRoot}/secrets/intermediate_ca_key`, content: authority.intermediateKey, mode: "0400" },
    parent,
  );
  const database = new HostDirectory(`${name}-db`, { ...place, path: `${filesRoot}/db` }, parent);
  const readOnly = [...files, { path: "secrets/intermediate_ca_key", file: key }];
  return new HardenedContainer(
    name,
    {
      machine: args.machine,
      image: args.image,
      memory: memory["pki-step-ca"],
      user: stepUser,
      ...stepCaRuns,
      networks: [{ name: pki.network.name, aliases: [containerAlias] }],
      dns: args.dns,
      volumes: [
        ...readOnly.map(({ path, file }) => ({
          hostPath: file.path,
          containerPath: `${stepPath}/${path}`,
          readOnly: true,
        })),
        { hostPath: database.path, containerPath: `${stepPath}/db` },
      ],
      configuration: Object.values(configuration),
    },
    parent,
  );
}

function fileId(path: string): string {
  return path.replace(/^.*\//, "").replace(/[._]/g, "-");
}

function fingerprint(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replace(/:/g, "").toLowerCase();
}
