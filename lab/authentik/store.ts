import { required } from "../kit/program";
import { Psql, quoted } from "../kit/psql";
import type { Row } from "../kit/rows";
import { DatabaseStore, Saver, type Store } from "../kit/store";
import type { AuthentikObjects } from "./objects";

/** What another process asks the server for: the worker, or a command line in a container. */
export interface Job {
  id: number;
  kind: string;
  detail: Row;
}

const jobs = `CREATE TABLE IF NOT EXISTS homelab_authentik_jobs (
  id bigserial PRIMARY KEY, kind text NOT NULL, detail json NOT NULL, answer json);`;

/** Authentik's database: one row with all objects, and what the processes ask each other for. */
export class Database extends DatabaseStore {
  /** The database that Authentik's settings name. */
  static fromEnvironment(env = process.env): Database {
    const value = (name: string): string => required(`AUTHENTIK_POSTGRESQL__${name}`, env);
    const port = env.AUTHENTIK_POSTGRESQL__PORT ?? "5432";
    const psql = new Psql(value("HOST"), port, value("USER"), value("PASSWORD"), value("NAME"));
    return new Database(psql, "homelab_authentik");
  }

  override async load(): Promise<string | undefined> {
    await this.psql.run(jobs);
    return super.load();
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
