import { createHash } from "node:crypto";
import { request, type RequestOptions } from "node:https";

/** Where to push: `host:port`, and the authority that signed its certificate. */
export interface Registry {
  address: string;
  ca: string;
}

/** An image of one layer. */
export interface Image {
  /** Repository and tag, without the registry. */
  name: string;
  tag: string;
  /** An uncompressed tar archive. */
  layer: Buffer;
  /** Entry point, command, user and so on, as an OCI image config names them. */
  config: Record<string, unknown>;
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Pushes an image and returns its full reference with digest. What the registry already has is not sent again. */
export async function push(registry: Registry, image: Image): Promise<string> {
  const layer = digest(image.layer);
  const config = Buffer.from(JSON.stringify(imageConfig(image, layer)));
  await pushBlob(registry, image.name, image.layer);
  await pushBlob(registry, image.name, config);
  const type = "application/vnd.oci.image";
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: `${type}.manifest.v1+json`,
      config: { mediaType: `${type}.config.v1+json`, digest: digest(config), size: config.length },
      layers: [{ mediaType: `${type}.layer.v1.tar`, digest: layer, size: image.layer.length }],
    }),
  );
  const path = `/v2/${image.name}/manifests/${image.tag}`;
  await call(registry, "PUT", path, 201, manifest, `${type}.manifest.v1+json`);
  return `${registry.address}/${image.name}:${image.tag}@${digest(manifest)}`;
}

function imageConfig(image: Image, layer: string): Record<string, unknown> {
  return {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: image.config,
    rootfs: { type: "layers", diff_ids: [layer] },
  };
}

async function pushBlob(registry: Registry, name: string, content: Buffer): Promise<void> {
  const known = await send(registry, "HEAD", `/v2/${name}/blobs/${digest(content)}`);
  if (known.status === 200) return;
  const begun = await call(registry, "POST", `/v2/${name}/blobs/uploads/`, 202);
  const upload = new URL(String(begun.headers.location), `https://${registry.address}`);
  upload.searchParams.set("digest", digest(content));
  await call(registry, "PUT", upload.pathname + upload.search, 201, content, "application/octet-stream");
}

async function call(
  registry: Registry,
  method: string,
  path: string,
  expected: number,
  body?: Buffer,
  contentType?: string,
): Promise<Answer> {
  const answer = await send(registry, method, path, body, contentType);
  if (answer.status === expected) return answer;
  throw new Error(`The image registry ${registry.address} answered ${method} ${path} with ${answer.status}: ${answer.body}`);
}

function send(registry: Registry, method: string, path: string, body?: Buffer, contentType?: string): Promise<Answer> {
  const headers = { "content-length": body?.length ?? 0, ...(contentType ? { "content-type": contentType } : {}) };
  const options: RequestOptions = { method, headers, ca: registry.ca, timeout: 60_000 };
  return new Promise((done, failed) => {
    const outgoing = request(new URL(path, `https://${registry.address}`), options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", failed);
      incoming.on("end", () => {
        done({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks).toString() });
      });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer from the image registry ${registry.address}`)));
    outgoing.on("error", failed).end(body);
  });
}

function digest(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
