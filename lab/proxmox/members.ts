import type { Entry, StateStore } from "./state";

/** What a pool has: guests by VMID, and datastores by name. */
export type MemberKind = "vms" | "storage";

/** The members of a pool. */
export const membersOf = (pool: Entry, kind: MemberKind): string[] =>
  String(pool[kind] ?? "")
    .split(",")
    .filter((each) => each !== "");

/** Adds members to a pool, or takes them out of it. */
export function setMembers(pool: Entry, kind: MemberKind, ids: readonly string[], isIn: boolean): void {
  const others = membersOf(pool, kind).filter((each) => !ids.includes(each));
  pool[kind] = (isIn ? [...others, ...ids] : others).join(",");
}

/** The names of the pools that something is in. A guest is in one at most. */
export function poolsOf(store: StateStore, kind: MemberKind, id: string): string[] {
  return Object.entries(store.collection("pools")).flatMap(([name, pool]) =>
    membersOf(pool, kind).includes(id) ? [name] : [],
  );
}
