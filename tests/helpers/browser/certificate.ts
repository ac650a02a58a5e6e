import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const curve = (name: string): string[] => ["ec", "-pkeyopt", `ec_paramgen_curve:${name}`];
const algorithms = {
  ec: curve("P-256"),
  ec384: curve("P-384"),
  ec521: curve("P-521"),
  ed25519: ["ed25519"],
  rsa: ["rsa:2048"],
};

/** A new key and a certificate for a DNS name that it signed itself, PEM, good for a day. */
export function selfSigned(name: string, algorithm: keyof typeof algorithms): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "homelab-certificate-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const request = ["req", "-x509", "-newkey", ...algorithms[algorithm], "-nodes", "-days", "1", "-subj", "/CN=test"];
  const output = ["-addext", `subjectAltName=DNS:${name}`, "-keyout", key, "-out", cert];
  try {
    execFileSync("openssl", [...request, ...output], { stdio: "ignore" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
