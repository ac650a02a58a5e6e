import { roleAttributePath, type GroupRole } from "../../../../providers/grafana";
import { evaluate } from "../../../../lab/grafana/expression";
import { GrafanaApi } from "../../../helpers/unit/grafana-api";
import { failure, hurry, Stack } from "../../../helpers/unit/provider-stack";

const args = {
  enabled: true,
  name: "Authentik",
  clientId: "grafana",
  clientSecret: "Client-Secret-1",
  authUrl: "https://auth.home.arpa/application/o/authorize/",
  tokenUrl: "https://auth.home.arpa/application/o/token/",
  apiUrl: "https://auth.home.arpa/application/o/userinfo/",
  scopes: ["openid", "profile", "email"],
  usePkce: true,
  loginAttributePath: "preferred_username",
  roleAttributePath: "contains(groups[*], 'admins') && 'Admin'",
  roleAttributeStrict: true,
  allowSignUp: true,
};

let api: GrafanaApi;
let stack: Stack;
beforeAll(hurry);
beforeEach(async () => {
  api = await GrafanaApi.start();
  stack = new Stack("SsoSettings", api.connection, "grafana");
});
afterEach(() => api.stop());

const live = () => api.grafana.settings.current;

describe("Grafana's login settings", () => {
  test("are written once, changed in place, and leave no diff", async () => {
    expect(await stack.up(args)).toBe("create");
    expect(stack.id).toBe("generic_oauth");
    expect(live()).toMatchObject({ client_id: "grafana", client_secret: "Client-Secret-1", use_pkce: true });
    expect(live().scopes).toBe("email,openid,profile");
    api.writes();
    expect(await stack.up(args)).toBe("same");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(args)).toBe("same");
    expect(api.writes()).toEqual([]);
    expect(await stack.up({ ...args, name: "Home", autoLogin: true })).toBe("update");
    expect(live()).toMatchObject({ name: "Home", auto_login: true });
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up({ ...args, name: "Home", autoLogin: true })).toBe("same");
  });

  test("keep what the program does not manage: Grafana forgets what a request leaves out", async () => {
    await stack.up(args);
    api.byHand({ hostedDomain: "home.arpa", tlsClientKey: "private", teamsUrl: "https://teams.home.arpa" });
    await stack.up({ ...args, name: "Home" });
    expect(live()).toMatchObject({ hosted_domain: "home.arpa", tls_client_key: "private", client_id: "grafana" });
  });

  test("that were changed by hand are found by a refresh and set right", async () => {
    await stack.up(args);
    api.byHand({ roleAttributeStrict: false, scopes: "openid email" });
    await stack.refresh();
    expect(await stack.up(args)).toBe("update");
    expect(live()).toMatchObject({ role_attribute_strict: true, scopes: "email,openid,profile" });
    await stack.refresh();
    expect(await stack.up(args)).toBe("same");
  });

  test("that were written by hand before are taken over", async () => {
    api.byHand({ ...args, scopes: "openid", clientSecret: "by hand", hostedDomain: "home.arpa" });
    expect(await stack.up(args)).toBe("create");
    expect(live()).toMatchObject({ client_secret: "Client-Secret-1", hosted_domain: "home.arpa" });
  });

  test("that were reset by hand are made again", async () => {
    await stack.up(args);
    api.grafana.settings.delete("generic_oauth");
    expect(await stack.refresh()).toBe(false);
    expect(await stack.up(args)).toBe("create");
    expect(live()).toMatchObject({ client_id: "grafana", client_secret: "Client-Secret-1" });
  });

  test("a new client secret is written; it is never read", async () => {
    await stack.up(args);
    await stack.refresh();
    expect(stack.outs.clientSecret).toBe("Client-Secret-1");
    expect(await stack.up({ ...args, clientSecret: "Client-Secret-2" })).toBe("update");
    expect(live().client_secret).toBe("Client-Secret-2");
  });

  test("EC-7: deleting them leaves Grafana as its settings file says, however often", async () => {
    await stack.up(args);
    await stack.destroy();
    expect(api.grafana.settings.get("generic_oauth")).toMatchObject({ source: "system", settings: { enabled: false } });
    const again = new Stack("SsoSettings", api.connection, "grafana");
    await again.up(args);
    api.grafana.settings.delete("generic_oauth");
    await again.destroy();
  });

  test("are imported by their key, without what is secret", async () => {
    await stack.up(args);
    const other = new Stack("SsoSettings", api.connection, "grafana");
    expect(await other.lookUp("generic_oauth")).toBe(true);
    expect(other.outs).toMatchObject({ name: "Authentik", scopes: ["email", "openid", "profile"], usePkce: true });
    expect(JSON.stringify(other.inputs)).not.toContain("****");
  });

  test("are written although the answer was lost, and written again after an outage", async () => {
    api.fail("PUT /api/v1/sso-settings", "reset");
    expect(await stack.up(args)).toBe("create");
    api.fail("PUT /api/v1/sso-settings", 503);
    expect(await stack.up({ ...args, name: "Home" })).toBe("update");
    expect(live().name).toBe("Home");
  });
});

describe("what Grafana refuses", () => {
  const refused = async (connection: object, over: object = {}): Promise<string> =>
    (await failure(new Stack("SsoSettings", connection, "grafana").up({ ...args, ...over }))).message;

  test("a service account's token: the remedy names whose login it takes", async () => {
    const message = await refused({ endpoint: api.endpoint, token: GrafanaApi.token });
    expect(message).toContain("Permissions needed: settings:read");
    expect(message).toContain("Use the login of a server administrator");
    expect(message).not.toContain(GrafanaApi.token);
  });

  test("a wrong password, asked once only", async () => {
    const message = await refused({ ...api.connection, password: "Wrong-Password-1" });
    expect(message).toContain("status 401");
    expect(message).not.toContain("Wrong-Password-1");
    expect(api.exchanges).toHaveLength(1);
  });

  test("an older Grafana has no such settings", async () => {
    api.fail("GET /api/v1/sso-settings", 404);
    expect(await refused(api.connection)).toContain("Use Grafana 11 or newer");
  });

  test("no secret is in an error", async () => {
    api.fail("PUT /api/v1/sso-settings", 400);
    const message = await refused(api.connection);
    expect(message).toContain('Cannot create login settings "generic_oauth" in Grafana (status 400)');
    expect(message).not.toContain("Client-Secret-1");
    expect(message).not.toContain(GrafanaApi.password);
  });
});

describe("wrong arguments are named with the remedy", () => {
  test.each<[object, string]>([
    [{ key: "github" }, "key: "],
    [{ authUrl: "http://auth.home.arpa/authorize" }, "authUrl: "],
    [{ tokenUrl: "auth.home.arpa" }, "tokenUrl: "],
    [{ signoutRedirectUrl: "http://auth.home.arpa/end" }, "signoutRedirectUrl: "],
    [{ scopes: ["profile"] }, "scopes: must have openid in it"],
    [{ useRefreshToken: true }, "useRefreshToken: needs offline_access among the scopes"],
    [{ roleAttributePath: "" }, "roleAttributeStrict: would refuse everybody"],
    [{ tlsClientCa: "-----BEGIN CERTIFICATE-----" }, "tlsClientCa: "],
    [{ clientSecret: "" }, "clientSecret: is empty"],
  ])("%j", async (over, reason) => {
    const reasons = await stack.refusals({ ...args, ...over });
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain(reason);
  });

  test.each<[string, object, string]>([
    ["http", { endpoint: "http://grafana.home.arpa" }, "connection.endpoint: would send the password in clear"],
    ["a path", { endpoint: "https://grafana.home.arpa/grafana" }, "connection.endpoint: has a path"],
    ["two logins", { token: "glsa_1" }, "connection.token: is one way to log in, and there is another"],
    ["no password", { password: undefined }, "connection.password: is missing"],
    ["no user", { username: undefined }, "connection.username: is no user name"],
    ["no certificate", { ca: "/etc/root.crt" }, "connection.ca: is no certificate in PEM"],
  ])("a connection with %s", async (_case, over, reason) => {
    const reasons = await new Stack("SsoSettings", { ...api.connection, ...over }, "grafana").refusals(args);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain(reason);
  });
});

describe("roleAttributePath", () => {
  const roles: GroupRole[] = [
    { group: "family", role: "Viewer" },
    { group: "admins", role: "GrafanaAdmin" },
    { group: "house", role: "Editor" },
  ];

  test("asks for the highest role first", () => {
    expect(roleAttributePath(roles)).toBe(
      "contains(groups[*], 'admins') && 'GrafanaAdmin' || contains(groups[*], 'house') && 'Editor' || " +
        "contains(groups[*], 'family') && 'Viewer'",
    );
  });

  test.each([
    [["family"], "Viewer"],
    [["family", "admins"], "GrafanaAdmin"],
    [["house", "family"], "Editor"],
    [["friends"], undefined],
    [[], undefined],
    [["admin"], undefined],
  ])("groups %j give the role %s", (groups, role) => {
    expect(evaluate(roleAttributePath(roles), { groups })).toBe(role);
  });

  test("without groups nobody has a role", () => {
    expect(evaluate(roleAttributePath([]), { groups: ["admins"] })).toBe("");
  });

  test.each(["o'hara", "back\\slash", "end\\", "tick`", "'`\\\"", "ä ö", "') || 'Admin' || ('"])(
    "a group named %j is compared, and nothing of its name is an expression",
    (group) => {
      const expression = roleAttributePath([{ group, role: "Viewer" }]);
      expect(evaluate(expression, { groups: [group] })).toBe("Viewer");
      expect(evaluate(expression, { groups: ["another"] })).toBeUndefined();
    },
  );
});
