/**
 * What is wrong with a schedule, `undefined` where nothing is: six fields with second 0, in UTC. `{value}` stands for the
 * schedule. Harbor would refuse a wrong one, or run it at another time than meant.
 */
export function cronProblem(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  const example = 'as in "0 30 3 * * *" for 03:30 UTC every day';
  if (fields.length === 5) return `{value} has 5 fields; put the second, 0, in front: "0 ${fields.join(" ")}"`;
  if (fields.length !== 6) return `{value} needs 6 fields, second to day of week, ${example}`;
  if (fields[0] !== "0") return `{value} must have 0 as its first field, the second, ${example}`;
  const bad = fields.find((text, index) => !isField(text, bounds[index] ?? [0, 0]));
  return bad === undefined ? undefined : `{value}: "${bad}" is out of bounds or no cron field; write it ${example}`;
}

const bounds: readonly [number, number][] = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
];

function isField(text: string, [from, to]: readonly [number, number]): boolean {
  return text.split(",").every((part) => {
    if (/^[a-z]{3}(-[a-z]{3})?$/i.test(part)) return to === 12 || to === 6;
    const match = /^(?:\*|\?|(\d+)(?:-(\d+))?)(?:\/([1-9]\d*))?$/.exec(part);
    if (!match) return false;
    const [, first, last] = match;
    return [first, last].every((number) => number === undefined || (Number(number) >= from && Number(number) <= to));
  });
}
