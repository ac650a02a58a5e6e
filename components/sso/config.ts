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
import { onHost } from "../../config/schema";
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
  username: pattern("a user name (a-z, 0-9 and . _ -, from 2 letters on)", "anna", /^[a-z][a-z0-9._-]{1,62}$/).describe(
    "What the user logs in with, of at most 63 letters, and what other services know the user by: another one is another " +
      "person to each of them.",
  ),
  name: line("a name of 1 to 64 characters", "Anna Meier", 64).describe("The name that services show."),
  email: word("an e-mail address", "anna@home.arpa", (text) => (isEmail(text) ? text : undefined)).describe(
    "An address that no other user has: some services refuse a user without one. Nothing is sent to it.",
  ),
  groups: list(groupName("family"), "missing; name the groups of this user, who otherwise reaches nothing")
    .min(1, { error: "an empty list: this user would reach nothing; name a group, or remove the user" })
    .describe("The groups that the user is in, at least one."),
});

/** A role for a group in another service. */
const roles = <const Roles extends readonly [string, ...string[]]>(words: Roles, example: Roles[number]) =>
  list(
    block({
      group: groupName("family").describe("The group."),
      role: choice(words, example).describe("What its members are."),
    }),
  ).default([]);

/** `homelab:sso`. */
export const ssoSchema = requiredBlock({
  host: onHost("**Accounts and passwords do not move along.**"),
  phase: whole(1, 2, 1)
    .default(defaults.phase)
    .describe("1: Grafana and Harbor ask the single sign-on. 2: Proxmox and Traefik's dashboard too."),
  adminGroup: groupName("admins")
    .default(defaults.adminGroup)
    .describe("The group whose members administer Authentik, Harbor, Grafana and Proxmox."),
  groups: list(groupName("family"))
    .default(defaults.groups)
    .describe("All groups there are, each of at most 31 letters."),
  users: list(user).default([]).describe("People. Passwords are theirs: each gets a link to choose one."),
  secondFactor: requiredBlock({
    groups: list(groupName("admins"))
      .default(defaults.secondFactor.groups)
      .describe(
        "Who has to enter a code of an authenticator app after the password, besides Authentik's own administrators. It is " +
          "set up at the first login.",
      ),
    everyone: flag("false").default(defaults.secondFactor.everyone).describe("`true`: everybody has to."),
  }),
  eventRetention: days("90 days").default(defaults.eventRetention).describe("How long logins and failures are kept."),
  linkValidity: days("3 days")
    .default(defaults.linkValidity)
    .describe("How long the link of a new user works. A change makes new links."),
  registry: requiredBlock({
    roles: roles(["maintainer", "developer", "guest"], "guest").describe(
      "What groups are in the private project. Administrators need no entry.",
    ),
  }),
  grafana: block({
    service: entryName("grafana").default(defaults.grafana).describe("Its entry in the catalogue, with `auth: oidc`."),
    user: pattern("a user's name", "admin", /^[^\s:]{1,64}$/)
      .default(defaults.grafanaUser)
      .describe("Grafana's server administrator; the password is `grafanaPassword`."),
    roles: roles(["Admin", "Editor", "Viewer"], "Viewer").describe("What groups are in Grafana."),
  })
    .optional()
    .describe("An existing Grafana. Without this block none is set up."),
  proxmox: requiredBlock({
    service: entryName("proxmox")
      .default(defaults.proxmox)
      .describe("The entry of the node's own login page in the catalogue, with `auth: oidc`. Phase 2."),
    realm: pattern("a name of a realm", "sso", /^[A-Za-z][A-Za-z0-9._-]{1,31}$/)
      .default(defaults.realm)
      .describe("The name of the realm. A change makes each person a new user there."),
    origins: list(
      webAddress("an https address without a path", "https://192.168.1.10:8006", (url) => {
        return url.protocol === "https:" && isOrigin(url);
      }),
    )
      .default([])
      .describe("Further addresses under which its page is opened: each must be listed to log in there."),
    roles: roles(["PVEAuditor", "PVEVMUser", "PVEVMAdmin"], "PVEAuditor").describe(
      "What groups are in Proxmox: `PVEAuditor` on everything, the others on all guests.",
    ),
  }),
}).describe("Who there is, how they log in, and what their groups are elsewhere.");

/** `homelab:sso`, read. */
export type SsoConfig = z.output<typeof ssoSchema>;
