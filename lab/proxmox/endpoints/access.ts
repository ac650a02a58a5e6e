import { flag, integer, oneOf, optional, text } from "../schema";
import { all, both, perm, permAny, permModify, plain, realm, world, type Endpoints } from "./endpoint";

const userId = text({ format: "pve-userid", maxLength: 64 });
const comment = text();
const expire = integer({ minimum: 0 });
const modifyUser = perm("/access/groups", "User.Modify");
const readUser = permAny("/access/groups", "User.Modify", "Sys.Audit");
const allocateGroup = perm("/access/groups", "Group.Allocate");
const allocateRealm = perm("/access/realm", "Realm.Allocate");
const modifyRole = perm("/access", "Sys.Modify");

const user = optional({
  comment,
  email: text({ format: "email-opt" }),
  enable: flag(),
  expire,
  firstname: text(),
  groups: text({ format: "pve-groupid-list" }),
  keys: text(),
  lastname: text(),
});

const token = optional({ comment, expire, privsep: flag() });

const openid = optional({
  "acr-values": text(),
  audiences: text(),
  autocreate: flag(),
  "client-id": text({ maxLength: 256 }),
  "client-key": text({ maxLength: 256 }),
  comment: text({ maxLength: 4096 }),
  default: flag(),
  "groups-autocreate": flag(),
  "groups-claim": text({ maxLength: 128 }),
  "groups-overwrite": flag(),
  "issuer-url": text({ maxLength: 256 }),
  prompt: text({ pattern: "(?:none|login|consent|select_account|\\S+)" }),
  "query-userinfo": flag(),
  scopes: text(),
  tfa: text({ maxLength: 128 }),
});

const pool = optional({ "allow-move": flag(), comment, delete: flag(), storage: text(), vms: text() });

/** Users, groups, roles, realms, rights; and pools, which are there for rights too. */
export const accessEndpoints: Endpoints = {
  "POST /access/ticket": {
    parameters: {
      username: text({ maxLength: 64 }),
      password: text(),
      ...optional({
        "new-format": flag(),
        otp: text(),
        path: text(),
        privs: text(),
        realm: text({ format: "pve-realm" }),
      }),
    },
    check: world,
  },
  "GET /access/permissions": { parameters: optional({ path: text(), userid: text() }), check: all },
  "GET /access/users": { parameters: optional({ enabled: flag(), full: flag() }), check: all },
  "GET /access/users/{userid}": plain(readUser),
  "POST /access/users": {
    parameters: { userid: userId, ...user, ...optional({ password: text({ minLength: 5, maxLength: 64 }) }) },
    check: both(realm("Realm.AllocateUser"), modifyUser),
  },
  "PUT /access/users/{userid}": { parameters: { ...user, ...optional({ append: flag() }) }, check: modifyUser },
  "DELETE /access/users/{userid}": plain(both(realm("Realm.AllocateUser"), modifyUser)),
  "PUT /access/password": {
    parameters: { userid: userId, password: text({ minLength: 5, maxLength: 64 }) },
    check: both(realm("Realm.AllocateUser"), modifyUser),
  },
  "GET /access/users/{userid}/token": plain(modifyUser),
  "GET /access/users/{userid}/token/{tokenid}": plain(modifyUser),
  "POST /access/users/{userid}/token/{tokenid}": { parameters: token, check: modifyUser },
  "PUT /access/users/{userid}/token/{tokenid}": { parameters: token, check: modifyUser },
  "DELETE /access/users/{userid}/token/{tokenid}": plain(modifyUser),
  "GET /access/groups": plain(all),
  "GET /access/groups/{groupid}": plain(permAny("/access/groups", "Sys.Audit", "Group.Allocate")),
  "POST /access/groups": {
    parameters: { groupid: text({ format: "pve-groupid" }), ...optional({ comment }) },
    check: allocateGroup,
  },
  "PUT /access/groups/{groupid}": { parameters: optional({ comment }), check: allocateGroup },
  "DELETE /access/groups/{groupid}": plain(allocateGroup),
  "GET /access/roles": plain(all),
  "GET /access/roles/{roleid}": plain(all),
  "POST /access/roles": {
    parameters: { roleid: text({ format: "pve-roleid" }), ...optional({ privs: text({ format: "pve-priv-list" }) }) },
    check: modifyRole,
  },
  "PUT /access/roles/{roleid}": {
    parameters: optional({ append: flag(), privs: text({ format: "pve-priv-list" }) }),
    check: modifyRole,
  },
  "DELETE /access/roles/{roleid}": plain(modifyRole),
  "GET /access/acl": plain(all),
  "PUT /access/acl": {
    parameters: {
      path: text(),
      roles: text({ format: "pve-roleid-list" }),
      ...optional({
        delete: flag(),
        groups: text({ format: "pve-groupid-list" }),
        propagate: flag(),
        tokens: text({ format: "pve-tokenid-list" }),
        users: text({ format: "pve-userid-list" }),
      }),
    },
    check: permModify,
  },
  "GET /access/domains": plain(world),
  "GET /access/domains/{realm}": plain(permAny("/access/realm", "Realm.Allocate", "Sys.Audit")),
  "POST /access/domains": {
    parameters: {
      realm: text({ format: "pve-realm", maxLength: 32 }),
      type: oneOf("ad", "ldap", "openid", "pam", "pve"),
      ...openid,
      ...optional({ "username-claim": text() }),
    },
    check: allocateRealm,
  },
  "PUT /access/domains/{realm}": {
    parameters: {
      ...openid,
      ...optional({ delete: text({ format: "pve-configid-list", maxLength: 4096 }), digest: text({ maxLength: 64 }) }),
    },
    check: allocateRealm,
  },
  "DELETE /access/domains/{realm}": plain(allocateRealm),
  "POST /access/openid/auth-url": {
    parameters: { realm: text({ format: "pve-realm", maxLength: 32 }), "redirect-url": text({ maxLength: 255 }) },
    check: world,
  },
  "POST /access/openid/login": {
    parameters: {
      code: text({ maxLength: 4096 }),
      "redirect-url": text({ maxLength: 255 }),
      state: text({ maxLength: 1024 }),
    },
    check: world,
  },
  "GET /pools": { parameters: optional({ poolid: text({ format: "pve-poolid" }), type: text() }), check: all },
  "GET /pools/{poolid}": { parameters: optional({ type: text() }), check: perm("/pool/{poolid}", "Pool.Audit") },
  "POST /pools": {
    parameters: { poolid: text({ format: "pve-poolid" }), ...optional({ comment }) },
    check: perm("/pool/{poolid}", "Pool.Allocate"),
  },
  "PUT /pools": {
    parameters: { poolid: text({ format: "pve-poolid" }), ...pool },
    check: perm("/pool/{poolid}", "Pool.Allocate"),
  },
  "PUT /pools/{poolid}": { parameters: pool, check: perm("/pool/{poolid}", "Pool.Allocate") },
  "DELETE /pools": {
    parameters: { poolid: text({ format: "pve-poolid" }) },
    check: perm("/pool/{poolid}", "Pool.Allocate"),
  },
  "DELETE /pools/{poolid}": plain(perm("/pool/{poolid}", "Pool.Allocate")),
};
