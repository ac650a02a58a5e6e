import * as pulumi from "@pulumi/pulumi";

import type { Part } from "../components/host/workload";
import { filesRoot as registryRoot } from "../components/registry/part";
import { core } from "../components/registry/parts/core";
import { database as registryDatabase } from "../components/registry/parts/database";
import { exporter } from "../components/registry/parts/exporter";
import { jobservice } from "../components/registry/parts/jobservice";
import { portal } from "../components/registry/parts/portal";
import { storage } from "../components/registry/parts/storage";
import { trivy } from "../components/registry/parts/trivy";
import { valkey } from "../components/registry/parts/valkey";
import type { RegistrySecrets } from "../components/registry/secrets";
import { filesRoot as ssoRoot } from "../components/sso/part";
import { authentik } from "../components/sso/parts/authentik";
import { database as ssoDatabase } from "../components/sso/parts/database";
import type { SsoSecrets } from "../components/sso/secrets";
import { hostName } from "../config/services";

/** One of Harbor's or Authentik's containers as its component starts it, without images and secrets. */
export interface KnownPart {
  /** What it is called on its machine. */
  readonly name: string;
  /** The service's files on the machine. */
  readonly filesRoot: string;
  readonly part: Part;
}

/** Whatever is asked for: a text that nobody reads. */
const hidden = pulumi.output("");
const secrets = new Proxy({}, { get: () => hidden }) as RegistrySecrets & SsoSecrets;

const made = new Map<string, readonly KnownPart[]>();

/** All of Harbor's and Authentik's containers in a stack of a domain. */
export function knownParts(domain: string): readonly KnownPart[] {
  const known = made.get(domain) ?? [
    ...registryParts(domain).map((part) => ({ name: `harbor-${part.name}`, filesRoot: registryRoot, part })),
    ...ssoParts(domain).map((part) => ({ name: `authentik-${part.name}`, filesRoot: ssoRoot, part })),
  ];
  made.set(domain, known);
  return known;
}

const image = "";

function registryParts(domain: string): Part[] {
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

function ssoParts(domain: string): Part[] {
  const externalUrl = `https://${hostName("auth", domain)}`;
  const email = `akadmin@${domain}`;
  return [
    ssoDatabase({ image, password: hidden }),
    ...Object.values(authentik({ image, externalUrl, trustedProxies: hidden, secrets, email })),
  ];
}
