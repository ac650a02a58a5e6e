import * as pulumi from "@pulumi/pulumi";

import { dashboardEntry } from "../../../../components/edge/dashboard";
import { loginOf } from "../../../../components/registry/catalogue";
import { Applications } from "../../../../components/sso/applications";
import { existingLogins } from "../../../../components/sso/client";
import { stubMachine } from "../../../helpers/unit/machine-stub";
import { deploy, Deployment, resolved, types } from "../../../helpers/unit/pulumi-mocks";
import {
  allowed,
  authentikType,
  clientSecret,
  config,
  dependencies,
  makeAccess,
  moreServices,
  objectInputs,
  objectNames,
  objects,
  openHolders,
  registry,
  sources,
  url,
} from "../../../helpers/unit/sso-program";

jest.setTimeout(60_000);

interface Made {
  applications: Applications;
  clients: Applications["clients"];
  machine: ReturnType<typeof stubMachine>;
}

/** `setUp` are the entries that are set up from here, each by a component of its own. */
function applications(
  { changes = {}, setUp = [] as string[], services = moreServices } = {},
  options = {},
): Promise<Deployment<Made>> {
  const { sso, services: configured } = config(changes);
  const dashboard = sso.phase === 2 ? [dashboardEntry("home.arpa", [sso.adminGroup])] : [];
  return deploy(() => {
    const { access, machine } = makeAccess(sso);
    const all = [...configured, ...services, ...dashboard];
    const logins = existingLogins(all, sso, true).filter(({ service }) => setUp.includes(service));
    if (setUp.includes(registry.name)) logins.push(loginOf(registry));
    const made = new Applications("applications", { machine, access, url, services: all, logins, sso });
    for (const { service } of logins) {
      const settings = new pulumi.ComponentResource("test:index:Settings", service);
      made.application(service)?.accept([settings]);
    }
    return { applications: made, clients: made.clients, machine };
  }, options);
}

let deployed: Deployment<Made>;
let second: Deployment<Made>;
beforeAll(async () => {
  deployed = await applications({ setUp: ["registry", "grafana", "proxmox"] });
  second = await applications({ changes: { "sso.phase": 2 }, setUp: ["registry", "grafana", "proxmox"] });
});

const inputs = (kind: string, name: string, deployment: Deployment<Made> = deployed) =>
  objectInputs(deployment, kind, name);
const names = (kind: string, deployment: Deployment<Made> = deployed) =>
  objectNames(deployment, kind).filter((name) => name.startsWith("applications-"));

describe("an entry with auth oidc", () => {
  test("EF-011, K9: has a provider with its client secret, its groups in the profile, a logout that ends the session, and no login without groups for over a day", () => {
    expect(inputs("OAuthProvider", "applications-grafana")).toEqual({
      name: "grafana",
      clientId: "grafana",
      clientSecret: clientSecret("grafana"),
      redirectUris: ["https://grafana.home.arpa/login/generic_oauth"],
      signingKey: "homelab-signing",
      invalidationFlow: "default-invalidation-flow",
      refreshTokenValidity: "days=1",
      refreshTokenThreshold: "seconds=1",
      scopeMappings: [
        "goauthentik.io/providers/oauth2/scope-openid",
        "goauthentik.io/providers/oauth2/scope-email",
        "goauthentik.io/providers/oauth2/scope-profile",
        "goauthentik.io/providers/oauth2/scope-offline_access",
      ],
    });
  });

  test("EF-011: has an application in front of it", () => {
    expect(inputs("Application", "applications-grafana")).toEqual({
      slug: "grafana",
      name: "grafana",
      provider: "grafana",
      providerId: 7,
      launchUrl: "https://grafana.home.arpa",
      description: "Dashboards",
    });
    expect(inputs("Application", "applications-wiki").description).toBe("");
  });

  test("EF-005: has a client secret of its own, secret wherever it is", () => {
    const made = deployed.ofType(types.password).filter(({ name }) => name.startsWith("applications-"));
    expect(made.map(({ name, inputs: { length, special } }) => ({ name, length, special }))).toEqual(
      ["grafana", "registry", "wiki", "closed"].map((name) => ({
        name: `applications-${name}-secret`,
        length: 64,
        special: false,
      })),
    );
    expect(openHolders(deployed, "password of")).toEqual([]);
    for (const { secrets } of deployed.ofType(authentikType("OAuthProvider")))
      expect([...secrets].sort()).toEqual(["clientSecret", "connection"]);
  });

  test("EF-011: has its answers sent where it says, or where the services send them that are set up from here", () => {
    const given = (deployment: Deployment<Made>) =>
      Object.fromEntries(
        deployment.ofType(authentikType("OAuthProvider")).map((each) => [each.inputs.name, each.inputs.redirectUris]),
      );
    const always = {
      grafana: ["https://grafana.home.arpa/login/generic_oauth"],
      registry: ["https://registry.home.arpa/c/oidc/callback"],
      wiki: ["https://wiki.home.arpa/callback"],
      closed: ["https://closed.home.arpa/callback"],
    };
    expect(given(deployed)).toEqual(always);
    expect(given(second)).toEqual({
      ...always,
      proxmox: ["https://proxmox.home.arpa", "https://192.168.1.10:8006"],
    });
  });

  test("EF-011: may have its answers sent to further places, each once", async () => {
    const own = "https://registry.home.arpa/c/oidc/callback";
    const redirectUris = [own, "https://images.home.arpa/c/oidc/callback"];
    const other = await applications({ services: [{ ...registry, redirectUris }] });
    expect(inputs("OAuthProvider", "applications-registry", other).redirectUris).toEqual(redirectUris);
  });
});

describe("an entry with auth proxy", () => {
  test("EF-015, K9: has a provider for its host alone, whose logout ends the session, an application, and its place in the outpost", () => {
    expect(inputs("ProxyProvider", "applications-prometheus")).toEqual({
      name: "prometheus",
      externalHost: "https://prometheus.home.arpa",
      interceptHeaderAuth: false,
      invalidationFlow: "default-invalidation-flow",
      accessTokenValidity: "hours=1",
    });
    expect(inputs("Application", "applications-prometheus")).toEqual({
      slug: "prometheus",
      name: "prometheus",
      provider: "prometheus",
      providerId: 7,
      launchUrl: "https://prometheus.home.arpa",
      description: "Metrics and alert rules",
    });
    expect(inputs("OutpostMembership", "applications-prometheus-outpost")).toEqual({
      provider: "prometheus",
      providerId: 7,
    });
  });

  test("EF-015: every such provider is in the outpost, and no other", () => {
    const served = deployed.ofType(authentikType("OutpostMembership")).map((each) => each.inputs.provider);
    expect(served).toEqual(["prometheus", "alertmanager", "empty"]);
    expect(names("ProxyProvider")).toEqual(served.map((name) => `applications-${name}`));
  });

  test("EF-012: is served once it is decided who may in", () => {
    const membership = deployed.get(authentikType("OutpostMembership"), "applications-prometheus-outpost");
    expect(dependencies(deployed, membership)).toEqual([
      "Application applications-prometheus",
      "PolicyBinding applications-prometheus@admins",
    ]);
  });
});

describe("who may in", () => {
  test("EF-012: the entry's groups; without any, nobody", () => {
    expect(allowed(deployed)).toEqual({
      prometheus: ["group/admins"],
      alertmanager: ["group/admins"],
      empty: ["group/nobody"],
      grafana: ["group/admins", "group/family"],
      registry: ["group/admins", "group/family"],
      wiki: ["group/family"],
      closed: ["group/nobody"],
    });
  });

  test("EF-012: groups have an order, and the group of nobody exists before it is bound", async () => {
    const order = ["admins", "family"].map((group) => inputs("PolicyBinding", `applications-grafana@${group}`).order);
    expect(order).toEqual([0, 1]);
    expect(inputs("PolicyBinding", "applications-closed@nobody")).toEqual({
      target: "application/closed",
      bound: "group/nobody",
      order: 0,
    });
    const closed = deployed.get(authentikType("PolicyBinding"), "applications-closed@nobody");
    expect(await sources(deployed, closed)).toEqual(
      expect.arrayContaining(["Application applications-closed", "Group sso-nobody"]),
    );
  });

  test("EF-011: an entry with a login of its own, or none, has no application", () => {
    for (const name of ["auth", "blog"]) {
      expect(deployed.ids().filter((id) => id.includes(`applications-${name}`))).toEqual([]);
    }
  });
});

describe("the phases", () => {
  test("EF-015: phase 1 leaves Proxmox and Traefik's dashboard out", () => {
    expect(names("Application")).toEqual(
      ["prometheus", "alertmanager", "empty", "grafana", "registry", "wiki", "closed"].map(
        (name) => `applications-${name}`,
      ),
    );
    expect(deployed.ids().filter((id) => /proxmox|traefik/.test(id))).toEqual([]);
  });

  test("EF-015: phase 2 adds them, for administrators, and changes nothing else", () => {
    const added = second.ids().filter((id) => !deployed.ids().includes(id));
    expect(added.map((id) => id.replace(/^pulumi-nodejs:dynamic\/authentik:/, "")).sort()).toEqual(
      [
        "Application applications-proxmox",
        "Application applications-traefik",
        "ClientAuthentication applications-proxmox-authentication",
        "OAuthProvider applications-proxmox",
        "OutpostMembership applications-traefik-outpost",
        "PolicyBinding applications-proxmox@admins",
        "PolicyBinding applications-traefik@admins",
        "ProxyProvider applications-traefik",
        "homelab:sso:OidcApplication applications-proxmox",
        "homelab:sso:ProxyApplication applications-traefik",
        `${types.password} applications-proxmox-secret`,
        "test:index:Settings proxmox",
      ].sort(),
    );
    expect(deployed.ids().filter((id) => !second.ids().includes(id))).toEqual([]);
    expect(allowed(second)).toEqual({ ...allowed(deployed), proxmox: ["group/admins"], traefik: ["group/admins"] });
  });

  test("EF-015: Proxmox is the entry that the config names, whatever it is called", async () => {
    const services = config().services.map((each) => (each.name === "proxmox" ? { ...each, name: "pve" } : each));
    const changes = { services, "sso.proxmox": { service: "pve" } };
    expect(names("Application", await applications({ changes }))).not.toContain("applications-pve");
    const other = await applications({ changes: { ...changes, "sso.phase": 2 } });
    expect(names("Application", other)).toContain("applications-pve");
  });
});

describe("client secrets", () => {
  test("EC-8: an old one is refused once the service has the new one", async () => {
    const authentication = deployed.get(authentikType("ClientAuthentication"), "applications-grafana-authentication");
    expect(inputs("ClientAuthentication", "applications-grafana-authentication")).toEqual({
      provider: "grafana",
      clientSecret: clientSecret("grafana"),
      rotation: "rotation-of-applications-grafana",
    });
    expect(dependencies(deployed, authentication)).toEqual(["test:index:Settings grafana"]);
    expect(await sources(deployed, authentication)).toContain("OAuthProvider applications-grafana");
    expect([...authentication.secrets].sort()).toEqual(["clientSecret", "connection"]);
  });

  test("EC-8: where a service is set up by hand, an old one is refused at once", () => {
    for (const name of ["wiki", "closed"]) {
      const authentication = deployed.get(authentikType("ClientAuthentication"), `applications-${name}-authentication`);
      expect(dependencies(deployed, authentication)).toEqual([]);
    }
  });

  test("EF-011: every client has to show its secret in the end", () => {
    const clients = [names("OAuthProvider"), names("OAuthProvider", second)];
    expect(clients.map((each) => each.length)).toEqual([4, 5]);
    expect(names("ClientAuthentication").sort()).toEqual(clients[0]?.map((name) => `${name}-authentication`).sort());
    expect(names("ClientAuthentication", second).sort()).toEqual(
      clients[1]?.map((name) => `${name}-authentication`).sort(),
    );
  });
});

describe("what services are set up with by hand", () => {
  test("EF-011: is for those that nothing here sets up, whole, and secret", async () => {
    const { clients } = deployed.result;
    expect(await pulumi.isSecret(clients)).toBe(true);
    const client = (name: string) => ({
      issuer: `https://auth.home.arpa/application/o/${name}/`,
      authorizeUrl: "https://auth.home.arpa/application/o/authorize/",
      tokenUrl: "https://auth.home.arpa/application/o/token/",
      userInfoUrl: "https://auth.home.arpa/application/o/userinfo/",
      logoutUrl: `https://auth.home.arpa/application/o/${name}/end-session/`,
      clientId: name,
      clientSecret: clientSecret(name),
    });
    expect(await resolved(clients)).toEqual({ wiki: client("wiki"), closed: client("closed") });
  });

  test("EF-011: is nothing where there is nothing to set up, and is secret all the same", async () => {
    const { clients } = (await applications({ services: [registry], setUp: ["registry", "grafana"] })).result;
    expect(await resolved(clients)).toEqual({});
    expect(await pulumi.isSecret(clients)).toBe(true);
  });

  test("EF-015: in phase 1, setting up Proxmox does nothing", () => {
    const logins = deployed.ofType("test:index:Settings").map(({ name }) => name);
    expect(logins.sort()).toEqual(["grafana", "registry"]);
    expect(deployed.result.applications.application("proxmox")).toBeUndefined();
  });
});

test("US3: every object waits for the way in, is inside its component, and goes with the machine", () => {
  const { machine } = deployed.result;
  const theirs = objects(deployed).filter(({ name }) => name.startsWith("applications-"));
  for (const each of theirs) {
    const { name, options } = each;
    const label = name.replace(/^(applications-[^-@]+).*$/, "$1");
    const parent = deployed.resources.find((other) => other.resource === options.parent);
    expect({ name, parent: parent?.name }).toEqual({ name, parent: label });
    expect(options.deletedWith).toBe(machine.resource);
    if (/:(ClientAuthentication|OutpostMembership)$/.test(each.type)) continue;
    expect({ name, needed: dependencies(deployed, each) }).toEqual({ name, needed: ["ClosedFlows sso-closed-flows"] });
  }
});

test("US5: the preview before the first update shows every application", async () => {
  const preview = await applications({ setUp: ["registry", "grafana", "proxmox"] }, { preview: true });
  expect(preview.ids()).toEqual(deployed.ids());
});
