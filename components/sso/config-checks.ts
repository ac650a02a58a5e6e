import type { Draft } from "../../config/draft";
import { plainUrl } from "../../config/fields";
import type { Path, Report } from "../../config/report";
import type { ParsedBase } from "../../config/schema";
import { hostLabel } from "../../config/services";
import { reservedSlugs } from "../../providers/authentik/words";
import { remedyFor } from "../../config/suggest";
import { closedGroup } from "./closed-group";
import type { SsoConfig } from "./config";

/** The contradictions of single sign-on: groups and people that do not exist or exist twice, and clients that may not be. */
export function checkSso(config: Config, report: Report): void {
  checkGroups(config, report);
  checkUsers(config, report);
  checkIntegrations(config, report);
  checkRedirects(config, report);
  checkSlugs(config, report);
}

type Config = Draft<ParsedBase & { sso: SsoConfig }>;

function checkGroups({ sso, services = [] }: Config, report: Report): void {
  if (!sso?.groups) return;
  const names = sso.groups.flatMap((group) => group ?? []);
  const once = (path: Path, groups: readonly (string | undefined)[]): void =>
    groups.forEach((group, index) => {
      if (group !== undefined && groups.indexOf(group) !== index)
        report.add([...path, index], "{value} is listed twice; remove one", group);
    });
  once(["sso", "groups"], sso.groups);
  const reserved = sso.groups.indexOf(closedGroup);
  if (reserved >= 0) {
    const text = "{value} is the group of services that are closed to everybody; choose another name";
    report.add(["sso", "groups", reserved], text, closedGroup);
  }
  const expect = (path: Path, group: string | undefined): void => {
    if (group === undefined || names.includes(group)) return;
    const list = names.join(", ") || "none";
    const remedy = remedyFor(group, names, "add it there");
    report.add(path, `{value} is no group of ${report.key(["sso", "groups"])} (${list}); ${remedy}`, group);
  };
  const each = (path: Path, groups: readonly (string | undefined)[] = []): void => {
    groups.forEach((group, index) => expect([...path, index], group));
    once(path, groups);
  };
  expect(["sso", "adminGroup"], sso.adminGroup);
  each(["sso", "secondFactor", "groups"], sso.secondFactor?.groups);
  sso.users?.forEach((user, index) => each(["sso", "users", index, "groups"], user?.groups));
  services.forEach((service, index) => each(["services", index, "groups"], service?.groups));
  for (const service of ["registry", "grafana", "proxmox"] as const) {
    const roles = sso[service]?.roles ?? [];
    roles.forEach((role, index) => {
      const path = ["sso", service, "roles", index, "group"];
      expect(path, role?.group);
      const first = roles.findIndex((other) => other?.group === role?.group);
      if (role?.group !== undefined && role.group === sso.adminGroup)
        report.add(path, "{value} administers this service already; remove its role", role.group);
      else if (role?.group !== undefined && first !== index)
        report.add(
          path,
          `{value} has a role already (${report.key(["sso", service, "roles", first])}); remove one`,
          role.group,
        );
    });
  }
}

/** Whose names nobody else can have: Authentik has the one itself, and Harbor lets nobody in who comes with the other. */
const builtIn = new Map([
  ["akadmin", "Authentik's own administrator"],
  ["admin", "Harbor's own administrator"],
]);

function checkUsers({ sso }: Config, report: Report): void {
  const users = sso?.users ?? [];
  for (const field of ["username", "email"] as const) {
    const taken = new Map<string, number>();
    users.forEach((user, index) => {
      const value = user?.[field];
      if (value === undefined) return;
      const path = ["sso", "users", index, field];
      const other = taken.get(value.toLowerCase());
      const owner = field === "username" ? builtIn.get(value) : undefined;
      if (owner !== undefined) {
        report.add(path, `{value} is ${owner}; choose another`, value);
      } else if (other !== undefined) {
        report.add(path, `{value} is that of ${report.key(["sso", "users", other])} too; choose another`, value);
      } else taken.set(value.toLowerCase(), index);
    });
  }
}

/** A service that is set up from here has to be in the catalogue, and to ask the single sign-on itself. */
function checkIntegrations({ sso, services, grafanaPassword, proxmox }: Config, report: Report): void {
  if (!sso || !services) return;
  const names = services.flatMap((service) => service?.name ?? []);
  const entry = sso.proxmox?.service;
  if (sso.phase === 2 && proxmox !== undefined && entry !== undefined) {
    const place = services.findIndex((service) => service?.name === entry);
    const { auth } = services[place] ?? {};
    if (place < 0) {
      const remedy = remedyFor(entry, names, "add it there");
      const text = `{value} is no entry of ${report.key(["services"])}, although phase 2 sets up Proxmox; ${remedy}`;
      report.add(["sso", "proxmox", "service"], text, entry);
    } else if (auth !== undefined && auth !== "oidc") {
      report.add(["services", place, "auth"], "{value} must be oidc, as phase 2 sets up Proxmox by this entry", auth);
    }
  }
  const name = sso.grafana?.service;
  if (name === undefined) return;
  if (!grafanaPassword) {
    report.addMissing(["grafanaPassword"], ", although sso.grafana is set; set it{config set --secret {key}}");
  }
  const index = services.findIndex((service) => service?.name === name);
  const path = ["sso", "grafana", "service"];
  if (index < 0) {
    const remedy = remedyFor(name, names, "add Grafana there");
    report.add(path, `{value} is no entry of ${report.key(["services"])}; ${remedy}`, name);
  } else if (services[index]?.auth !== undefined && services[index].auth !== "oidc") {
    report.add(
      ["services", index, "auth"],
      `{value} must be oidc, as ${report.key(path)} names this entry`,
      services[index].auth,
    );
  }
}

function checkRedirects({ sso, services = [], domain }: Config, report: Report): void {
  const ownRedirects = [sso?.grafana?.service, sso?.proxmox?.service];
  services.forEach((service, index) => {
    const path = ["services", index, "redirectUris"];
    const { auth, name, redirectUris } = service ?? {};
    if (redirectUris && auth !== undefined && auth !== "oidc") {
      report.add(path, `are for a service with auth oidc; this one has ${auth}; remove them`);
    } else if (!redirectUris && auth === "oidc" && !ownRedirects.includes(name)) {
      report.addMissing(
        path,
        "; list where the service gets the answer of a login, such as https://app.home.arpa/callback",
      );
    }
    redirectUris?.forEach((uri, place) => {
      const problem = uri === undefined || domain === undefined ? undefined : redirectProblem(uri, domain);
      if (problem !== undefined) report.add([...path, place], problem, uri);
    });
  });
}

/** An entry that asks the single sign-on has its name as the slug of its application. */
function checkSlugs({ services = [] }: Config, report: Report): void {
  services.forEach((service, index) => {
    const { auth, name } = service ?? {};
    if (name === undefined || !(auth === "oidc" || auth === "proxy") || !reservedSlugs.includes(name)) return;
    const text = `{value} is an address of the single sign-on's own, so that no service with auth ${auth} may have it; rename it`;
    report.add(["services", index, "name"], text, name);
  });
}

function redirectProblem(uri: string, domain: string): string | undefined {
  const url = plainUrl(uri);
  if (!url) return "{value} is no web address; write it like https://app.home.arpa/callback";
  if (uri.includes("#")) return "{value} has a fragment (#), where no answer of a login goes; remove it";
  if (url.protocol === "http:") return "{value} would carry logins in clear over the network; use https";
  if (hostLabel(url.hostname, domain) === undefined)
    return `{value} is outside ${domain}, where the CA vouches for nobody; use the service's name under it`;
  return undefined;
}
