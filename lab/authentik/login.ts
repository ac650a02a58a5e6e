import type { IncomingMessage, ServerResponse } from "node:http";

import type { Row } from "../kit/rows";

/** What people and services log in with: flows, OpenID Connect, the outpost, recovery links. */
export interface Login {
  /** Answers what is its own, and says whether it did. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Whose session a browser has. */
  userOf(request: IncomingMessage, response: ServerResponse): Row | undefined;
}
