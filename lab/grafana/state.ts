import { readState, writeState } from "../kit/store";
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
    this.state = (file === undefined ? undefined : readState<State>(file)) ?? { users: [], sessions: {} };
  }

  save(): void {
    if (this.file !== undefined) writeState(this.file, this.state);
  }
}
