import { Duration, formatDuration } from "../../config/duration";
import { canonicalJson } from "../../config/canonical-json";
import { hostName, type Service } from "../../config/services";
import { mib } from "../../config/size";

/** What step-ca's `ca.json` is made from. */
export interface CaConfigArgs {
  /** Domain in which certificates may be issued, e.g. `home.arpa`. */
  domain: string;
  /** Names under which step-ca itself answers. */
  dnsNames: string[];
  /** Life of an issued certificate, in seconds. ACME clients do not ask for one. */
  leafValidity: Duration;
}

/** Where step-ca finds its files in the container; the official image's own layout. */
export const stepPath = "/home/step";

/** step-ca's files on the machine, laid out as in the container. */
export const filesRoot = "/srv/pki";

/** The user `step` of the official image. */
export const stepUser = "1000:1000";

/** What the container's name begins with. */
export const prefix = "pki";

/** What step-ca may use of the machine's memory. */
export const memory = { "pki-step-ca": mib(256) } as const;

/** What runs in step-ca's container. */
export const stepCaRuns = {
  command: ["/usr/local/bin/step-ca", `${stepPath}/config/ca.json`],
  healthcheck: ["CMD", "step", "ca", "health"],
};

/** Name of the ACME provisioner; part of the directory's URL. */
export const acmeProvisioner = "acme";

/** Port of step-ca inside its network. */
export const caPort = 9000;

/** Name of step-ca on the Docker network. Not its public name: that one has to lead to the edge. */
export const containerAlias = "step-ca";

/** Where the edge asks for certificates. */
export const acmeDirectory = `https://${containerAlias}:${caPort}/acme/${acmeProvisioner}/directory`;

/**
 * `ca.json` of step-ca 0.30: ACME only, one lifetime, and a policy that refuses every name outside the domain.
 * The policy's `*` stands for exactly one label.
 * Source: https://smallstep.com/docs/step-ca/configuration/
 */
export function caConfig(args: CaConfigArgs): string {
  const lifetime = formatDuration(args.leafValidity);
  return canonicalJson({
    root: `${stepPath}/certs/root_ca.crt`,
    crt: `${stepPath}/certs/intermediate_ca.crt`,
    key: `${stepPath}/secrets/intermediate_ca_key`,
    address: `:${caPort}`,
    dnsNames: args.dnsNames,
    logger: { format: "json" },
    // FileIO: no memory-mapped files, which a small memory limit does not go with.
    db: { type: "badgerv2", dataSource: `${stepPath}/db`, badgerFileLoadingMode: "FileIO" },
    authority: {
      enableAdmin: false,
      policy: { x509: { allow: { dns: [`*.${args.domain}`] } } },
      provisioners: [
        {
          type: "ACME",
          name: acmeProvisioner,
          // http-01 would follow redirects to wherever, and read what it finds there without a bound.
          challenges: ["tls-alpn-01"],
          claims: { minTLSCertDuration: "5m", maxTLSCertDuration: lifetime, defaultTLSCertDuration: lifetime },
        },
      ],
    },
  });
}

/** `defaults.json`: lets `step ca health` in the container find and trust its own CA. */
export function stepDefaults(dnsName: string): string {
  return canonicalJson({ "ca-url": `https://${dnsName}:${caPort}`, root: `${stepPath}/certs/root_ca.crt` });
}

const upstream = `https://${containerAlias}:${caPort}`;

/**
 * step-ca's entry in the service catalogue: the house sees the root and whether step-ca runs. ACME it doesn't see, but for the
 * edges of other machines, by their addresses.
 */
export const catalogueEntry = (domain: string, edges: readonly string[] = []): Service => ({
  name: "ca",
  host: hostName("ca", domain),
  description: "Certificate authority",
  upstream,
  paths: ["/roots.pem", "/health"],
  ...(edges.length > 0 && {
    branches: [{ name: "acme", upstream, paths: [`/acme/${acmeProvisioner}/`], clients: edges }],
  }),
  auth: "native",
});

/** Where the edges of other machines ask for certificates. */
export const publicAcmeDirectory = (domain: string): string =>
  `https://${catalogueEntry(domain).host}/acme/${acmeProvisioner}/directory`;
