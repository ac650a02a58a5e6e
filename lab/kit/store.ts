import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { type Psql, quoted } from "./psql";

/** Where one document is kept. */
export interface Store {
  load(): Promise<string | undefined>;
  save(text: string): Promise<void>;
  /** Fails where it cannot be reached. */
  ping(): Promise<unknown>;
}

/** For tests. */
export class MemoryStore implements Store {
  text?: string;
  saves = 0;

  async load(): Promise<string | undefined> {
    return this.text;
  }

  async save(text: string): Promise<void> {
    this.saves++;
    this.text = text;
  }

  async ping(): Promise<void> {}
}

/** The one row of a table of a product's database. */
export class DatabaseStore implements Store {
  constructor(
    protected readonly psql: Psql,
    private readonly table: string,
  ) {}

  async load(): Promise<string | undefined> {
    await this.psql.run(`CREATE TABLE IF NOT EXISTS ${this.table} (id integer PRIMARY KEY, document json NOT NULL);`);
    return this.read();
  }

  /** As `load`, where the table must be there. */
  async read(): Promise<string | undefined> {
    return (await this.psql.run(`SELECT document FROM ${this.table} WHERE id = 1;`)) || undefined;
  }

  async save(text: string): Promise<void> {
    await this.psql.run(
      `INSERT INTO ${this.table} VALUES (1, ${quoted(text)}) ON CONFLICT (id) DO UPDATE SET document = EXCLUDED.document;`,
    );
  }

  ping(): Promise<string> {
    return this.psql.run("SELECT 1;", 4);
  }
}

/** Saves one time after the other. Changes made during one are saved together by the next. */
export class Saver {
  private running?: Promise<void>;
  private waiting?: Promise<void>;

  constructor(
    private readonly store: Store,
    private readonly snapshot: () => string,
  ) {}

  /** Resolves when everything that was changed before the call is saved. */
  save(): Promise<void> {
    if (!this.running) {
      this.running = this.store.save(this.snapshot()).finally(() => (this.running = undefined));
      return this.running;
    }
    this.waiting ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.waiting = undefined;
        return this.save();
      });
    return this.waiting;
  }
}

/** What is in a state file, which is JSON; nothing where there is no such file. */
export function readState<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The state ${file} cannot be read (${reason}). Delete it to start with an empty one.`);
  }
}

/** Writes a state file, for its owner alone; it is either the old state or the new one, never half of it. */
export function writeState(file: string, state: object): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
