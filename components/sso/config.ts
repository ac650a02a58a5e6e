import { z } from "zod";

import { parseDays } from "../../config/duration";
import {
  block,
  choice,
  fitsDns,
  flag,
  isOrigin,
  line,
  list,
  pattern,
  requiredBlock,
  webAddress,
  whole,
  word,
} from "../../config/fields";
import { dnsLabel } from "../../config/services";

const defaults = {
  phase: 1,
  adminGroup: "admins",
  groups: ["admins", "family", "friends"],
  secondFactor: { groups: ["admins"], everyone: false },
  eventRetention: "90 days",
  linkValidity: "3 days",
  realm: "sso",
  grafana: "grafana",
  grafanaUser: "admin",
  proxmox: "proxmox",
};

/** A group's name is part of the names of its counterparts in Harbor, Grafana and Proxmox. */
export const groupName = (example: string) =>
  pattern("a name of a group (a-z, 0-9 and hyphens)", example, /^[a-z][a-z0-9-]{0,30}$/);

const entryName = (example: string) => pattern("a DNS label (a-z, 0-9 and hyphens)", example, dnsLabel);

const days = (example: string) =>
  word("a number of days", example, (text) => {
    const count = parseDays(text);
    return count !== undefined && parseInt(count) < 10_000 ? count : undefined;
  });

/** What Django takes: Authentik refuses any other. Source: `EmailValidator` in django/core/validators.py. */
function isEmail(text: string): boolean {
  const atom = "[-!#$%&'*+/=?^_`{}|~0-9a-z]+";
  const label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  const form = new RegExp(`^${atom}(\\.${atom})*@(${label}\\.)+[a-z0-9-]{1,62}[a-z0-9]$`, "i");
  return text.length <= 254 && form.test(text) && fitsDns(text.slice(text.indexOf("@") + 1));
}

const user = block({
  /** What the user logs in with, and what other services know the user by. */
  username: pattern("a user name (a-z, 0-9 and . _ -, from 2 letters on)", "anna", /^[a-z][a-z0-9._-]{1,62}$/),
  name: line("a name of 1 to 64 characters", "Anna Meier", 64),
  /** Some services refuse a user without one. Nothing is sent to it. */
  email: word("an e-mail address", "anna@home.arpa", (text) => (isEmail(text) ? text : undefined)),
  groups: list(groupName("family"), "missing; name the groups of this user, who otherwise reaches nothing").min(1, {
    error: "an empty list: this user would reach nothing; name a group, or remove the user",
  }),
});

/** A role for a group in another service. */
const roles = <const Roles extends readonly [string, ...string[]]>(words: Roles, example: Roles[number]) =>
  list(block({ group: groupName("family"), role: choice(words, example) })).default([]);

/** `homelab:sso`: who there is, how they log in, and what their groups are elsewhere. */
export const ssoSchema = requiredBlock({
  /** 1: Grafana and Harbor ask the single sign-on. 2: Proxmox and Traefik's dashboard too. */
  phase: whole(1, 2, 1).default(defaults.phase),
  /** Its members administer Authentik, Harbor, Grafana and Proxmox. */
  adminGroup: groupName("admins").default(defaults.adminGroup),
  groups: list(groupName("family")).default(defaults.groups),
  /** People. Passwords are theirs: each gets a link to choose one. */
  users: list(user).default([]),
  /** Who has to enter a code of an authenticator app after the password; it is set up at the first login. */
  secondFactor: requiredBlock({
    groups: list(groupName("admins")).default(defaults.secondFactor.groups),
    everyone: flag("false").default(defaults.secondFactor.everyone),
  }),
  /** How long logins and failures are kept. */
  eventRetention: days("90 days").default(defaults.eventRetention),
  /** How long the link of a new user works. */
  linkValidity: days("3 days").default(defaults.linkValidity),
  registry: requiredBlock({
    /** What the project's images are to a group. Administrators need no entry. */
    roles: roles(["maintainer", "developer", "guest"], "guest"),
  }),
  /** An existing Grafana, by its entry in the catalogue. */
  grafana: block({
    service: entryName("grafana").default(defaults.grafana),
    /** Grafana's server administrator; the password is `grafanaPassword`. */
    user: pattern("a user's name", "admin", /^[^\s:]{1,64}$/).default(defaults.grafanaUser),
    roles: roles(["Admin", "Editor", "Viewer"], "Viewer"),
  }).optional(),
  /** The node's own login page, by its entry in the catalogue. Phase 2. */
  proxmox: requiredBlock({
    service: entryName("proxmox").default(defaults.proxmox),
    realm: pattern("a name of a realm", "sso", /^[A-Za-z][A-Za-z0-9._-]{1,31}$/).default(defaults.realm),
    /** Further addresses under which its page is opened: each must be listed to log in there. */
    origins: list(
      webAddress("an https address without a path", "https://192.168.1.10:8006", (url) => {
        return url.protocol === "https:" && isOrigin(url);
      }),
    ).default([]),
    roles: roles(["PVEAuditor", "PVEVMUser", "PVEVMAdmin"], "PVEAuditor"),
  }),
});

/** `homelab:sso`, read. */
export type SsoConfig = z.output<typeof ssoSchema>;
