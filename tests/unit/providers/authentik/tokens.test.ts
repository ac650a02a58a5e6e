import { bootstrap } from "../../../../lab/authentik/defaults";
import { Authentik } from "../../../../providers/authentik/api";
import { bootstrapKey, bootstrapToken } from "../../../../providers/authentik/bootstrap-key";
import { freshness } from "../../../../providers/authentik/memory";
import { AuthentikApi, startForEachTest } from "../../../helpers/unit/authentik-api";
import { failure, Stack } from "../../../helpers/unit/provider-stack";

let api: AuthentikApi;
const stackOf = (type: string): Stack => new Stack(type, api.connection, "authentik");

startForEachTest((started) => (api = started));

describe("a token", () => {
  const args = { identifier: "homelab-metrics", user: "anna", key: "Token-Secret-1" };
  const owner = () =>
    api.row("users", "pk", api.row("tokens", "identifier", "homelab-metrics").user).username as string;
  beforeEach(() => stackOf("User").up({ username: "anna", name: "Anna" }));

  test("K1: stays its owner's where it is changed or taken over, and does not become the administrator's", async () => {
    const stack = stackOf("Token");
    await stack.up(args);
    expect(await stack.up({ ...args, description: "reads events" })).toBe("update");
    expect(owner()).toBe("anna");
    expect(await stackOf("Token").up(args)).toBe("create");
    expect(owner()).toBe("anna");
  });

  test("K1: of somebody else is made anew for its owner, with the program's key", async () => {
    const { pk } = api.row("users", "username", "akadmin");
    await stackOf("Token").up(args);
    api.row("tokens", "identifier", "homelab-metrics").user = pk;
    expect(await stackOf("Token").up({ ...args, key: "Token-Secret-2" })).toBe("create");
    expect(owner()).toBe("anna");
    expect(api.objects.hidden.tokenKeys["homelab-metrics"]).toBe("Token-Secret-2");
  });
});

describe("a recovery link", () => {
  const link = { username: "anna" };
  const tokens = () => api.objects.tokens.filter(({ intent }) => intent === "verification");
  const keys = () => tokens().map(({ identifier }) => api.objects.hidden.tokenKeys[identifier]);
  const keyIn = (address: unknown) => new URL(String(address)).searchParams.get("flow_token");
  beforeEach(async () => {
    await stackOf("User").up({ username: "anna", name: "Anna" });
    const flow = api.row("flows", "slug", "default-password-change");
    Object.assign(api.objects.brand ?? {}, { flow_recovery: flow.pk });
  });

  test("US3.3: is made once, kept by a refresh, and made again for a user who was made again", async () => {
    const stack = stackOf("RecoveryLink");
    expect(await stack.up(link)).toBe("create");
    const first = stack.outs.link;
    expect(first).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/if\/flow\/.*flow_token=/);
    api.writes();
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(link)).toBe("same");
    expect(await stack.up({ ...link, flow: "default-password-change" })).toBe("update");
    expect(api.writes()).toEqual([]);
    expect(stack.outs.link).toBe(first);
    expect(await stack.up({ ...link, validity: "hours=1" })).toBe("replace");
    expect(stack.outs.link).not.toBe(first);
    freshness.time = 0;
    api.row("users", "username", "anna").pk = 4711;
    expect(await stack.refresh()).toBe(false);
    await stack.up(link);
    await stack.destroy();
  });

  test("K5: that is made revokes the one there is, also one that has ended and is not purged", async () => {
    await stackOf("RecoveryLink").up(link);
    const [leaked] = keys();
    const stack = stackOf("RecoveryLink");
    await stack.up(link);
    expect(keys()).toEqual([keyIn(stack.outs.link)]);
    expect(keys()).not.toContain(leaked);
    Object.assign(tokens()[0] ?? {}, { expires: api.objects.now(-1000) });
    expect(await stack.up({ ...link, validity: "hours=1" })).toBe("replace");
    expect(tokens()).toMatchObject([{ expires: api.objects.now(3_600_000) }]);
    expect(keys()).toEqual([keyIn(stack.outs.link)]);
  });

  test("K5: that is deleted is revoked, and another that was made since is not", async () => {
    const [first, second] = [stackOf("RecoveryLink"), stackOf("RecoveryLink")];
    await first.up(link);
    await second.up(link);
    await first.destroy();
    expect(keys()).toEqual([keyIn(second.outs.link)]);
    await second.destroy();
    expect(tokens()).toEqual([]);
  });

  test("K5: is deleted without an error where it was opened, or its user is gone", async () => {
    const stack = stackOf("RecoveryLink");
    await stack.up(link);
    api.objects.tokens = api.objects.tokens.filter(({ intent }) => intent === "api");
    await stack.destroy();
    await stack.up(link);
    api.objects.users = api.objects.users.filter(({ username }) => username !== "anna");
    await stack.destroy();
    expect(stack.id).toBeUndefined();
  });

  test("US3.3: without a recovery flow says what is missing", async () => {
    Object.assign(api.objects.brand ?? {}, { flow_recovery: null });
    const { message } = await failure(stackOf("RecoveryLink").up(link));
    expect(message).toMatch(/status 400.*Give the brand a recovery flow/);
  });
});

describe("A2: the key that Authentik was first started with", () => {
  const token = "Program-Token-1";
  const firstKey = bootstrapKey(token);
  /** The program's, as a new process has it. */
  const connect = () => new Authentik({ ...api.connection, token });
  const who = (authentik: Authentik) =>
    authentik.call({ action: "read", object: "user", name: "of the token" }, ({ core }) => core.coreUsersMeRetrieve());
  const keyNow = () => api.objects.hidden.tokenKeys[bootstrapToken];
  const isAccepted = async (key: string) => {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${api.connection.endpoint}/api/v3/core/users/me/`, { headers })).ok;
  };

  beforeEach(() => Object.assign(api.objects.hidden.tokenKeys, { [bootstrapToken]: firstKey }));

  test("does not tell the program's, and is replaced by it with the first call, as the same token", async () => {
    expect(firstKey).toMatch(/^[0-9a-f]{64}$/);
    const before = structuredClone(api.objects.tokens);
    expect((await who(connect())).user).toMatchObject({ username: "akadmin", isSuperuser: true });
    expect([keyNow(), await isAccepted(token), await isAccepted(firstKey)]).toEqual([token, true, false]);
    expect(api.objects.tokens).toEqual(before);
  });

  test("is not tried where the program's is known, as in a stack that was started with that", async () => {
    Object.assign(api.objects.hidden.tokenKeys, { [bootstrapToken]: token });
    await who(connect());
    expect(api.writes()).toEqual([]);
  });

  test("is replaced again where the database is an empty or an older one, or the token was deleted", async () => {
    const program = connect();
    await who(program);
    api.objects.tokens = [];
    expect(await isAccepted(token)).toBe(false);
    bootstrap(api.objects, { token: firstKey });
    expect(await isAccepted(firstKey)).toBe(true);
    await who(connect());
    expect([await isAccepted(token), await isAccepted(firstKey)]).toEqual([true, false]);
  });

  test("is replaced once by two that start together", async () => {
    const both = await Promise.all([connect(), connect()].map(who));
    expect(both.map(({ user }) => user.username)).toEqual(["akadmin", "akadmin"]);
    expect(keyNow()).toBe(token);
  });

  test("changes nothing where somebody has given the token another: the call fails, and names no key", async () => {
    Object.assign(api.objects.hidden.tokenKeys, { [bootstrapToken]: "Somebody-Elses" });
    const { message, status } = await failure(who(connect()));
    expect(status).toBe(403);
    expect(message).toContain("The API token was revoked, has expired, or is not an administrator's");
    expect(message).not.toMatch(new RegExp(`${token}|${firstKey}`));
    expect(keyNow()).toBe("Somebody-Elses");
  });

  test("stays until the next call where Authentik fails meanwhile", async () => {
    const program = connect();
    api.fail({ match: "POST /core/tokens/", as: 502 });
    const { message } = await failure(who(program));
    expect(message).toMatch(/^Cannot set the key of API token "authentik-bootstrap-token" in Authentik \(status 502\)/);
    await who(program);
    expect(keyNow()).toBe(token);
  });
});
