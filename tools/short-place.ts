import { tmpdir } from "node:os";

/** The path of a socket may have so many bytes on macOS, and four more on Linux. */
const longestPath = 103;

/** The folder of temporary files, or where that has too long a path for a socket this far below it (TMPDIR), the computer's. */
export function placeForSocket(below: string): string {
  return Buffer.byteLength(`${tmpdir()}/${below}`) <= longestPath ? tmpdir() : "/tmp";
}
