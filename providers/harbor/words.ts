import { cronProblem } from "../../config/cron";
import { harborName, harborNameRule } from "./names";
import { formatSize, parseSize, type Size } from "../../config/size";
import type { Problems } from "../dynamic/problems";

export function checkName(field: string, name: string | undefined, problems: Problems): void {
  const passes = (text: string): boolean => harborName.test(text) && text.length <= 255;
  problems.expect(field, name, passes, `Harbor refuses the name {value}; use ${harborNameRule} (at most 255)`);
}

/** Six fields with second 0, in UTC. Harbor would refuse it, or run it at another time than meant. */
export function checkCron(field: string, cron: string | undefined, problems: Problems): void {
  const problem = cron === undefined ? undefined : cronProblem(cron);
  if (problem) problems.expect(field, cron, () => false, problem);
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
