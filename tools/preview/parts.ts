/** A part of a text: words that always stay, and entries of which some may have to be left out. */
export interface Section {
  readonly text: string;
  readonly entries?: readonly string[];
  /** The parts with the highest rank lose their entries first. */
  readonly rank?: number;
  /** Between entries; an empty line unless told. */
  readonly separator?: string;
}

/** Puts the parts below `top`, with as many whole entries as `limit` characters have room for. */
export function fit(top: string, parts: readonly Section[], limit: number): string {
  const kept = new Map<Section, number>();
  const all = (): string => render(top, parts, (part) => kept.get(part) ?? 0);
  // What tells of entries left out only gets shorter when there are fewer of them.
  let room = limit - all().length;
  if (room < 0) return `${top}\n\n_All else left out for want of room._`;
  for (const part of [...parts].sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))) {
    for (const entry of part.entries ?? []) {
      room -= entry.length + gap.length;
      if (room < 0) return all();
      kept.set(part, (kept.get(part) ?? 0) + 1);
    }
  }
  return all();
}

const gap = "\n\n";

function render(top: string, parts: readonly Section[], kept: (part: Section) => number): string {
  const blocks = parts.flatMap((part) => {
    const entries = part.entries ?? [];
    const left = entries.length - kept(part);
    return [
      part.text,
      entries.slice(0, kept(part)).join(part.separator ?? gap),
      left > 0 ? `_${left} left out for want of room._` : "",
    ];
  });
  return [top, ...blocks.filter((block) => block !== "")].join(gap);
}
