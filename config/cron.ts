/**
 * What is wrong with a schedule, `undefined` where nothing is: six fields with second 0, in UTC. `{value}` stands for the
 * schedule. Harbor would refuse a wrong one, or run it at another time than meant; of a date that never comes it looks for
 * the next one for ever, and answers nothing until it is started anew.
 */
export function cronProblem(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  const example = 'as in "0 30 3 * * *" for 03:30 UTC every day';
  if (fields.length === 5) return `{value} has 5 fields; put the second, 0, in front: "0 ${fields.join(" ")}"`;
  if (fields.length !== 6) return `{value} needs 6 fields, second to day of week, ${example}`;
  if (fields[0] !== "0") return `{value} must have 0 as its first field, the second, ${example}`;
  const values = fields.map((text, index) => valuesOf(text, bounds[index] ?? { from: 0, to: 0 }));
  const bad = values.indexOf(undefined);
  if (bad >= 0) return `{value}: "${fields[bad]}" is out of bounds or no cron field; write it ${example}`;
  const [, , , days = [], months = []] = values as number[][];
  if (comes(days, months, fields)) return undefined;
  return `{value} never comes: month ${fields[4]} has no day ${fields[3]}; choose a day that there is, ${example}`;
}

interface Bounds {
  readonly from: number;
  readonly to: number;
  /** Words for the numbers, the first for `from`. */
  readonly names?: readonly string[];
}

const bounds: readonly Bounds[] = [
  { from: 0, to: 59 },
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" ") },
  { from: 0, to: 6, names: "sun mon tue wed thu fri sat".split(" ") },
];

/** The numbers that a field stands for; `undefined` where it is no field. */
function valuesOf(text: string, { from, to, names = [] }: Bounds): number[] | undefined {
  const values: number[] = [];
  for (const part of text.split(",")) {
    const [, all, first = "", last, step] = /^(?:([*?])|(\w+)(?:-(\w+))?)(?:\/([1-9]\d*))?$/.exec(part) ?? [];
    const numberOf = (word: string): number => {
      const index = names.indexOf(word.toLowerCase());
      return index >= 0 ? from + index : /^\d+$/.test(word) ? Number(word) : NaN;
    };
    const start = all ? from : numberOf(first);
    // With a step, a single number is where it starts.
    const end = all || (step && last === undefined) ? to : numberOf(last ?? first);
    if (!(start >= from && start <= end && end <= to)) return undefined;
    for (let value = start; value <= end; value += Number(step ?? 1)) values.push(value);
  }
  return values;
}

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A day of week that is given besides counts instead of the day of month, so that one of both always comes. */
function comes(days: readonly number[], months: readonly number[], [, , , day = "", , week = ""]: string[]): boolean {
  if (![day, week].some(isAny)) return true;
  return months.some((month) => days.some((each) => each <= (longestMonths[month - 1] ?? 0)));
}

/** Whether a field has all values, and so does not choose. A step chooses. */
const isAny = (field: string): boolean => field.split(",").some((part) => /^[*?](?:\/1)?$/.test(part));
