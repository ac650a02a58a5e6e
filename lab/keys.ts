import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./process";
import { labHome, network } from "./settings";

const folder = join(labHome, "keys");

/** Files of the lab's own certificate authority and keys. They exist after {@link ensureKeys}. */
export const keys = {
  /** Certificate of the authority behind the Proxmox API and the image registry of the lab. */
  ca: join(folder, "ca.crt"),
  caKey: join(folder, "ca.key"),
  tlsCert: join(folder, "server.crt"),
  tlsKey: join(folder, "server.key"),
  /** The SSH key the program logs in with, on the Proxmox node and on the machines. */
  ssh: join(folder, "ssh"),
  /** Host key of the Proxmox node's SSH server. */
  sshHost: join(folder, "ssh-host"),
  /** Host keys of the computers that are no guests of the node. */
  nasHost: join(folder, "nas-host"),
  clientHost: join(folder, "client-host"),
  /** Secret of the Proxmox API token. */
  apiToken: join(folder, "api-token"),
  /** The computer's trusted authorities and the lab's. */
  trustBundle: join(folder, "trust.pem"),
} as const;

/** Our own settings for openssl: what the computer's would add is not known. */
const opensslSettings = join(folder, "openssl.cnf");
const authoritySettings = `[req]
distinguished_name = name
x509_extensions = authority
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
`;

const years = "3650";
const serverNames = [
  ...["DNS:localhost", "DNS:pve-mon", "DNS:pve-mon.home.arpa"],
  ...["IP:127.0.0.1", `IP:${network.gateway}`],
].join(",");
const systemBundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/** Makes what is missing of the lab's keys and certificates. */
export async function ensureKeys(): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(opensslSettings, authoritySettings);
  await ensureAuthority();
  await ensureServerCertificate();
  await ensureSshKey(keys.ssh, "homelab-lab");
  await ensureSshKey(keys.sshHost, "pve-mon");
  await ensureSshKey(keys.nasHost, "nas");
  await ensureSshKey(keys.clientHost, "client");
  if (!existsSync(keys.apiToken)) writeFileSync(keys.apiToken, randomUUID(), { mode: 0o600 });
  writeTrustBundle();
}

async function ensureAuthority(): Promise<void> {
  if (existsSync(keys.ca)) return;
  const subject = ["-subj", "/CN=Homelab lab CA", "-days", years];
  await makeFile(keys.ca, (file) => openssl(["req", "-x509", ...ecKey(keys.caKey), ...subject, "-out", file]));
  rmSync(keys.tlsCert, { force: true }); // signed by an authority that is gone
}

async function ensureServerCertificate(): Promise<void> {
  if (existsSync(keys.tlsCert)) return;
  const request = join(folder, "server.csr");
  const extensions = join(folder, "server.ext");
  writeFileSync(extensions, `subjectAltName=${serverNames}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n`);
  await openssl(["req", "-new", ...ecKey(keys.tlsKey), "-subj", "/CN=pve-mon.home.arpa", "-out", request]);
  const authority = ["-CA", keys.ca, "-CAkey", keys.caKey, "-CAcreateserial"];
  await makeFile(keys.tlsCert, (file) =>
    openssl(["x509", "-req", "-in", request, ...authority, "-days", years, "-extfile", extensions, "-out", file]),
  );
}

async function ensureSshKey(file: string, comment: string): Promise<void> {
  if (existsSync(`${file}.pub`) && existsSync(file)) return;
  rmSync(file, { force: true });
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file]);
}

function writeTrustBundle(): void {
  const system = systemBundles.find((file) => existsSync(file));
  const trusted = system ? readFileSync(system, "utf8") : "";
  writeFileSync(keys.trustBundle, `${trusted.trimEnd()}\n${readFileSync(keys.ca, "utf8")}`.trimStart());
}

function ecKey(file: string): string[] {
  return [
    "-config",
    opensslSettings,
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    file,
  ];
}

function openssl(args: string[]): Promise<string> {
  return run("openssl", args); // makes key files readable by their owner alone
}

/** An interrupted run leaves no half file under the final name. */
async function makeFile(path: string, make: (temporary: string) => Promise<unknown>): Promise<void> {
  await make(`${path}.new`);
  renameSync(`${path}.new`, path);
}
