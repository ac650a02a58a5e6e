import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Check } from "./endpoints/endpoint";
import { permissionDenied, unauthorized } from "./errors";
import type { ProxmoxOptions } from "./options";
import { permissions, superuser, type Caller, type Rights } from "./permissions";
import type { StateStore } from "./state";

export type { Caller } from "./permissions";

/** A guest; `pool` is the one that it is being made in. */
export interface GuestPlace {
  readonly vmid: number;
  readonly pool?: string | undefined;
}

/** Whoever may make these objects may also give away what they may do with them. */
const owners: Readonly<Record<string, string>> = {
  "/storage/": "Datastore.Allocate",
  "/vms/": "VM.Allocate",
  "/pool/": "Pool.Allocate",
};

/** Who somebody is, and what they may do. */
export class Access {
  /** The users of tickets, each with what guards their changes against other sites. */
  private readonly tickets = new Map<string, { user: string; guard: string }>();

  constructor(
    private readonly options: Pick<ProxmoxOptions, "tokens" | "rootPassword">,
    private readonly store: StateStore,
  ) {}

  /** The owner of a token: `header` is the value of `Authorization`, as in `PVEAPIToken=pulumi@pve!homelab=<secret>`. */
  token(header: string): Caller {
    const parsed = /^PVEAPIToken[= ](([^\s:/!]+@[^\s:/!]+)!([^\s=]+))=(.+)$/.exec(header);
    const [, id, user, name, secret] = parsed ?? [];
    if (id === undefined || user === undefined || secret === undefined) throw unauthorized("no tokenid specified");
    const configured = this.options.tokens.find((each) => each.id === id)?.secret;
    const stored = this.store.collection("tokens")[id]?.["value"];
    const expected = configured ?? (stored === undefined ? undefined : String(stored));
    if (expected === undefined) throw unauthorized(`no such token '${name}' for user '${user}'`);
    if (!same(secret, expected)) throw unauthorized("invalid token value!");
    return { user, name: id };
  }

  /** A new ticket, as logging in gives. Tickets end with the server. */
  newTicket(user = superuser): { ticket: string; CSRFPreventionToken: string } {
    const ticket = `PVE:${user}:${randomBytes(16).toString("hex").toUpperCase()}`;
    const guard = `${randomBytes(4).toString("hex").toUpperCase()}:${randomBytes(24).toString("base64")}`;
    this.tickets.set(ticket, { user, guard });
    return { ticket, CSRFPreventionToken: guard };
  }

  /** The owner of a ticket; a request that changes something must have its `CSRFPreventionToken` too. */
  ticket(ticket: string, method: string, guard: string | undefined): Caller {
    const known = this.tickets.get(ticket);
    if (!known) throw unauthorized("permission denied - invalid PVE ticket");
    if (method !== "GET" && guard !== known.guard) throw unauthorized("Permission denied - invalid csrf token");
    this.requireEnabled(known.user);
    return { user: known.user, name: known.user };
  }

  /** Throws unless the user is there and may log in. */
  requireEnabled(user: string): void {
    if (user === superuser) return;
    const entry = this.store.collection("users")[user];
    if (!entry) throw unauthorized(`no such user ('${user}')`);
    if (entry["enable"] === 0) throw unauthorized(`user '${user}' is disabled`);
    const expire = Number(entry["expire"] ?? 0);
    if (expire !== 0 && expire < Date.now() / 1000) throw unauthorized(`user '${user}' access expired`);
  }

  /** Whether this is root's password. */
  isRootPassword(username: string, password: string): boolean {
    const expected = this.options.rootPassword;
    return username === superuser && expected !== undefined && same(password, expected);
  }

  /** What the caller may do on a path. */
  privileges(caller: Caller, path: string): Rights {
    return permissions(this.store, caller, path);
  }

  /** Whether the caller has a privilege on a path. */
  has(caller: Caller, path: string, privilege: string): boolean {
    return this.privileges(caller, path).has(privilege);
  }

  /** Throws unless the caller has all the privileges on a path. */
  require(caller: Caller, path: string, ...privileges: string[]): void {
    const lacking = privileges.find((privilege) => !this.has(caller, path, privilege));
    if (lacking !== undefined) throw permissionDenied(`${path}, ${lacking}`);
  }

  /** Throws unless the caller has one of the privileges on a path. */
  requireAny(caller: Caller, path: string, ...privileges: string[]): void {
    if (!privileges.some((privilege) => this.has(caller, path, privilege)))
      throw permissionDenied(`${path}, ${privileges.join("|")}`);
  }

  /**
   * Throws unless the caller has all (or, with `any`, one) of the privileges on a guest; one that is being made in a pool may
   * have them from the pool (`PVE::RPCEnvironment::check_vm_perm`).
   */
  requireOnVm(caller: Caller, { vmid, pool }: GuestPlace, privileges: readonly string[], any = false): void {
    const has = (privilege: string): boolean => this.has(caller, `/pool/${pool ?? ""}`, privilege);
    if (pool !== undefined && (any ? privileges.some(has) : privileges.every(has))) return;
    if (any) this.requireAny(caller, `/vms/${vmid}`, ...privileges);
    else this.require(caller, `/vms/${vmid}`, ...privileges);
  }

  /** Throws unless the caller passes the check of an endpoint; `given` fills the names in its paths. */
  verify(caller: Caller, check: Check, given: Readonly<Record<string, string>>): void {
    switch (check.kind) {
      case "all":
      case "world":
        return;
      case "root":
        if (caller.name !== superuser) throw permissionDenied(`user != ${superuser}`);
        return;
      case "perm": {
        const path = check.path.replace(/\{(\w+)\}/g, (_, name: string) => given[name] ?? "");
        if (check.any) this.requireAny(caller, path, ...check.privileges);
        else this.require(caller, path, ...check.privileges);
        return;
      }
      case "realm":
        this.require(caller, `/access/realm/${(given["userid"] ?? "").split("@").pop() ?? ""}`, check.privilege);
        return;
      case "perm-modify":
        this.requireModify(caller, given["path"] ?? "/");
        return;
      case "and":
        for (const each of check.checks) this.verify(caller, each, given);
        return;
      case "or":
        if (!check.checks.some((each) => this.passes(caller, each, given))) throw permissionDenied();
    }
  }

  /** Throws unless the caller may change who may do what on a path. */
  requireModify(caller: Caller, path: string): void {
    const owner = Object.keys(owners).find((each) => path.startsWith(each));
    this.requireAny(caller, path, "Permissions.Modify", ...(owner === undefined ? [] : [owners[owner] ?? ""]));
  }

  private passes(caller: Caller, check: Check, given: Readonly<Record<string, string>>): boolean {
    try {
      this.verify(caller, check, given);
      return true;
    } catch {
      return false;
    }
  }
}

function same(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
