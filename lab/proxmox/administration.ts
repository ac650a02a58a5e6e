import type { StateStore } from "./state";

/** What a node's administrator does by hand before the program can do anything, as the README tells. */
export interface Administration {
  /** Privileges by role. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  readonly pools: readonly string[];
  /** Roles on paths, for a token and its user: a token may do only what both may. */
  readonly grants: readonly Grant[];
}

/** A role on a path, and on what is below it unless `propagate` is false. */
export interface Grant {
  /** As in `pulumi@pve!homelab`. */
  readonly token: string;
  readonly path: string;
  readonly role: string;
  readonly propagate?: boolean;
}

/** Makes users, tokens, roles, pools and rights on a new node. Later they are whatever the API has made of them. */
export function administer(
  store: StateStore,
  tokens: readonly { readonly id: string }[],
  administration: Administration,
): void {
  const made = store.collection("tokens");
  if (tokens.every(({ id }) => made[id] !== undefined)) return;
  for (const { id } of tokens) {
    store.collection("users")[userOf(id)] = { enable: 1 };
    made[id] = { privsep: 1 };
  }
  for (const [role, privileges] of Object.entries(administration.roles))
    store.collection("roles")[role] = { privs: privileges.join(",") };
  for (const pool of administration.pools) store.collection("pools")[pool] = {};
  for (const { token, path, role, propagate = true } of administration.grants) {
    const entry = { path, roleid: role, propagate: propagate ? 1 : 0 };
    store.state.acl.push({ ...entry, type: "user", ugid: userOf(token) }, { ...entry, type: "token", ugid: token });
  }
  store.save();
}

const userOf = (token: string): string => token.replace(/!.*$/, "");
