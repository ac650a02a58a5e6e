import * as pulumi from "@pulumi/pulumi";

import { filesRoot as edgeRoot, staticConfig } from "../components/edge/static-config";
import { traefik } from "../components/edge/traefik";
import type { Workload } from "../components/host/workload";
import { edgeNetwork } from "../components/host/workload-container";
import { acmeDirectory, filesRoot as pkiRoot, publicAcmeDirectory } from "../components/pki/ca-config";
import { stepCa } from "../components/pki/step-ca";
import { filesRoot as registryRoot } from "../components/registry/workload";
import { core } from "../components/registry/workloads/core";
import { database as registryDatabase } from "../components/registry/workloads/database";
import { exporter } from "../components/registry/workloads/exporter";
import { jobservice } from "../components/registry/workloads/jobservice";
import { portal } from "../components/registry/workloads/portal";
import { storage } from "../components/registry/workloads/storage";
import { trivy } from "../components/registry/workloads/trivy";
import { valkey } from "../components/registry/workloads/valkey";
import type { RegistrySecrets } from "../components/registry/secrets";
import { filesRoot as ssoRoot } from "../components/sso/workload";
import { authentik } from "../components/sso/workloads/authentik";
import { database as ssoDatabase } from "../components/sso/workloads/database";
import type { SsoSecrets } from "../components/sso/secrets";
import type { Duration } from "../config/duration";
import { hostName } from "../config/services";

/** A container of a feature's as its component starts it, without images and secrets. */
export interface KnownWorkload {
  /** What it is called on its machine. */
  readonly name: string;
  /** The feature's files on the machine. */
  readonly filesRoot: string;
  /** Where its folders are on the machine. */
  readonly foldersRoot: string;
  /** The networks that it is on. */
  readonly networks: readonly string[];
  readonly workload: Workload;
}

/** What workloads are made from besides secrets. */
export interface WorkloadSources {
  readonly domain: string;
  readonly leafValidity: Duration;
  /** Whether step-ca is on the same machine: an edge on another one asks for certificates through the edge there. */
  readonly isBesideCa: boolean;
  /** Addresses of the edges that ask for logins through the one on the machine. */
  readonly passesOn: readonly string[];
}

/** Whatever is asked for: a text that nobody reads. */
const hidden = pulumi.output("");
const secrets = new Proxy({}, { get: () => hidden }) as RegistrySecrets & SsoSecrets;

const made = new Map<string, readonly KnownWorkload[]>();

/** The containers of every feature, but for the exporter of findings. */
export function knownWorkloads(sources: WorkloadSources): readonly KnownWorkload[] {
  const { domain, leafValidity, isBesideCa, passesOn } = sources;
  const key = [domain, leafValidity, isBesideCa, ...passesOn].join(" ");
  const known = made.get(key) ?? all(sources);
  made.set(key, known);
  return known;
}

function all({ domain, leafValidity, isBesideCa, passesOn }: WorkloadSources): KnownWorkload[] {
  const of = (prefix: string, [filesRoot, foldersRoot]: [string, string], networks: string[], workloads: Workload[]) =>
    workloads.map((workload) => ({
      name: `${prefix}-${workload.name}`,
      filesRoot,
      foldersRoot,
      networks: [...networks, ...(workload.isServed ? [edgeNetwork] : [])],
      workload,
    }));
  const authority = { rootCertificate: hidden, intermediateCertificate: hidden, intermediateKey: hidden };
  const configuration = staticConfig({
    acmeDirectory: isBesideCa ? acmeDirectory : publicAcmeDirectory(domain),
    leafValidity,
    ...(passesOn.length > 0 && { passesOn: [...passesOn] }),
  });
  return [
    ...of("pki", [pkiRoot, pkiRoot], ["pki"], [stepCa({ image, domain, leafValidity, ...authority })]),
    ...of(
      "edge",
      [edgeRoot, edgeRoot],
      [edgeNetwork, ...(isBesideCa ? ["pki"] : [])],
      [traefik({ image, configuration, rootCertificate: hidden })],
    ),
    ...of("harbor", [registryRoot, `${registryRoot}/data`], ["harbor"], registryWorkloads(domain)),
    ...of("authentik", [ssoRoot, `${ssoRoot}/data`], ["authentik"], ssoWorkloads(domain)),
  ];
}

const image = "";

function registryWorkloads(domain: string): Workload[] {
  const externalUrl = `https://${hostName("registry", domain)}`;
  return [
    core({ image, externalUrl, secrets, rootCertificate: hidden }),
    registryDatabase({ image, password: hidden }),
    exporter({ image, secrets }),
    jobservice({ image, secrets }),
    portal({ image }),
    ...Object.values(storage({ images: { registry: image, registryctl: image }, secrets })),
    trivy({ image, secrets }),
    valkey({ image, secrets }),
  ];
}

function ssoWorkloads(domain: string): Workload[] {
  const externalUrl = `https://${hostName("auth", domain)}`;
  const email = `akadmin@${domain}`;
  return [
    ssoDatabase({ image, password: hidden }),
    ...Object.values(authentik({ image, externalUrl, trustedProxies: hidden, secrets, email })),
  ];
}
