import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";

/** PostgreSQL, through its own command line program. */
export class Psql {
  constructor(
    private readonly host: string,
    private readonly port: string,
    private readonly user: string,
    private readonly password: string,
    private readonly database: string,
  ) {}

  /** Runs SQL, and returns what it selects: no headers, one row a line. */
  async run(sql: string, seconds = 30): Promise<string> {
    const { host, port, user, database } = this;
    const args = ["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-f", "-"];
    const child = spawn("psql", [...args, "-h", host, "-p", port, "-U", user, "-d", database], {
      env: { PATH: process.env.PATH, PGPASSWORD: this.password, PGCONNECT_TIMEOUT: "3" },
      timeout: seconds * 1000,
    });
    let [output, complaint] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
    child.stdin.on("error", () => undefined);
    child.stdin.end(sql);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("close", resolve);
    });
    if (code !== 0) throw new Error(`psql: ${complaint.trim() || `ended with ${code}`}`);
    return output.trimEnd();
  }
}

/** Text in SQL, in quotes that nobody who names something can know. */
export function quoted(text: string): string {
  const quote = `$q${randomBytes(8).toString("hex")}$`;
  return `${quote}${text}${quote}`;
}
