import type { Parameters } from "../schema";

/** Who may call an endpoint, in the terms of Proxmox's own API description. */
export type Check =
  /** Everyone who is logged in; what the answer shows, or what the handler checks, depends on privileges. */
  | { readonly kind: "all" }
  /** Everyone, even without logging in. */
  | { readonly kind: "world" }
  /** Only root@pam itself: not even a token of root. */
  | { readonly kind: "root" }
  /** All (or any) of the privileges on a path, whose `{names}` are filled in from the request. */
  | { readonly kind: "perm"; readonly path: string; readonly privileges: readonly string[]; readonly any?: true }
  /** A privilege on the realm of the user named by the parameter `userid`. */
  | { readonly kind: "realm"; readonly privilege: string }
  /** The right to change the rights on the path named by the parameter `path`. */
  | { readonly kind: "perm-modify" }
  | { readonly kind: "and"; readonly checks: readonly Check[] }
  | { readonly kind: "or"; readonly checks: readonly Check[] };

/** One endpoint as data: what it takes, and who may call it. */
export interface Endpoint {
  readonly parameters: Parameters;
  readonly check: Check;
}

/** Endpoints by method and path, as in `GET /nodes/{node}/qemu`. */
export type Endpoints = Readonly<Record<string, Endpoint>>;

export const all: Check = { kind: "all" };
export const world: Check = { kind: "world" };
export const root: Check = { kind: "root" };
export const perm = (path: string, ...privileges: string[]): Check => ({ kind: "perm", path, privileges });
export const permAny = (path: string, ...privileges: string[]): Check => ({
  kind: "perm",
  path,
  privileges,
  any: true,
});
export const realm = (privilege: string): Check => ({ kind: "realm", privilege });
export const permModify: Check = { kind: "perm-modify" };
export const both = (...checks: Check[]): Check => ({ kind: "and", checks });
export const either = (...checks: Check[]): Check => ({ kind: "or", checks });

/** An endpoint without parameters. */
export const plain = (check: Check): Endpoint => ({ parameters: {}, check });
