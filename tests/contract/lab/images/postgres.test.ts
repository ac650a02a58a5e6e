import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { projectRoot } from "../../../../tools/versions";
import { end, findPostgres } from "../../../helpers/contract/lab-harbor-programs";
import { canRun, eventually, freePorts } from "../../../helpers/contract/programs";

const bin = findPostgres();
const entryScript = resolve(projectRoot, "lab/images/postgres/docker-entrypoint.sh");
const postgresTest = canRun("PostgreSQL", bin !== undefined) ? test : test.skip;

jest.setTimeout(60_000);

let home: string;
let pgdata: string;
let port: number;
let env: Record<string, string>;
let user: { uid?: number; gid?: number };
const running: ChildProcess[] = [];
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "homelab-postgres-"));
  chmodSync(home, 0o755);
  const volume = join(home, "volume");
  mkdirSync(volume);
  // PostgreSQL refuses root.
  const idOf = (option: string): number => Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }));
  user = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};
  if (user.uid !== undefined && user.gid !== undefined) chownSync(volume, user.uid, user.gid);
  pgdata = join(volume, "pgdata");
  [port = 0] = await freePorts(1);
  writeFileSync(join(home, "password"), "Database-Password-1\n");
  env = {
    PATH: `${bin}:${process.env.PATH}`,
    PGDATA: pgdata,
    POSTGRES_USER: "authentik",
    POSTGRES_DB: 'auth"entik',
    POSTGRES_PASSWORD_FILE: join(home, "password"),
  };
});
afterEach(async () => {
  for (const child of running.splice(0)) await end(child, "SIGINT");
  rmSync(home, { recursive: true });
});

function start(): ChildProcess {
  const options = ["-p", String(port), "-c", "unix_socket_directories="];
  const child = spawn("sh", [entryScript, ...options], { ...user, env, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
  running.push(child);
  return child;
}

function query(sql: string): string {
  const login = ["-h", "127.0.0.1", "-p", String(port), "-U", "authentik", "-d", 'auth"entik'];
  return execFileSync("psql", [...login, "-Atc", sql], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}
const answer = (sql: string): Promise<string> => eventually(async () => query(sql));

postgresTest(
  "the first start makes the user with its password and the database; a later start keeps them",
  async () => {
    const first = start();
    expect(await answer("SELECT rolsuper, rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolcanlogin")).toBe(
      "t|t",
    );
    expect(query("SHOW server_encoding")).toBe("UTF8");
    expect(query("SHOW listen_addresses")).toBe("*");
    query("CREATE TABLE kept (id int)");
    expect(readFileSync(join(pgdata, "pg_hba.conf"), "utf8").trim().split("\n").pop()).toBe(
      "host all all all scram-sha-256",
    );
    expect((await end(first, "SIGINT")).code).toBe(0);

    rmSync(join(home, "password"));
    start();
    expect(await answer("SELECT count(*) FROM kept")).toBe("0");
  },
);

postgresTest("a first start that was interrupted begins anew", async () => {
  mkdirSync(`${pgdata}.new`);
  writeFileSync(join(`${pgdata}.new`, "PG_VERSION"), "17\n");
  mkdirSync(pgdata);
  for (const path of [pgdata, `${pgdata}.new`, join(`${pgdata}.new`, "PG_VERSION")])
    if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid);
  start();
  expect(await answer("SELECT 1")).toBe("1");
  expect(existsSync(`${pgdata}.new`)).toBe(false);
});

postgresTest("a folder with something else in it is left alone", async () => {
  mkdirSync(pgdata);
  writeFileSync(join(pgdata, "photos"), "");
  const child = start();
  const code = await new Promise((done) => child.once("exit", done));
  expect(code).not.toBe(0);
  expect(existsSync(join(pgdata, "photos"))).toBe(true);
});

postgresTest("without the password's file it says so and makes nothing", async () => {
  delete env.POSTGRES_PASSWORD_FILE;
  const child = start();
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  expect(await new Promise((done) => child.once("close", done))).not.toBe(0);
  expect(said).toContain("POSTGRES_PASSWORD_FILE: names the file with the password of the database user");
  expect(existsSync(pgdata)).toBe(false);
});
