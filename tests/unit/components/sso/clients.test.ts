import * as pulumi from "@pulumi/pulumi";

import { loginOf } from "../../../../components/registry/catalogue";
import { Applications } from "../../../../components/sso/applications";
import { existingLogins } from "../../../../components/sso/client";
import { GrafanaLogin } from "../../../../components/sso/clients/grafana-login";
import { ProxmoxLogin } from "../../../../components/sso/clients/proxmox-login";
import { RegistryLogin } from "../../../../components/registry/login";
import { evaluate } from "../../../../lab/grafana/expression";
import { grafanaPassword } from "../../../helpers/unit/config-fixture";
import { deploy, Deployment, rootCertificate, types } from "../../../helpers/unit/pulumi-mocks";
import {
  authentikType,
  clientSecret,
  config,
  dependencies,
  makeAccess,
  openHolders,
  ownInputs,
  registry,
  sources,
  texts,
  url,
} from "../../../helpers/unit/sso-program";

jest.setTimeout(60_000);

const harbor = { endpoint: "https://registry.home.arpa", address: "192.168.1.60", password: "Admin-Password-1" };

/** Everything that is set up from here, as the program does it. */
function clients(changes: Record<string, unknown> = {}, options = {}) {
  const { sso, services } = config(changes);
  return deploy(() => {
    const { access, machine } = makeAccess(sso);
    const all = [...services, registry];
    const logins = [...existingLogins(all, sso, true), loginOf(registry)];
    const applications = new Applications("applications", { machine, access, url, services: all, logins, sso });
    const contents = new pulumi.ComponentResource("test:index:Contents", "contents");
    const edge = new pulumi.ComponentResource("test:index:Edge", "edge");
    const [image, dashboards, node] = ["registry", "grafana", "proxmox"].map((name) => applications.application(name));
    if (image) {
      const login = { machine, connection: harbor, application: image, project: "homelab", sso };
      new RegistryLogin("registry-login", login, { dependsOn: [contents] });
    }
    if (dashboards) {
      const administrator = { username: sso.grafana?.user ?? "", password: pulumi.secret(grafanaPassword) };
      const login = { machine, rootCertificate, administrator, application: dashboards, sso };
      new GrafanaLogin("grafana-login", login, { dependsOn: [edge] });
    }
    if (node) new ProxmoxLogin("proxmox-login", { application: node, sso });
    return { machine };
  }, options);
}

type Made = Awaited<ReturnType<typeof clients>>["result"];

const phase2 = { "sso.phase": 2 };
let first: Deployment<Made>;
let second: Deployment<Made>;
beforeAll(async () => {
  first = await clients();
  second = await clients(phase2);
});

const harborType = (kind: string): string => `pulumi-nodejs:dynamic/harbor:${kind}`;
const grafanaType = "pulumi-nodejs:dynamic/grafana:SsoSettings";

/** What ends the time of a service's old client secret. */
const authentication = (deployment: Deployment<Made>, entry: string) =>
  deployment.get(authentikType("ClientAuthentication"), `applications-${entry}-authentication`);

describe("Harbor", () => {
  const settings = () => first.get(harborType("Configuration"), "registry-login-configuration");

  test("EF-015: asks the single sign-on, makes the administrators' group administrators, and nothing else is set", () => {
    expect(ownInputs(settings())).toEqual({
      authMode: "oidc_auth",
      oidcName: "Homelab",
      oidcEndpoint: "https://auth.home.arpa/application/o/registry/",
      oidcClientId: "registry",
      oidcClientSecret: clientSecret("registry"),
      oidcScope: "openid,profile,email,offline_access",
      oidcVerifyCert: true,
      oidcUserClaim: "preferred_username",
      oidcGroupsClaim: "groups",
      oidcAdminGroup: "admins",
      oidcAutoOnboard: true,
    });
    expect(settings().inputs).toMatchObject({ connection: harbor, installation: "machine-1" });
  });

  test("EC-7: keeps its own login: the page does not go straight to the single sign-on", () => {
    expect(settings().inputs).not.toHaveProperty("primaryAuthMode");
    expect(settings().inputs).not.toHaveProperty("oidcLogout");
  });

  test("EF-005: the client secret and the connection are secrets", () => {
    expect([...settings().secrets].sort()).toEqual(["connection", "oidcClientSecret"]);
    expect(openHolders(first, clientSecret("registry"))).toEqual([]);
    expect(openHolders(first, harbor.password)).toEqual([]);
  });

  test("EF-015: has the groups of the config as members of its project, once it knows groups", async () => {
    const roles = [
      { group: "family", role: "guest" },
      { group: "friends", role: "developer" },
    ];
    const members = (deployment: Deployment<Made>) =>
      deployment.ofType(harborType("GroupMember")).map((each) => [each.name, ownInputs(each)]);
    expect(members(first)).toEqual([["registry-login-family", { project: "homelab", group: "family", role: "guest" }]]);
    const other = await clients({ "sso.registry": { roles } });
    expect(members(other)).toEqual(
      roles.map((role) => [`registry-login-${role.group}`, { project: "homelab", ...role }]),
    );
    for (const each of other.ofType(harborType("GroupMember"))) {
      expect(dependencies(other, each)).toEqual(["Configuration registry-login-configuration"]);
    }
    expect(members(await clients({ "sso.registry": { roles: [] } }))).toEqual([]);
  });

  test("EC-8: is set up after what is in it, and refuses its old secret after that", () => {
    expect(dependencies(first, settings())).toEqual(["test:index:Contents contents"]);
    expect(dependencies(first, authentication(first, "registry"))).toEqual([
      "Configuration registry-login-configuration",
    ]);
  });

  test("US3: its settings go with the machine", () => {
    const login = first.get("homelab:sso:RegistryLogin", "registry-login").resource;
    for (const each of [settings(), ...first.ofType(harborType("GroupMember"))])
      expect(each.options).toMatchObject({ parent: login, deletedWith: first.result.machine.resource });
  });
});

describe("Grafana", () => {
  const settings = (deployment = first) => deployment.get(grafanaType, "grafana-login");

  test("US3.1, EF-015: asks the single sign-on with PKCE, and refuses who has no role; its login form stays (EC-7)", () => {
    expect(ownInputs(settings())).toEqual({
      enabled: true,
      name: "Homelab",
      clientId: "grafana",
      clientSecret: clientSecret("grafana"),
      authUrl: "https://auth.home.arpa/application/o/authorize/",
      tokenUrl: "https://auth.home.arpa/application/o/token/",
      apiUrl: "https://auth.home.arpa/application/o/userinfo/",
      signoutRedirectUrl: "https://auth.home.arpa/application/o/grafana/end-session/",
      scopes: ["openid", "email", "profile", "offline_access"],
      usePkce: true,
      useRefreshToken: true,
      allowSignUp: true,
      autoLogin: false,
      loginAttributePath: "preferred_username",
      roleAttributeStrict: true,
      allowAssignGrafanaAdmin: true,
      roleAttributePath: "contains(groups[*], 'admins') && 'GrafanaAdmin' || contains(groups[*], 'family') && 'Viewer'",
    });
  });

  test("EF-005: is reached through the edge, and its passwords are secrets", () => {
    expect(settings().inputs.connection).toEqual({
      endpoint: "https://grafana.home.arpa",
      address: "192.168.1.60",
      ca: rootCertificate,
      username: "admin",
      password: grafanaPassword,
    });
    expect([...settings().secrets].sort()).toEqual(["clientSecret", "connection"]);
    expect(openHolders(first, clientSecret("grafana"))).toEqual([]);
    expect(openHolders(first, grafanaPassword)).toEqual([]);
  });

  test("EF-015: gives each user the highest role of the user's groups, and none to who is in no such group", async () => {
    const roles = [
      { group: "friends", role: "Viewer" },
      { group: "family", role: "Editor" },
    ];
    const other = await clients({ "sso.grafana": { roles } });
    const role = (...groups: string[]) => evaluate(String(settings(other).inputs.roleAttributePath), { groups });
    expect(role("friends", "admins", "family")).toBe("GrafanaAdmin");
    expect(role("friends", "family")).toBe("Editor");
    expect(role("friends")).toBe("Viewer");
    expect(role("authentik Admins")).toBeUndefined();
    expect(role()).toBeUndefined();
  });

  test("EF-015: lets in administrators alone where no group has a role", async () => {
    const other = await clients({ "sso.grafana": { roles: [] } });
    expect(settings(other).inputs).toMatchObject({
      roleAttributeStrict: true,
      roleAttributePath: "contains(groups[*], 'admins') && 'GrafanaAdmin'",
    });
  });

  test("EC-8: is set up through the edge, and refuses its old secret after that", () => {
    expect(dependencies(first, settings())).toEqual(["test:index:Edge edge"]);
    expect(dependencies(first, authentication(first, "grafana"))).toEqual(["SsoSettings grafana-login"]);
  });

  test("US3.1: its settings do not go with the machine of the single sign-on: Grafana has to be set back", () => {
    expect(settings().options.deletedWith).toBeUndefined();
    expect(settings().options.parent).toBe(first.get("homelab:sso:GrafanaLogin", "grafana-login").resource);
  });
});

describe("Proxmox", () => {
  const proxmoxTypes: string[] = [types.realm, types.group, types.acl];
  const groups = (deployment: Deployment<Made>) => deployment.ofType(types.group).map(({ inputs }) => inputs.groupId);
  const acls = (deployment: Deployment<Made>) =>
    deployment
      .ofType(types.acl)
      .map(({ inputs: { groupId, path, roleId } }) => `${groupId} ${path} ${roleId}`)
      .sort();

  const administrators = ["admins-sso / PVEAuditor", "admins-sso /storage PVEAdmin", "admins-sso /vms PVEAdmin"];

  test("EF-015: phase 1 leaves it alone", () => {
    expect(first.resources.filter(({ type }) => proxmoxTypes.includes(type))).toEqual([]);
    expect(first.ofType("homelab:sso:ProxmoxLogin")).toEqual([]);
  });

  test("EF-015: phase 2 gives it a realm, in which the groups of a login are the groups here, and no others are made", () => {
    expect(second.get(types.realm, "proxmox-login-realm").inputs).toEqual({
      realm: "sso",
      comment: "Single sign-on",
      issuerUrl: "https://auth.home.arpa/application/o/proxmox/",
      clientId: "proxmox",
      clientKey: clientSecret("proxmox"),
      usernameClaim: "username",
      autocreate: true,
      groupsClaim: "groups",
      groupsAutocreate: false,
      groupsOverwrite: true,
      scopes: "email profile",
      queryUserinfo: true,
    });
    expect(second.ofType(types.realm)).toHaveLength(1);
  });

  test("EC-7: its own logins stay: the realm is not the default one", () => {
    expect(second.get(types.realm, "proxmox-login-realm").inputs).not.toHaveProperty("default");
  });

  test("EF-005: the client secret is a secret", () => {
    expect(second.get(types.realm, "proxmox-login-realm").secrets).toEqual(["clientKey"]);
    expect(openHolders(second, clientSecret("proxmox"))).toEqual([]);
  });

  test("EF-015: administrators see all of it, and run its guests and storages; nobody administers all of it", () => {
    expect(second.get(types.group, "proxmox-login-admins").inputs).toEqual({
      groupId: "admins-sso",
      comment: "Members come from single sign-on",
    });
    expect(groups(second)).toEqual(["admins-sso"]);
    expect(acls(second)).toEqual(administrators);
    for (const { inputs } of second.ofType(types.acl)) {
      expect(Object.keys(inputs).sort()).toEqual(["groupId", "path", "propagate", "roleId"]);
      expect(inputs.propagate).toBe(true);
    }
  });

  test("EF-015: other groups see all, or have its guests, as the config says; none has an administrator's role", async () => {
    const roles = [
      { group: "family", role: "PVEAuditor" },
      { group: "friends", role: "PVEVMUser" },
    ];
    const other = await clients({ ...phase2, "sso.proxmox": { realm: "house", roles } });
    expect(groups(other)).toEqual(["admins-house", "family-house", "friends-house"]);
    expect(acls(other)).toEqual([
      "admins-house / PVEAuditor",
      "admins-house /storage PVEAdmin",
      "admins-house /vms PVEAdmin",
      "family-house / PVEAuditor",
      "friends-house /vms PVEVMUser",
    ]);
    expect(acls(other).filter((acl) => / \/ (?!PVEAuditor$)/.test(acl))).toEqual([]);
    expect(texts(other.ofType(types.acl).map(({ inputs }) => inputs))).not.toContain("Administrator");
  });

  test("EF-015: groups come after their realm, rights after their group, and each is replaced under its name", async () => {
    for (const each of second.ofType(types.group)) {
      expect(await sources(second, each)).toContain(`${types.realm} proxmox-login-realm`);
    }
    for (const each of second.ofType(types.acl)) {
      expect(await sources(second, each)).toContain(`${types.group} proxmox-login-admins`);
    }
    const login = second.get("homelab:sso:ProxmoxLogin", "proxmox-login").resource;
    for (const { options } of second.resources.filter(({ type }) => proxmoxTypes.includes(type))) {
      expect(options).toMatchObject({ parent: login, deleteBeforeReplace: true });
    }
  });

  test("EC-8: refuses its old secret once it has the new one", () => {
    expect(dependencies(second, authentication(second, "proxmox"))).toEqual([`${types.realm} proxmox-login-realm`]);
  });
});

test("EF-015: turning the phase back removes what is Proxmox's, and leaves Grafana and Harbor as they are", () => {
  const kept = (deployment: Deployment<Made>) =>
    [harborType("Configuration"), harborType("GroupMember"), grafanaType].flatMap((type) =>
      deployment.ofType(type).map(({ name, inputs }) => ({ name, inputs })),
    );
  expect(kept(first)).toEqual(kept(second));
  const removed = second.ids().filter((id) => !first.ids().includes(id));
  expect(removed.filter((id) => !id.includes("proxmox"))).toEqual([]);
});

test("US5: the preview before the first update shows every client", async () => {
  expect((await clients(phase2, { preview: true })).ids()).toEqual(second.ids());
});
