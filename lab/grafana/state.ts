import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import type { Settings } from "./sso-settings";

/** Somebody who has logged in. */
export interface User {
  readonly id: number;
  login: string;
  email: string;
  name: string;
  role: string;
  isGrafanaAdmin: boolean;
  /** The provider's `sub`, for users who came from there. */
  readonly subject?: string;
}

/** All that the stand-in keeps. */
export interface State {
  ssoSettings?: Settings;
  users: User[];
  /** Users by the value of their session's cookie. */
  sessions: Record<string, number>;
}

/** The state in a file, secrets in clear; without a file in memory. */
export class StateStore {
  readonly state: State;

  constructor(private readonly file?: string) {
    this.state = load(file) ?? { users: [], sessions: {} };
  }

  save(): void {
    if (this.file === undefined) return;
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.file}.new`, JSON.stringify(this.state), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}

function load(file: string | undefined): State | undefined {
  try {
    return file === undefined ? undefined : (JSON.parse(readFileSync(file, "utf8")) as State);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
