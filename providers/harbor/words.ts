import { formatSize, parseSize, type Size } from "../../config/size";
import type { Problems } from "../dynamic/problems";

/** Lower-case letters and digits, with single separators in between: what Harbor takes as a project or robot. */
const harborName = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

export function checkName(field: string, name: string | undefined, problems: Problems): void {
  const passes = (text: string): boolean => harborName.test(text) && text.length <= 255;
  const rule = "lower-case letters and digits, separated by one of . _ - (at most 255)";
  problems.expect(field, name, passes, `Harbor refuses the name {value}; use ${rule}`);
}

/** Six fields with second 0, in UTC. Harbor would refuse it, or run it at another time than meant. */
export function checkCron(field: string, cron: string | undefined, problems: Problems): void {
  const problem = cron === undefined ? undefined : cronProblem(cron);
  if (problem) problems.expect(field, cron, () => false, problem);
}

function cronProblem(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  const example = 'as in "0 30 3 * * *" for 03:30 UTC every day';
  if (fields.length === 5) return `{value} has 5 fields; put the second, 0, in front: "0 ${fields.join(" ")}"`;
  if (fields.length !== 6) return `{value} needs 6 fields, second to day of week, ${example}`;
  if (fields[0] !== "0") return `{value} must have 0 as its first field, the second, ${example}`;
  const bad = fields.find((text, index) => !cronField(text, cronBounds[index] ?? [0, 0]));
  return bad === undefined ? undefined : `{value}: "${bad}" is out of bounds or no cron field; write it ${example}`;
}

const cronBounds: readonly [number, number][] = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
];

function cronField(text: string, [from, to]: readonly [number, number]): boolean {
  return text.split(",").every((part) => {
    if (/^[a-z]{3}(-[a-z]{3})?$/i.test(part)) return to === 12 || to === 6;
    const match = /^(?:\*|\?|(\d+)(?:-(\d+))?)(?:\/([1-9]\d*))?$/.exec(part);
    if (!match) return false;
    const [, first, last] = match;
    return [first, last].every((number) => number === undefined || (Number(number) >= from && Number(number) <= to));
  });
}

/** The longest size Harbor takes as a quota. */
const largestQuota = 1024 * 2 ** 40;

/** A quota in words: `40 GiB`, or `unlimited`. */
export function checkQuota(field: string, quota: string | undefined, problems: Problems): void {
  const passes = (text: string): boolean => {
    const size = quotaBytes(text);
    return size === -1 || (size !== undefined && size > 0 && size <= largestQuota);
  };
  problems.expect(field, quota, passes, '{value} is no quota; write "40 GiB" (at most 1024 TiB) or "unlimited"');
}

/** The bytes of a quota as Harbor counts them, -1 for no limit; `undefined` where the words are none. */
export const quotaBytes = (quota: string): number | undefined => (quota === "unlimited" ? -1 : parseSize(quota));

/** A quota as words, in one form. */
export const quotaWords = (bytes: number): string => (bytes < 0 ? "unlimited" : formatSize(bytes as Size));

/** A length of time in whole days: `365 days`, or `never` for what does not end. */
export function parseDays(words: string): number | undefined {
  if (words === "never") return -1;
  const match = /^([1-9]\d*) days?$/.exec(words);
  return match ? Number(match[1]) : undefined;
}

export const dayWords = (days: number): string => (days < 0 ? "never" : days === 1 ? "1 day" : `${days} days`);
