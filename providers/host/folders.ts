import { shellQuote } from "./shell";

/**
 * Where the stack's files are. Every folder below it that has files of the stack in it is root's, with mode 0755; those further
 * up are the machine's own.
 */
export const site = { root: "/srv" };

/** The exit code of a script that something else is in the way of. */
export const misplaced = 20;

const foldersAbove = (path: string): string[] => {
  const names = path.split("/").slice(1, -1);
  return names.map((_name, index) => `/${names.slice(0, index + 1).join("/")}`);
};

const words = (paths: readonly string[]): string => paths.map(shellQuote).join(" ");

const siteFolders = (path: string): string =>
  words(foldersAbove(path).filter((folder) => folder.startsWith(`${site.root}/`)));

/** Prints a line on each folder of the stack above a file that is not what it should be: a link is none. */
export const compareFoldersAbove = (path: string): string =>
  [
    `right="$(id -u):$(id -g) 755 directory"`,
    `for folder in ${siteFolders(path)}; do`,
    `  found=$(LC_ALL=C stat -c '%u:%g %a %F' -- "$folder")`,
    `  [ "$found" = "$right" ] || echo "$folder is $found, not $right"`,
    "done",
  ].join("\n");

/** Makes the folders above a path that are missing; `$made` is the uppermost of them. What is in the way stays. */
export const makeFoldersAbove = (path: string): string =>
  [
    `misplaced() { echo "$1" >&2; exit ${misplaced}; }`,
    "made=",
    `for folder in ${words(foldersAbove(path))}; do`,
    `  if mkdir -m 0755 -- "$folder" 2>/dev/null; then made=\${made:-$folder}`,
    `  elif [ ! -d "$folder" ]; then`,
    `    if [ -e "$folder" ] || [ -L "$folder" ]; then misplaced "$folder is no folder"; fi`,
    `    mkdir -m 0755 -- "$folder"`,
    "  fi",
    "done",
  ].join("\n");

/** Gives the stack's folders above a file their owner and mode; for after {@link makeFoldersAbove}. */
export const mendFoldersAbove = (path: string): string =>
  [
    "own=$(id -u):$(id -g)",
    `for folder in ${siteFolders(path)}; do`,
    `  if [ -L "$folder" ]; then misplaced "$folder is a link, where a folder belongs"; fi`,
    `  [ "$(stat -c '%u:%g %a' -- "$folder")" = "$own 755" ] || {`,
    // With five digits it takes away special bits too.
    `    chown "$own" "$folder"; chmod 00755 "$folder"`,
    "  }",
    "done",
  ].join("\n");
