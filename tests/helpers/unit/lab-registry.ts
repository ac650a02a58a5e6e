import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Registry } from "../../../lab/images/registry";

/** An image registry as far as a push needs one: it keeps what it is sent, refuses what has another digest, and mounts. */
export interface PushedRegistry extends Registry {
  /** Digests each repository has. */
  blobs: Map<string, Set<string>>;
  /** Manifests by `repository:tag`. */
  manifests: Map<string, { layers: { digest: string; size: number }[]; config: { digest: string } }>;
  content: Map<string, Buffer>;
  /** Digests in the order in which they were sent. */
  sent: string[];
  close(): void;
}

export async function pushedRegistry(): Promise<PushedRegistry> {
  const { key, cert } = certificate();
  const blobs: PushedRegistry["blobs"] = new Map();
  const manifests: PushedRegistry["manifests"] = new Map();
  const content: PushedRegistry["content"] = new Map();
  const sent: string[] = [];
  const of = (repository: string): Set<string> => {
    if (!blobs.has(repository)) blobs.set(repository, new Set());
    return blobs.get(repository) ?? new Set();
  };
  const answer = (method: string, url: URL, body: Buffer): { status: number; location?: string } => {
    const [, repository = "", kind = "", rest = ""] = /^\/v2\/(.+)\/(blobs|manifests)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "manifests") {
      manifests.set(`${repository}:${rest}`, JSON.parse(body.toString()) as never);
      return { status: 201 };
    }
    if (method === "HEAD") return { status: of(repository).has(rest) ? 200 : 404 };
    const { mount, from, digest } = Object.fromEntries(url.searchParams);
    if (method === "POST" && mount !== undefined) {
      if (!of(from ?? "").has(mount)) return { status: 202 };
      of(repository).add(mount);
      return { status: 201 };
    }
    if (method === "POST") return { status: 202, location: `/v2/${repository}/blobs/uploads/1?state=a` };
    const real = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (digest !== real || url.searchParams.get("state") !== "a") return { status: 400 };
    of(repository).add(real);
    content.set(real, body);
    sent.push(real);
    return { status: 201 };
  };
  const server = createServer({ key, cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "https://registry");
      const { status, location } = answer(request.method ?? "", url, Buffer.concat(chunks));
      response.writeHead(status, location === undefined ? {} : { location }).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { address, ca: cert, blobs, manifests, content, sent, close };
}

function certificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "homelab-registry-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
  const name = ["-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", ...kind, ...name, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const made = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  rmSync(folder, { recursive: true });
  return made;
}
