import { randomBytes } from "node:crypto";

import { keep, type Row } from "../../kit/rows";
import type { AuthentikObjects } from "../objects";

/** How long an ended token stays, in milliseconds: Authentik's worker purges every five minutes. */
const purging = 300_000;

/** What a link stands for. */
export interface LinkToken {
  readonly identifier: string;
  /** `recovery`: the link logs in at once. `verification`: it starts the flow. */
  readonly intent: "recovery" | "verification";
  /** A user's `pk`. */
  readonly user: number;
  readonly expires: string;
  /** Slug of the flow that it starts. */
  readonly flow?: string;
}

/**
 * Makes the token behind a link, and gives its key. One of that name that is good is made good for longer, with the key it
 * has. One that has ended and was not purged is in the way: an error of the server, as in Authentik.
 */
export function linkToken(objects: AuthentikObjects, { identifier, ...fields }: LinkToken): string {
  const { tokenKeys } = objects.hidden;
  purge(objects);
  const there = objects.by("tokens", "identifier", identifier);
  if (there && there.expires <= objects.now()) {
    throw new Error(`duplicate key value violates unique constraint: (identifier)=(${identifier}) already exists`);
  }
  if (there) Object.assign(there, fields);
  else objects.insert("tokens", { identifier, ...fields, expiring: true, managed: null, description: "" });
  objects.changed();
  return (tokenKeys[identifier] = (there && tokenKeys[identifier]) ?? randomBytes(30).toString("hex"));
}

/** The token that a link has the key of, which is used up here. */
export function takeLinkToken(
  objects: AuthentikObjects,
  key: string,
  { intent, flow }: Pick<LinkToken, "intent" | "flow">,
): Row | undefined {
  const { tokenKeys } = objects.hidden;
  const token = objects.tokens.find(({ identifier }) => tokenKeys[identifier] === key);
  if (token?.intent !== intent || token.flow !== flow || token.expires <= objects.now()) return undefined;
  keep(objects.tokens, (row) => row !== token);
  delete tokenKeys[token.identifier];
  objects.changed();
  return token;
}

/** A token of the API that has ended gets another key in place of being deleted. */
function purge(objects: AuthentikObjects): void {
  const purged = objects.now(-purging);
  keep(objects.tokens, ({ intent, expiring, expires }) => intent === "api" || expiring !== true || expires > purged);
}
