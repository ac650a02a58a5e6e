/** Says one problem, on one line. */
export type Log = (problem: string) => void;

/** A log that writes none of `secrets`. */
export function logger(secrets: readonly string[], write: (line: string) => void = console.error): Log {
  return (problem) => {
    let line = problem.replace(/\s+/g, " ");
    for (const secret of secrets) if (secret) line = line.replaceAll(secret, "***");
    write(`${new Date().toISOString()} ${line.length > 500 ? `${line.slice(0, 500)}…` : line}`);
  };
}
