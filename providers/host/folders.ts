/**
 * Where the stack's files are. Every folder below it that has files of the stack in it is root's, with mode 0755; those further
 * up are the machine's own.
 */
export const site = { root: "/srv" };

/** The exit code of a script that something else is in the way of. */
export const misplaced = 20;

const differs = 'right="$(id -u):$(id -g) 755" && found=$(stat -c "%u:%g %a" .) && [ "$found" != "$right" ]';

/** Adds to `wrong` where the folder that a script is in, `at`, is not what it should be. */
export const compareFolder = `if ${differs}; then wrong="\${wrong:+$wrong; }$at is $found, not $right"; fi`;

/** Gives it its owner and mode. With five digits `chmod` takes away special bits too. */
export const mendFolder = `if ${differs}; then chown "\${right% *}" .; chmod 00755 .; fi`;
