import { reservedSlugs } from "../../../providers/authentik/words";
import { changed, grafanaPassword, homelab, problems, problemsOf, read } from "../../helpers/unit/config-fixture";

const sso = (): Record<string, unknown> => homelab()["homelab:sso"] as Record<string, unknown>;
const anna = { username: "anna", name: "Anna Meier", email: "anna@home.arpa", groups: ["admins"] };
const groups = "homelab:sso.groups (admins, family, friends)";

test("US3: the homelab's own single sign-on is right, and Grafana's password is a secret that nothing shows", () => {
  const { sso: parsed, grafanaPassword: password } = read(homelab());
  expect(parsed.users.map(({ username }) => username)).toEqual(["anna", "ben"]);
  expect(password).toBeDefined();
  const wrong = problemsOf({ ...homelab(), "homelab:grafanaPassword": "" });
  expect(wrong).toEqual([
    "homelab:grafanaPassword: missing, although sso.grafana is set; set it: " +
      "npm run pulumi -- config set --secret homelab:grafanaPassword --stack homelab",
  ]);
  expect(JSON.stringify(problems({ "sso.phase": 3 }))).not.toContain(grafanaPassword);
});

test("EF-015: there are two phases", () => {
  expect(problems({ "sso.phase": 3 })).toEqual([
    "homelab:sso.phase: 3 is not a whole number from 1 to 2; write it like 1",
  ]);
  expect(problems({ "sso.phase": 2 })).toEqual([]);
});

test("EF-012: a group that does not exist is named wherever it is used", () => {
  expect(
    problems({
      "sso.adminGroup": "boss",
      "sso.secondFactor": { groups: ["staff"] },
      "sso.users": [{ ...anna, groups: ["familly"] }],
      "sso.registry": { roles: [{ group: "guests", role: "guest" }] },
      "services.2.groups": ["admin"],
    }),
  ).toEqual([
    `homelab:sso.adminGroup: "boss" is no group of ${groups}; add it there`,
    `homelab:sso.secondFactor.groups[0]: "staff" is no group of ${groups}; add it there`,
    `homelab:sso.users[0].groups[0]: "familly" is no group of ${groups}; did you mean family? If not, add it there`,
    `homelab:services[2].groups[0]: "admin" is no group of ${groups}; did you mean admins? If not, add it there`,
    `homelab:sso.registry.roles[0].group: "guests" is no group of ${groups}; add it there`,
  ]);
});

test("US3.3: a user is in a group, has a name and an address of their own, and is not Authentik's administrator", () => {
  expect(problems({ "sso.users": [{ ...anna, groups: [] }] })).toEqual([
    "homelab:sso.users[0].groups: an empty list: this user would reach nothing; name a group, or remove the user",
  ]);
  expect(problems({ "sso.users": [{ ...anna, groups: undefined }] })).toEqual([
    "homelab:sso.users[0].groups: missing; name the groups of this user, who otherwise reaches nothing",
  ]);
  const twin = { ...anna, username: "ANNA", email: "Anna@home.arpa" };
  expect(problems({ "sso.users": [anna, { ...twin, username: "anne" }] })).toEqual([
    'homelab:sso.users[1].email: "Anna@home.arpa" is that of homelab:sso.users[0] too; choose another',
  ]);
  expect(problems({ "sso.users": [anna, { ...anna, email: "other@home.arpa" }] })).toEqual([
    'homelab:sso.users[1].username: "anna" is that of homelab:sso.users[0] too; choose another',
  ]);
  expect(problems({ "sso.users": [{ ...anna, username: "akadmin" }] })).toEqual([
    'homelab:sso.users[0].username: "akadmin" is Authentik\'s own administrator; choose another',
  ]);
  expect(problems({ "sso.users": [{ ...anna, username: "admin" }] })).toEqual([
    'homelab:sso.users[0].username: "admin" is Harbor\'s own administrator; choose another',
  ]);
});

test.each(["A\u0000B", "A\u001b[31mB", "A\tB", "A\ud800B", " A", "", "A".repeat(65)])("%j is nobody's name", (name) => {
  expect(problems({ "sso.users": [{ ...anna, name }] })).toEqual([
    `homelab:sso.users[0].name: ${JSON.stringify(name)} is not a name of 1 to 64 characters; write it like Anna Meier`,
  ]);
});

test.each(["Æ", 'Anna "Ännchen" <Meier>', "安娜", "👩‍🔬".repeat(12)])("%s is somebody's name", (name) => {
  expect(problems({ "sso.users": [{ ...anna, name }] })).toEqual([]);
});

test.each([
  "a@b",
  "a b@home.arpa",
  "<a>@home.arpa",
  "a\u0000@home.arpa",
  "a..b@home.arpa",
  "a@-b.de",
  "a@b..de",
  "a@b.c",
])("%j is no address that Authentik takes", (email) => {
  expect(problems({ "sso.users": [{ ...anna, email }] })).toEqual([
    `homelab:sso.users[0].email: ${JSON.stringify(email)} is not an e-mail address; write it like anna@home.arpa`,
  ]);
});

test("an address has no more than 254 letters, 63 between two dots", () => {
  const email = (name: string, host: string) => problems({ "sso.users": [{ ...anna, email: `${name}@${host}.de` }] });
  expect(email("a".repeat(190), "b".repeat(60))).toEqual([]);
  expect(email("a".repeat(191), "b".repeat(60))).toHaveLength(1);
  expect(email("o'hara+x_y.z", "b".repeat(63))).toEqual([]);
  expect(email("a", "b".repeat(64))).toHaveLength(1);
});

test("durations in days are read in either form, as elsewhere", () => {
  const {
    sso: parsed,
    pki,
    registry,
  } = read(
    changed({
      "sso.linkValidity": "1d",
      "sso.eventRetention": "30 d",
      "registry.robotLifetime": "90d",
      "pki.leafValidity": "90 days",
    }),
  );
  expect([parsed.linkValidity, parsed.eventRetention, registry.robotLifetime]).toEqual(["1 day", "30 days", "90 days"]);
  expect(pki.leafValidity).toBe(90 * 86_400);
  expect(problems({ "sso.linkValidity": "3h", "sso.eventRetention": "10000 days" })).toEqual([
    'homelab:sso.eventRetention: "10000 days" is not a number of days; write it like 90 days',
    'homelab:sso.linkValidity: "3h" is not a number of days; write it like 3 days',
  ]);
});

test("EF-012: groups and roles are listed once", () => {
  expect(problems({ "sso.groups": ["admins", "family", "friends", "family"] })).toEqual([
    'homelab:sso.groups[3]: "family" is listed twice; remove one',
  ]);
  expect(problems({ "sso.groups": ["admins", "family", "nobody"] })).toEqual([
    'homelab:sso.groups[2]: "nobody" is the group of services that are closed to everybody; choose another name',
  ]);
  const role = { group: "family", role: "guest" };
  expect(problems({ "sso.registry": { roles: [role, { ...role, role: "developer" }] } })).toEqual([
    'homelab:sso.registry.roles[1].group: "family" has a role already (homelab:sso.registry.roles[0]); remove one',
  ]);
});

test("EF-012: no list of groups names one twice, and administrators need no role", () => {
  expect(problems({ "sso.users": [{ ...anna, groups: ["admins", "admins"] }] })).toEqual([
    'homelab:sso.users[0].groups[1]: "admins" is listed twice; remove one',
  ]);
  expect(problems({ "services.2.groups": ["family", "family"] })).toEqual([
    'homelab:services[2].groups[1]: "family" is listed twice; remove one',
  ]);
  expect(problems({ "sso.registry": { roles: [{ group: "admins", role: "maintainer" }] } })).toEqual([
    'homelab:sso.registry.roles[0].group: "admins" administers this service already; remove its role',
  ]);
});

test("EF-015: phase 2 sets up a Proxmox that asks for the login itself", () => {
  expect(problems({ "sso.phase": 2, "services.3.auth": "native", "services.3.groups": undefined })).toEqual([
    'homelab:services[3].auth: "native" must be oidc, as phase 2 sets up Proxmox by this entry',
  ]);
});

describe("EF-011: a client", () => {
  const app = { name: "wiki", upstream: "http://192.168.1.70:80", auth: "oidc", groups: ["family"] };
  const wiki = (...redirectUris: string[]) => ({ "services.4": { ...app, redirectUris } });

  test("says where it gets the answer of a login, under https and the domain", () => {
    expect(problems(wiki("https://wiki.home.arpa/callback"))).toEqual([]);
    expect(problems({ "services.4": app })).toEqual([
      "homelab:services[4].redirectUris: missing; list where the service gets the answer of a login, " +
        "such as https://app.home.arpa/callback",
    ]);
    expect(
      problems(wiki("http://wiki.home.arpa/callback", "https://wiki.example.org/callback", "wiki.home.arpa/callback")),
    ).toEqual([
      'homelab:services[4].redirectUris[0]: "http://wiki.home.arpa/callback" would carry logins in clear over the ' +
        "network; use https",
      'homelab:services[4].redirectUris[1]: "https://wiki.example.org/callback" is outside home.arpa, where the CA ' +
        "vouches for nobody; use the service's name under it",
      'homelab:services[4].redirectUris[2]: "wiki.home.arpa/callback" is no web address; write it like ' +
        "https://app.home.arpa/callback",
    ]);
  });

  test.each([
    "https://wiki.home.arpa/call\nback",
    " https://wiki.home.arpa/callback",
    "https://anna@wiki.home.arpa/callback",
    "https://wiki.home.arpa\\@example.org/",
    "https://wiki.home.arpa/\u0000",
    "https://wikı.home.arpa/",
  ])("has no address that programs read in several ways: %j", (uri) => {
    expect(problems(wiki(uri))).toEqual([
      `homelab:services[4].redirectUris[0]: ${JSON.stringify(uri).replace(/\/\/.*@/, "//***@")} is no web address; ` +
        "write it like https://app.home.arpa/callback",
    ]);
  });

  test("has no fragment in its address", () => {
    expect(problems(wiki("https://wiki.home.arpa/#callback"))).toEqual([
      'homelab:services[4].redirectUris[0]: "https://wiki.home.arpa/#callback" has a fragment (#), where no answer ' +
        "of a login goes; remove it",
    ]);
  });

  test("is a service that asks for the login itself", () => {
    expect(problems({ "services.4": { ...app, auth: "proxy", redirectUris: ["https://wiki.home.arpa/x"] } })).toEqual([
      "homelab:services[4].redirectUris: are for a service with auth oidc; this one has proxy; remove them",
    ]);
  });
});

test("EF-015: what is set up from here is in the catalogue, and its administrator's password is known", () => {
  const without = (key: string) => Object.fromEntries(Object.entries(homelab()).filter(([name]) => name !== key));
  expect(problemsOf(without("homelab:grafanaPassword"))).toEqual([
    "homelab:grafanaPassword: missing, although sso.grafana is set; set it: " +
      "npm run pulumi -- config set --secret homelab:grafanaPassword --stack homelab",
  ]);
  expect(problems({ "sso.grafana": { service: "grafanna" } })).toEqual([
    'homelab:sso.grafana.service: "grafanna" is no entry of homelab:services; did you mean grafana? If not, add Grafana there',
    "homelab:services[0].redirectUris: missing; list where the service gets the answer of a login, " +
      "such as https://app.home.arpa/callback",
  ]);
  expect(problems({ "services.0.auth": "native", "services.0.groups": undefined })).toEqual([
    'homelab:services[0].auth: "native" must be oidc, as homelab:sso.grafana.service names this entry',
  ]);
  expect(problems({ sso: { ...sso(), phase: 2, proxmox: { service: "pve" } } })).toEqual([
    'homelab:sso.proxmox.service: "pve" is no entry of homelab:services, although phase 2 sets up Proxmox; add it there',
    "homelab:services[3].redirectUris: missing; list where the service gets the answer of a login, " +
      "such as https://app.home.arpa/callback",
  ]);
});

test("K8: no service that asks the single sign-on has a name that is an address of its own", () => {
  const names = ["authorize", "token", "device", "userinfo", "introspect", "revoke"];
  expect(reservedSlugs).toEqual(names);
  for (const name of names) {
    expect(problems({ "services.2.name": name })).toEqual([
      `homelab:services[2].name: "${name}" is an address of the single sign-on's own, so that no service with auth ` +
        "proxy may have it; rename it",
    ]);
  }
  const auth = { "services.2.auth": "native", "services.2.groups": undefined };
  expect(problems({ "services.2.name": "token", ...auth })).toEqual([]);
});
