import type { Problems } from "../dynamic/problems";
import { checkText } from "./text-checks";

const part = /^(microseconds|milliseconds|seconds|minutes|hours|days|weeks)=\d+$/;

/** A length of time as Authentik writes it: `hours=1`, or `hours=1;minutes=30`. */
export function checkDuration(field: string, words: string | undefined, problems: Problems): void {
  const passes = (text: string): boolean => text.split(";").every((each) => part.test(each));
  problems.expect(field, words, passes, '{value} is no time; write "hours=1", or "hours=1;minutes=30"');
}

/** A name that is none of those that Authentik's blueprints give. */
export function checkOwnName(field: string, name: string | undefined, problems: Problems): void {
  checkText(field, name, problems);
  problems.expect(
    field,
    name,
    (text) => !/^(stage-)?default-|^initial-setup$/.test(text),
    "{value} is Authentik's own, and each of its upgrades sets that back; choose another name",
  );
}

/**
 * Slugs that no application may have: below `/application/o/` they are addresses that all applications share. Source:
 * `Application.reserved_slugs` in authentik/core/models.py.
 */
export const reservedSlugs: readonly string[] = ["authorize", "token", "device", "userinfo", "introspect", "revoke"];
