import type { Row } from "../../kit/rows";

/** What the stages of one run of a flow know of each other. */
export interface Context {
  /** The `pk` of who is logging in. */
  pendingUser?: number;
  /** What was entered, where nobody has that name. */
  pretended?: string;
  /** Entered in prompts, by their key. */
  prompted: Row;
  /** The flow was started by a link that was made for one person. */
  isRestored: boolean;
  /** The score that the person had when asked for the password. */
  scoreBefore?: number;
  /** The second factors that were used. */
  devices: Row[];
  /** The secret of a second factor that is being set up, base32. */
  newSecret?: string;
}
