import { randomBytes } from "node:crypto";

import { required } from "../harbor/common/http";
import { Psql } from "../harbor/common/psql";
import { Saver, type Store } from "../harbor/core/store";
import type { AuthentikObjects } from "./objects";
import type { Row } from "./rows";

/** What another process asks the server for: the worker, or a command line in a container. */
export interface Job {
  id: number;
  kind: string;
  detail: Row;
}

/** Text in SQL, in quotes that nobody who names something can know. */
function quoted(text: string): string {
  const quote = `$q${randomBytes(8).toString("hex")}$`;
  return `${quote}${text}${quote}`;
}

const tables = `
CREATE TABLE IF NOT EXISTS homelab_authentik (id integer PRIMARY KEY, document json NOT NULL);
CREATE TABLE IF NOT EXISTS homelab_authentik_jobs (
  id bigserial PRIMARY KEY, kind text NOT NULL, detail json NOT NULL, answer json);
`;

/** Authentik's database: one row with all objects, and what the processes ask each other for. */
export class Database implements Store {
  constructor(private readonly psql: Psql) {}

  /** The database that Authentik's settings name. */
  static fromEnvironment(env = process.env): Database {
    const value = (name: string): string => required(`AUTHENTIK_POSTGRESQL__${name}`, env);
    const port = env.AUTHENTIK_POSTGRESQL__PORT ?? "5432";
    return new Database(new Psql(value("HOST"), port, value("USER"), value("PASSWORD"), value("NAME")));
  }

  /** Makes the tables where they are missing. */
  async load(): Promise<string | undefined> {
    await this.psql.run(tables);
    return (await this.psql.run("SELECT document FROM homelab_authentik WHERE id = 1;")) || undefined;
  }

  async save(text: string): Promise<void> {
    await this.psql.run(
      `INSERT INTO homelab_authentik VALUES (1, ${quoted(text)})
       ON CONFLICT (id) DO UPDATE SET document = EXCLUDED.document;`,
    );
  }

  ping(): Promise<string> {
    return this.psql.run("SELECT 1;", 4);
  }

  /** Fails where the server has never been there. */
  async submit(kind: string, detail: Row = {}): Promise<number> {
    const values = `${quoted(kind)}, ${quoted(JSON.stringify(detail))}`;
    const sql = `INSERT INTO homelab_authentik_jobs (kind, detail) VALUES (${values}) RETURNING id;`;
    return Number(await this.psql.run(sql));
  }

  /** What the server answered; nothing while it has not. */
  async answerOf(id: number): Promise<Row | undefined> {
    const text = await this.psql.run(`SELECT answer FROM homelab_authentik_jobs WHERE id = ${id};`);
    return text ? (JSON.parse(text) as Row) : undefined;
  }

  async waiting(): Promise<Job[]> {
    const rows = "SELECT id, kind, detail FROM homelab_authentik_jobs WHERE answer IS NULL ORDER BY id";
    const text = await this.psql.run(`SELECT coalesce(json_agg(job), '[]') FROM (${rows}) AS job;`);
    return JSON.parse(text) as Job[];
  }

  async answer(id: number, answer: Row): Promise<void> {
    await this.psql.run(
      `UPDATE homelab_authentik_jobs SET answer = ${quoted(JSON.stringify(answer))} WHERE id = ${id};`,
    );
  }
}

/** How long changes are gathered before they are saved. A process that is killed in that time loses them. */
const gathering = 300;

/** Saves the objects a moment after they change, and only where they did. */
export class Keeper {
  private readonly saver: Saver;
  private timer?: NodeJS.Timeout;

  constructor(store: Store, objects: AuthentikObjects) {
    this.saver = new Saver(store, () => JSON.stringify(objects));
    objects.changed = () => this.later();
  }

  /** Saves what is not saved yet. */
  async flush(): Promise<void> {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.saver.save();
  }

  private later(): void {
    this.timer ??= setTimeout(() => {
      void this.flush().catch((error: unknown) => {
        console.error(String(error));
        this.later();
      });
    }, gathering);
    this.timer.unref();
  }
}
