import { copyFileSync, existsSync, readFileSync } from "node:fs";

/**
 * Puts back the state that was before the last one where an update that was killed left that unreadable: Pulumi keeps it
 * beside the state. Says whether it did.
 */
export function restoreState(file: string): boolean {
  if (!existsSync(file) || isWhole(file)) return false;
  const before = `${file}.bak`;
  if (!existsSync(before) || !isWhole(before)) return false;
  copyFileSync(before, file);
  return true;
}

function isWhole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}
