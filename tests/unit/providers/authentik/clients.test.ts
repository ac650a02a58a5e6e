import { boot } from "../../../../providers/authentik/defaults";
import { freshness } from "../../../../providers/authentik/memory";
import { newUser } from "../../../../lab/authentik/api/kinds/users";
import { client, pair } from "../../../helpers/unit/authentik-account-lives";
import { AuthentikApi, startForEachTest } from "../../../helpers/unit/authentik-api";
import { failure, Stack } from "../../../helpers/unit/provider-stack";

let api: AuthentikApi;
const stackOf = (type: string): Stack => new Stack(type, api.connection, "authentik");

startForEachTest((started) => (api = started));

describe("a client secret", () => {
  const signed = { ...client, signingKey: "authentik Self-signed Certificate" };
  const row = () => api.row("oauth2Providers", "name", "grafana");
  let provider: Stack;
  let authentication: Stack;
  const confirm = (clientSecret: string) =>
    authentication.up({ provider: "grafana", clientSecret, rotation: provider.outs.rotation });

  beforeEach(async () => {
    [provider, authentication] = [stackOf("OAuthProvider"), stackOf("ClientAuthentication")];
    await provider.up(signed);
    await confirm("Client-Secret-1");
  });

  test("EF-011: is one that the client must show", () => {
    expect(row()).toMatchObject({ client_type: "confidential", client_secret: "Client-Secret-1" });
  });

  test("EF-011: is changed in two steps, so that no login fails in between", async () => {
    expect(await provider.up({ ...signed, clientSecret: "Client-Secret-2" })).toBe("update");
    expect(row()).toMatchObject({ client_type: "public", client_secret: "Client-Secret-2" });
    expect(await confirm("Client-Secret-2")).toBe("update");
    expect(row()).toMatchObject({ client_type: "confidential", client_secret: "Client-Secret-2" });
    api.writes();
    for (const stack of [provider, authentication]) await stack.refresh();
    expect(await provider.up({ ...signed, clientSecret: "Client-Secret-2" })).toBe("same");
    expect(await confirm("Client-Secret-2")).toBe("same");
    expect(api.writes()).toEqual([]);
  });

  test("EF-011: that was changed by hand is set right, and asked for again in the same run", async () => {
    row().client_secret = "Somebody-Elses";
    freshness.time = 0;
    await provider.refresh();
    expect(await provider.up(signed)).toBe("update");
    expect(await confirm("Client-Secret-1")).toBe("update");
    expect(row()).toMatchObject({ client_type: "confidential", client_secret: "Client-Secret-1" });
  });

  test("EF-011: of a provider that is taken over is never left open", async () => {
    await stackOf("OAuthProvider").up({ ...signed, clientSecret: "Client-Secret-3" });
    expect(row()).toMatchObject({ client_type: "confidential", client_secret: "Client-Secret-3" });
  });

  test("EF-011: is not asked for by hand: a refresh finds it", async () => {
    row().client_type = "public";
    freshness.time = 0;
    await provider.refresh();
    expect(await provider.up(signed)).toBe("same");
    await authentication.refresh();
    expect(await confirm("Client-Secret-1")).toBe("update");
    expect(row().client_type).toBe("confidential");
  });

  test("EF-011: an application gets a provider that was replaced", async () => {
    const application = stackOf("Application");
    const args = () => ({ slug: "grafana", name: "G", provider: "grafana", providerId: provider.outs.providerId });
    await application.up(args());
    expect(await provider.up({ ...signed, subMode: "user_uuid" })).toBe("replace");
    expect(api.row("applications", "slug", "grafana").provider).toBeNull();
    expect(await application.up(args())).toBe("update");
    expect(api.row("applications", "slug", "grafana").provider).toBe(row().pk);
  });
});

describe("with 1,000 users", () => {
  beforeEach(() => {
    const group = api.objects.insert("groups", {
      name: "family",
      is_superuser: false,
      parents: [],
      roles: [],
      attributes: {},
    });
    for (let count = 0; count < 1000; count++) {
      const fields = { ...newUser(api.objects), username: `user-${count}`, name: "U", groups: [group.pk] };
      api.objects.insertNumbered("users", fields);
    }
    Object.assign(api.objects.settings, { pagination_max_page_size: 100 });
  });

  test("CS-004: a refresh asks for pages, and not for each user and membership", async () => {
    freshness.time = 60_000;
    for (let count = 0; count < 1000; count++) {
      expect(await stackOf("User").lookUp(`user-${count}`)).toBe(true);
      expect(await stackOf("GroupMembership").lookUp(`family/user-${count}`)).toBe(true);
    }
    expect(api.log.length).toBeLessThanOrEqual(14);
  });

  test("CS-004: what this program writes is seen at once", async () => {
    freshness.time = 60_000;
    const [user, member] = [stackOf("User"), stackOf("GroupMembership")];
    await user.lookUp("user-7");
    await member.lookUp("family/user-7");
    await user.up({ username: "user-7", name: "Renamed" });
    await user.refresh();
    expect(user.inputs.name).toBe("Renamed");
    await member.destroy();
    expect(await stackOf("GroupMembership").lookUp("family/user-7")).toBe(false);
    await member.up({ group: "family", username: "user-7" });
    expect(await member.refresh()).toBe(true);
    await user.destroy();
    expect(await member.refresh()).toBe(false);
  });
});

describe("default objects", () => {
  test("EF-011: are waited for, and what is missing is said when it changes", async () => {
    await api.stop();
    api = await AuthentikApi.start({ blueprintDelay: 600 });
    const said = jest.spyOn(console, "error").mockReturnValue();
    Object.assign(boot, { pause: 50 });
    const stack = stackOf("Defaults");
    expect(await stack.up({})).toBe("create");
    const lines = said.mock.calls.map(String);
    said.mockRestore();
    expect(lines.length).toBeGreaterThan(0);
    expect(new Set(lines).size).toBe(lines.length);
    for (const line of lines) expect(line).toMatch(/^Waiting for Authentik: /);
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up({})).toBe("same");
  });

  test("EF-011: that never come are named", async () => {
    const said = jest.spyOn(console, "error").mockReturnValue();
    Object.assign(boot, { pause: 20, limit: 300 });
    api.objects.outposts.splice(0);
    const { message } = await failure(stackOf("Defaults").up({}));
    said.mockRestore();
    expect(message).toMatch(/still missing: outpost goauthentik\.io\/outposts\/embedded.*docker logs/);
  });
});

describe("K7: an error of the server, which says 405 and nothing else", () => {
  const group = { name: "family" };
  const groups = () => api.objects.groups.filter(({ name }) => name === "family");

  test("is tried again where that cannot do a thing twice", async () => {
    const stack = stackOf("Group");
    await stack.up(group);
    api.fail({ match: "PATCH /core/groups/", as: 500 });
    expect(await stack.up({ ...group, superuser: true })).toBe("update");
    api.fail({ match: "DELETE /core/groups/", as: 500 });
    await stack.destroy();
    expect(groups()).toEqual([]);
  });

  test("leaves it open whether an object was made, which is then taken over", async () => {
    await stackOf("Group").up(group);
    api.fail({ match: "POST /core/groups/", as: 500 });
    expect(await stackOf("Group").up(group)).toBe("create");
    expect(groups()).toHaveLength(1);
  });

  test("is told for what it is", async () => {
    api.fail({ match: "POST /core/groups/", as: 500 });
    const { message, status, unsure } = await failure(stackOf("Group").up(group));
    expect([status, unsure]).toEqual([500, true]);
    expect(message).toContain("it answered 405 and nothing else, as it does when it fails. It may have been done");
  });

  test("is none where the answer says that the method is wrong", async () => {
    api.fail({ match: "POST /core/groups/", as: 405, body: { detail: 'Method "POST" not allowed.' } });
    expect(await failure(stackOf("Group").up(group))).toMatchObject({ status: 405, unsure: false });
  });
});

test("EF-011: a scope mapping of Authentik's own is neither taken over nor changed", async () => {
  const own = api.objects.scopeMappings[0] ?? {};
  const args = { name: own.name as string, scopeName: "groups", expression: "return {}" };
  const before = structuredClone(own);
  const error = await failure(stackOf("ScopeMapping").up(args));
  expect(error.status).toBe(409);
  expect(own).toEqual(before);
});

test("EF-011: an object that something refers to and that is not there is named", async () => {
  const { message } = await failure(stackOf("OAuthProvider").up(client));
  expect(message).toContain('there is no key pair "house-signing". Correct its name, or make it first');
  const other = await failure(stackOf("GroupMembership").up({ group: "nobody", username: "anna" }));
  expect(other.message).toContain('there is no group "nobody"');
});

test("EF-011: no secret is in an error, whatever Authentik repeats", async () => {
  const secrets = [client.clientSecret, "Token-Secret-1", pair.key, api.connection.token];
  const echo = (match: string): void => api.fail({ match, as: 400, body: { detail: secrets.join(" ") } });
  echo("POST /providers/oauth2/");
  const messages = [
    (await failure(stackOf("OAuthProvider").up({ ...client, signingKey: "authentik Self-signed Certificate" })))
      .message,
  ];
  expect(messages[0]).not.toContain("Client-Secret-1");
  echo("POST /core/tokens/homelab/set_key/");
  const token = { identifier: "homelab", user: "akadmin", key: "Token-Secret-1" };
  messages.push((await failure(stackOf("Token").up(token))).message);
  expect(messages[1]).not.toContain("Token-Secret-1");
  echo("POST /crypto/");
  const body = { detail: pair.key };
  api.mend();
  api.fail({ match: "POST /crypto/", as: 400, body });
  messages.push((await failure(stackOf("KeyPair").up({ name: "k", certificate: pair.cert, key: pair.key }))).message);
  expect(messages[2]).not.toContain("BEGIN PRIVATE KEY");
  for (const message of messages) {
    expect(message).toContain("[secret]");
    expect(message).not.toContain(api.connection.token);
  }
});

test.each<[string, object, string]>([
  ["OAuthProvider", { ...client, redirectUris: ["http://grafana.home.arpa/"] }, "redirectUris[0]: "],
  ["OAuthProvider", { ...client, redirectUris: [] }, "redirectUris: is empty"],
  ["OAuthProvider", { ...client, clientSecret: "short" }, "clientSecret: must have 12 to 255 letters"],
  ["OAuthProvider", { ...client, accessTokenValidity: "1 hour" }, "accessTokenValidity: "],
  ["OAuthProvider", { ...client, grantTypes: ["password"] }, "grantTypes: "],
  ["User", { username: "anna", name: "Anna", email: "anna" }, "email: "],
  ["User", { username: "anna ", name: "Anna" }, "username: "],
  ["User", { username: "anna", name: "Anna", path: "/users" }, "path: "],
  ["User", { username: "anna", name: "Anna", path: "users//family" }, "path: "],
  ["Brand", { brandingLogo: "" }, "brandingLogo: is empty"],
  ["Application", { slug: "my app", name: "App" }, "slug: "],
  ["Application", { slug: "userinfo", name: "App" }, "slug: "],
  ["ProxyProvider", { name: "a", externalHost: "http://a.home.arpa" }, "externalHost: "],
  ["EmbeddedOutpost", { authentikHost: "auth.home.arpa" }, "authentikHost: "],
  ["KeyPair", { name: "a", certificate: "no" }, "certificate: is no certificate in PEM"],
  ["KeyPair", { name: "a", certificate: pair.cert, key: "no" }, "key: is no private key in PEM"],
  ["Token", { identifier: "a", user: "anna", key: "short" }, "key: must have 12 letters or more"],
  ["ScopeMapping", { name: "a", scopeName: "two words", expression: "return {}" }, "scopeName: "],
  ["RecoveryLink", { username: "anna", validity: "3 days" }, "validity: "],
])("EF-011: %s refuses %j", async (type, args, reason) => {
  const refusals = await stackOf(type).refusals(args);
  expect(refusals).toHaveLength(1);
  expect(refusals[0]).toContain(reason);
  expect(refusals[0]).not.toMatch(/short/);
});
