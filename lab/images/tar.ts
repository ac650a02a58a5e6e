/** One entry of an archive. Everything not given is the same in each archive, so that equal content gives equal bytes. */
export interface TarEntry {
  path: string;
  mode: number;
  owner?: number;
  /** A file's content; without it and without `link` the entry is a folder. */
  content?: Buffer;
  /** Target of a symbolic link. */
  link?: string;
}

const block = 512;

/** A tar archive (ustar) with the entries in the given order. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => [header(entry), padded(entry.content ?? Buffer.alloc(0))]);
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header(entry: TarEntry): Buffer {
  if (Buffer.byteLength(entry.path) > 99) throw new Error(`"${entry.path}" is too long for a tar archive of this kind`);
  const bytes = Buffer.alloc(block);
  const octal = (value: number, offset: number, length: number): void => {
    bytes.write(value.toString(8).padStart(length - 1, "0"), offset, "ascii");
  };
  bytes.write(entry.path, 0);
  octal(entry.mode, 100, 8);
  octal(entry.owner ?? 0, 108, 8);
  octal(entry.owner ?? 0, 116, 8);
  octal(entry.content?.length ?? 0, 124, 12);
  octal(0, 136, 12);
  bytes.fill(" ", 148, 156);
  bytes.write(entry.content ? "0" : entry.link ? "2" : "5", 156);
  bytes.write(entry.link ?? "", 157);
  bytes.write("ustar\u000000", 257, "latin1");
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return bytes;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((block - (content.length % block)) % block)]);
}
