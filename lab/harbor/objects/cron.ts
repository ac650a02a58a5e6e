import { badRequest, Refusal } from "../rows";

const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const days = "sun mon tue wed thu fri sat".split(" ");

/** The bounds and names of each field, as robfig/cron has them. */
const fields: readonly { from: number; to: number; names?: readonly string[] }[] = [
  { from: 0, to: 59 },
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: ["", ...months] },
  { from: 0, to: 6, names: days },
];

/** Which values of a field are meant, and whether all are, which counts when day of month and day of week meet. */
interface Field {
  values: Set<number>;
  isStar: boolean;
}

/**
 * Refuses what Harbor refuses. Of a date that never comes it looks for the next one for ever, which holds its locks; here
 * that is an error at once.
 */
export function requireCron(cron: unknown): void {
  const texts = typeof cron === "string" ? cron.trim().split(/\s+/) : [];
  if (texts.length !== fields.length)
    throw badRequest(`invalid cron string: expected exactly 6 fields, found ${texts.length}`);
  const parsed = texts.map((text, index) => parseField(text, fields[index] ?? { from: 0, to: 0 }));
  if (texts[0] !== "0") throw badRequest("the 1st field (indicating Seconds of time) of the cron setting must be 0");
  if (!comes(parsed)) throw new Refusal(500, "UNKNOWN", "the date never comes");
}

function parseField(text: string, { from, to, names = [] }: (typeof fields)[number]): Field {
  const values = new Set<number>();
  let isStar = false;
  const numberOf = (word: string): number => {
    const named = names.indexOf(word.toLowerCase());
    if (word !== "" && named >= 0) return named;
    if (/^\d+$/.test(word)) return Number(word);
    throw badRequest(`failed to parse int from ${word}`);
  };
  for (const part of text.split(",").filter((each) => each !== "")) {
    const [range = "", step, ...more] = part.split("/");
    const [first = "", last, ...rest] = range.split("-");
    if (more.length > 0 || rest.length > 0) throw badRequest(`too many hyphens or slashes: ${part}`);
    const all = first === "*" || first === "?";
    const start = all ? from : numberOf(first);
    const end = all || (last === undefined && step !== undefined) ? to : numberOf(last ?? first);
    const each = step === undefined ? 1 : numberOf(step);
    if (start < from || end > to || start > end || each === 0) throw badRequest(`out of range: ${part}`);
    for (let value = start; value <= end; value += each) values.add(value);
    if (all && each === 1) isStar = true;
  }
  return { values, isStar };
}

/** Whether a day of the next years is meant. */
function comes([second, minute, hour, dayOfMonth, month, dayOfWeek]: Field[]): boolean {
  const empty = [second, minute, hour, month].some((field) => field?.values.size === 0);
  for (let day = 0; day < 5 * 366 && !empty; day++) {
    const date = new Date(Date.UTC(2026, 0, 1 + day));
    const ofMonth = dayOfMonth?.values.has(date.getUTCDate()) === true;
    const ofWeek = dayOfWeek?.values.has(date.getUTCDay()) === true;
    const either = dayOfMonth?.isStar || dayOfWeek?.isStar ? ofMonth && ofWeek : ofMonth || ofWeek;
    if (month?.values.has(date.getUTCMonth() + 1) && either) return true;
  }
  return false;
}
