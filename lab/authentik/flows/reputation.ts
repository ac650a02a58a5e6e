import type { AuthentikObjects } from "../objects";
import { keep, type Row } from "../rows";

/** Who does something, as policies see it. A name that is nobody's has no user. */
export interface Who {
  readonly user?: Row;
  readonly username: string;
  readonly ip: string;
}

/** How long an ended row stays, in milliseconds. Authentik's worker purges every few minutes. */
const purging = 60_000;

/**
 * Changes the score of a name at an address. A row ends some time after it was made, whatever comes later: it is found
 * until it is purged, and counts until it has ended.
 */
export function score(objects: AuthentikObjects, { username, ip }: Who, amount: number): void {
  const { reputation_lower_limit: lowest = -5, reputation_upper_limit: highest = 5 } = objects.settings;
  const purged = objects.now(-purging);
  keep(objects.reputation, ({ expires }) => expires > purged);
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

/** What a failed password or second factor leaves behind. */
export function failed(objects: AuthentikObjects, who: Who, stage: Row, more: Row = {}): void {
  score(objects, who, -1);
  objects.record("login_failed", who.user, { username: who.username, stage: named(stage), ...more }, who.ip);
  objects.changed();
}

/** A reference to an object, as events have it. */
export const named = ({ pk, name }: Row): Row => ({ pk: String(pk).replaceAll("-", ""), name });
