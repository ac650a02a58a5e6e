import { createReadStream } from "node:fs";
import { request, type RequestOptions } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { digest, size, type Layer } from "./layer";

/** Where to push: `host:port`, and the authority that signed its certificate. */
export interface Registry {
  address: string;
  ca: string;
}

export interface Image {
  /** Repository and tag, without the registry. */
  name: string;
  tag: string;
  /** From the lowest to the uppermost. */
  layers: Layer[];
  /** Entry point, command, user and so on, as an OCI image config names them. */
  config: Record<string, unknown>;
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** What a request sends along. */
interface Body {
  content: Layer;
  type: string;
}

/** Holds the layers that several images share. The images mount them from here, so that one is sent and stored once. */
const sharedLayers = "homelab-lab/layers";

/** Pushes an image and returns its full reference with digest. What the registry already has is not sent again. */
export async function push(registry: Registry, image: Image): Promise<string> {
  const layers = image.layers.map((layer) => ({ digest: digest(layer), size: size(layer) }));
  const config = Buffer.from(JSON.stringify(imageConfig(image, layers)));
  for (const layer of image.layers) await pushLayer(registry, image.name, layer);
  await pushBlob(registry, image.name, config);
  const type = "application/vnd.oci.image";
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: `${type}.manifest.v1+json`,
      config: { mediaType: `${type}.config.v1+json`, digest: digest(config), size: config.length },
      layers: layers.map((layer) => ({ mediaType: `${type}.layer.v1.tar`, ...layer })),
    }),
  );
  const path = `/v2/${image.name}/manifests/${image.tag}`;
  await call(registry, "PUT", path, 201, { content: manifest, type: `${type}.manifest.v1+json` });
  return `${registry.address}/${image.name}:${image.tag}@${digest(manifest)}`;
}

function imageConfig(image: Image, layers: readonly { digest: string }[]): Record<string, unknown> {
  return {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: image.config,
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.digest) },
  };
}

async function pushLayer(registry: Registry, name: string, layer: Layer): Promise<void> {
  if (Buffer.isBuffer(layer)) return pushBlob(registry, name, layer);
  if (await has(registry, name, layer.digest)) return;
  await pushBlob(registry, sharedLayers, layer);
  const query = new URLSearchParams({ mount: layer.digest, from: sharedLayers });
  await call(registry, "POST", `/v2/${name}/blobs/uploads/?${query.toString()}`, 201);
}

async function pushBlob(registry: Registry, name: string, content: Layer): Promise<void> {
  const wanted = digest(content);
  if (await has(registry, name, wanted)) return;
  const begun = await call(registry, "POST", `/v2/${name}/blobs/uploads/`, 202);
  const upload = new URL(String(begun.headers.location), `https://${registry.address}`);
  upload.searchParams.set("digest", wanted);
  await call(registry, "PUT", upload.pathname + upload.search, 201, { content, type: "application/octet-stream" });
}

async function has(registry: Registry, name: string, blob: string): Promise<boolean> {
  return (await send(registry, "HEAD", `/v2/${name}/blobs/${blob}`)).status === 200;
}

async function call(registry: Registry, method: string, path: string, expected: number, body?: Body): Promise<Answer> {
  const answer = await send(registry, method, path, body);
  if (answer.status === expected) return answer;
  throw new Error(
    `The image registry ${registry.address} answered ${method} ${path} with ${answer.status}: ${answer.body}`,
  );
}

function send(registry: Registry, method: string, path: string, body?: Body): Promise<Answer> {
  const headers = {
    "content-length": body ? size(body.content) : 0,
    ...(body && { "content-type": body.type }),
  };
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
    outgoing.on("error", failed);
    pipeline(streamed(body), outgoing).catch(failed);
  });
}

function streamed(body: Body | undefined): Readable {
  if (!body) return Readable.from([]);
  return Buffer.isBuffer(body.content) ? Readable.from([body.content]) : createReadStream(body.content.file);
}
