import { shellQuote } from "./shell";

/**
 * Where the stack's files are. Every folder below it that has files of the stack in it is root's, with mode 0755; those further
 * up are the machine's own.
 */
export const site = { root: "/srv" };

/** For a script that has entered a folder: what is done where it is one of the stack's that is not what it should be. */
const wrong = (done: string): string =>
  `case $PWD in ${shellQuote(site.root)}/*) ` +
  `right="$(id -u):$(id -g) 755"; found=$(stat -c '%u:%g %a' .); [ "$found" = "$right" ] || ${done} ;; esac`;

/** Prints a line on it. */
export const compareFolder = (): string => wrong('echo "$PWD is $found, not $right"');

/** Gives it its owner and mode. With five digits that takes away special bits too. */
export const mendFolder = (): string => wrong('{ chown "${right% *}" . && chmod 00755 .; }');
