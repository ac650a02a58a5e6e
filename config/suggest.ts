/** How many letters must be added, removed, changed or swapped with their neighbour to make one word of another. */
function distance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const cost = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let i = 1; i <= from.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= to.length; j++) {
      const changed = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const candidates = [cost(i - 1, j) + 1, cost(i, j - 1) + 1, cost(i - 1, j - 1) + changed];
      if (swapped) candidates.push(cost(i - 2, j - 2) + 1);
      rows[i]?.push(Math.min(...candidates));
    }
  }
  return cost(from.length, to.length);
}

/** What to do about a word that is none of the known ones: the one that was meant, else what `otherwise` says. */
export function remedyFor(word: string, known: readonly string[], otherwise: string): string {
  const meant = suggest(word, known);
  return meant === undefined ? otherwise : `did you mean ${meant}? If not, ${otherwise}`;
}

/** The known word that a misspelt one was most likely meant to be; `undefined` where none is close. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}
