declare const bytes: unique symbol;

/** An amount of memory or disk in bytes. Written in config as words: `6 GiB`, `256 MiB`. */
export type Size = number & { readonly [bytes]: true };

const factors = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** Reads `6 GiB`, `4.5GiB`, `256 MiB`; `undefined` where the text is no size or no whole number of bytes. */
export function parseSize(text: string): Size | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(KiB|MiB|GiB|TiB)$/.exec(text.trim());
  if (!match) return undefined;
  const size = Number(match[1]) * factors[match[2] as keyof typeof factors];
  return Number.isSafeInteger(size) ? (size as Size) : undefined;
}

/** `mib(256)` is 256 MiB. */
export const mib = (count: number): Size => (count * factors.MiB) as Size;

/** `gib(6)` is 6 GiB. */
export const gib = (count: number): Size => (count * factors.GiB) as Size;

/** The size in MiB: what Proxmox and Docker call a VM's or a container's memory. */
export const toMiB = (size: Size): number => size / factors.MiB;

/** The size in GiB: what Proxmox calls a disk's size. */
export const toGiB = (size: Size): number => size / factors.GiB;

/** The sum of sizes. */
export const sumSizes = (sizes: readonly Size[]): Size => sizes.reduce<number>((sum, size) => sum + size, 0) as Size;

/** The size as words, in the largest unit that needs at most one decimal: `22.5 GiB`, `256 MiB`. */
export function formatSize(size: Size): string {
  const units = (["TiB", "GiB", "MiB", "KiB"] as const).filter((unit) => size >= factors[unit]);
  const unit = units.find((candidate) => Number.isInteger((size / factors[candidate]) * 10));
  return unit ? `${size / factors[unit]} ${unit}` : `${size} bytes`;
}

/** The size to one decimal of its largest unit, for a reader: `3.1 GiB`, `-512 MiB`. */
export function roundSize(size: Size): string {
  const units = (["TiB", "GiB", "MiB", "KiB"] as const).filter((unit) => Math.abs(size) >= factors[unit]);
  const unit = units[0];
  return unit ? `${Math.round((size / factors[unit]) * 10) / 10} ${unit}` : `${size} bytes`;
}
