import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";

/** A layer of an image, an uncompressed tar archive: in memory, or a file. */
export type Layer = Buffer | LayerFile;

/** A layer that several images stand on. */
export interface LayerFile {
  file: string;
  digest: string;
  size: number;
}

/** A layer from a file that never changes. Its digest is kept beside it. */
export async function layerFile(file: string): Promise<LayerFile> {
  const note = `${file}.sha256`;
  if (!existsSync(note)) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    writeFileSync(note, `sha256:${hash.digest("hex")}\n`);
  }
  return { file, digest: readFileSync(note, "utf8").trim(), size: statSync(file).size };
}

export function digest(layer: Layer): string {
  return Buffer.isBuffer(layer) ? `sha256:${createHash("sha256").update(layer).digest("hex")}` : layer.digest;
}

/** In bytes. */
export function size(layer: Layer): number {
  return Buffer.isBuffer(layer) ? layer.length : layer.size;
}
