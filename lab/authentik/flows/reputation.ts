import { keep, type Row } from "../../kit/rows";
import type { AuthentikObjects } from "../objects";

/** Who does something, as policies see it. A name that is nobody's has no user. */
export interface Who {
  readonly user?: Row;
  readonly username: string;
  readonly ip: string;
}

/** When Authentik's worker purges, in milliseconds: five minutes apart, the first time two minutes past the hour. */
const purging = { every: 300_000, offset: 120_000 };

/** Removes the rows that had ended when the worker last purged. */
export function purge(objects: AuthentikObjects): void {
  const { every, offset } = purging;
  const sinceLast = (objects.clock() - offset) % every;
  const purged = objects.now(-sinceLast);
  keep(objects.reputation, ({ expires }) => !expires || expires > purged);
}

/**
 * Changes the score of a name at an address. A row ends some time after it was made, whatever comes later. From then until it
 * is purged, failures go on being written to it, and reputation policies do not see it.
 */
export function score(objects: AuthentikObjects, { username, ip }: Who, amount: number): void {
  const { reputation_lower_limit: lowest = -5, reputation_upper_limit: highest = 5 } = objects.settings;
  purge(objects);
  const seconds = Number(process.env.AUTHENTIK_REPUTATION__EXPIRY || 86_400);
  const row =
    objects.reputation.find((each) => each.identifier === username && each.ip === ip) ??
    objects.insert("reputation", {
      identifier: username,
      ip,
      ip_geo_data: {},
      ip_asn_data: {},
      score: 0,
      created: objects.now(),
      expires: objects.now(seconds * 1000),
    });
  row.score = Math.min(Math.max(row.score + amount, lowest), highest);
  row.updated = objects.now();
}

/** The score of a name, of an address, or of what is either. */
export function total(objects: AuthentikObjects, who: Who, by: { username: boolean; ip: boolean }): number {
  const now = objects.now();
  return objects.reputation
    .filter(({ expires }) => expires > now)
    .filter(({ identifier, ip }) => (by.username && identifier === who.username) || (by.ip && ip === who.ip))
    .reduce((sum, row) => sum + Number(row.score), 0);
}

/** The score of a name, rows included that have ended and are not purged yet. */
export function unpurged(objects: AuthentikObjects, username: string): number {
  purge(objects);
  const rows = objects.reputation.filter(({ identifier }) => identifier === username);
  return rows.reduce((sum, row) => sum + Number(row.score), 0);
}

/** What a failed password or second factor leaves behind. */
export function failed(objects: AuthentikObjects, who: Who, stage: Row, more: Row = {}): void {
  score(objects, who, -1);
  objects.record("login_failed", who.user, { username: who.username, stage: named(stage), ...more }, who.ip);
  objects.changed();
}

/** A reference to an object, as events have it. */
export const named = ({ pk, name }: Row): Row => ({ pk: String(pk).replaceAll("-", ""), name });
