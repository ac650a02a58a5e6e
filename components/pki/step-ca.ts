import type { Input } from "@pulumi/pulumi";

import type { Duration } from "../../config/duration";
import { type ConfigFile, rootOrigin, type Workload } from "../host/workload";
import {
  caConfig,
  catalogueEntry,
  containerAlias,
  memory,
  prefix,
  stepCaRuns,
  stepDefaults,
  stepPath,
  stepUser,
} from "./ca-config";

/** What step-ca's container is made from. */
export interface StepCaArgs {
  /** step-ca image, pinned by digest. */
  image: string;
  /** Domain in which certificates may be issued, e.g. `home.arpa`. */
  domain: string;
  /** Life of an issued certificate, in seconds. ACME clients do not ask for one. */
  leafValidity: Duration;
  /** PEM. */
  rootCertificate: Input<string>;
  /** PEM. */
  intermediateCertificate: Input<string>;
  /** PEM, PKCS#8. A secret. */
  intermediateKey: Input<string>;
}

/** step-ca (EF-001, EF-002). Its files are on the machine as they are in the container. */
export function stepCa(args: StepCaArgs): Workload<"db"> {
  const { domain, leafValidity } = args;
  const dnsNames = [catalogueEntry(domain).host, containerAlias];
  return {
    ...stepCaRuns,
    name: "step-ca",
    alias: containerAlias,
    image: args.image,
    memory: memory["pki-step-ca"],
    user: stepUser,
    files: {
      ...file("config/ca.json", { content: caConfig({ domain, dnsNames, leafValidity }) }),
      ...file("config/defaults.json", { content: stepDefaults(containerAlias) }),
      ...file("certs/root_ca.crt", { content: args.rootCertificate, origin: rootOrigin }),
      ...file("certs/intermediate_ca.crt", { content: args.intermediateCertificate, origin: intermediateOrigin }),
      // Another key comes with another certificate.
      ...file("secrets/intermediate_ca_key", {
        resource: `${prefix}-step-ca-intermediate-key`,
        content: args.intermediateKey,
        origin: keyOrigin,
        secret: true,
        restarts: false,
      }),
    },
    folders: { [`${stepPath}/db`]: "db" },
  };
}

const intermediateOrigin = { type: "tls:index/locallySignedCert:LocallySignedCert" };
const keyOrigin = { type: "tls:index/privateKey:PrivateKey" };

const file = (path: string, rest: ConfigFile): Record<string, ConfigFile> => ({
  [`${stepPath}/${path}`]: { path, resource: `${prefix}-step-ca-${fileId(path)}`, ...rest },
});

const fileId = (path: string): string => path.replace(/^.*\//, "").replace(/[._]/g, "-");
