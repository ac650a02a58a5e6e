import { patience } from "../../providers/dynamic/http";
import { authentik } from "../../providers/authentik/kinds";
import { freshness } from "../../providers/authentik/memory";
import { lives, pair, type Life } from "./authentik-account-lives";
import { AuthentikApi } from "./authentik-api";
import { lives as flowLives } from "./authentik-flow-lives";
import { hurry, Stack } from "./harbor-stack";

jest.setTimeout(30_000);

let api: AuthentikApi;
/** Authentik with what lives refer to. */
let house: string;

const stackOf = (type: string, connection: object = api.connection): Stack => new Stack(type, connection, "authentik");
const lasting = freshness.time;

beforeAll(async () => {
  hurry();
  // The first request of each type has its description read, which takes longer than others.
  patience.timeout = 5_000;
  // What somebody does by hand is seen at once.
  freshness.time = 0;
  api = await AuthentikApi.start();
  await stackOf("User").up({ username: "anna", name: "Anna" });
  await stackOf("User").up({ username: "ben", name: "Ben" });
  await stackOf("Group").up({ name: "family" });
  await stackOf("KeyPair").up({ name: "house-signing", certificate: pair.cert, key: pair.key });
  const uris = { redirectUris: ["https://wiki.home.arpa/callback"], signingKey: "house-signing" };
  await stackOf("OAuthProvider").up({ name: "wiki", clientId: "wiki", clientSecret: "Client-Secret-1", ...uris });
  await stackOf("ProxyProvider").up({ name: "echo", externalHost: "https://echo.home.arpa" });
  house = JSON.stringify(api.objects);
  await api.stop();
}, 60_000);
beforeEach(async () => {
  api = await AuthentikApi.start();
  api.objects.fromJSON(house);
});
afterEach(() => api.stop());
afterAll(() => void (freshness.time = lasting));

/** Everything but what is kept of who did what. */
const everything = (): object => ({ ...(JSON.parse(JSON.stringify(api.objects)) as object), events: [], lastId: 0 });
const countOf = ({ count }: Life): number => count?.(api.objects) ?? 1;

test("US3.3: every kind has its life tested", () => {
  // Of these two nothing can be changed, and tests of their own say what they do.
  const others = ["Defaults", "RecoveryLink"];
  expect([...Object.keys(lives), ...Object.keys(flowLives), ...others].sort()).toEqual(Object.keys(authentik).sort());
});

describe.each(Object.entries(lives))("%s", (type, life) => {
  const added = life.count ? 1 : 0;

  test("US3.3: is made once, changed in place, and leaves no diff", async () => {
    const count = countOf(life);
    const stack = stackOf(type);
    expect(await stack.up(life.args)).toBe("create");
    expect(stack.id).toBe(life.id);
    expect(countOf(life)).toBe(count + added);
    api.writes();
    expect(await stack.up(life.args)).toBe("same");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    expect(api.writes()).toEqual([]);
    if (!life.change) return;
    expect(await stack.up(life.change)).toBe("update");
    api.writes();
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.change)).toBe("same");
    expect(api.writes()).toEqual([]);
    expect(countOf(life)).toBe(count + added);
  });

  test("US3.3: touches nothing else, and is gone when it is deleted", async () => {
    const before = everything();
    const stack = stackOf(type);
    await stack.up(life.args);
    if (life.change) await stack.up(life.change);
    const made = everything();
    await stack.destroy();
    // What there is always one of stays as it is.
    expect(everything()).toEqual(life.count ? before : made);
  });

  test("US3.3: is replaced where it cannot be changed, and nothing of the old one is left", async () => {
    if (!life.replace) return;
    const count = countOf(life);
    const stack = stackOf(type);
    await stack.up(life.args);
    expect(await stack.up(life.replace)).toBe("replace");
    expect(countOf(life)).toBe(count + 1);
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.replace)).toBe("same");
  });

  test("US3.3: that was changed by hand is found by a refresh and set right", async () => {
    if (!life.drift) return;
    const stack = stackOf(type);
    await stack.up(life.args);
    life.drift(api.objects);
    expect(await stack.up(life.args)).toBe("same");
    await stack.refresh();
    expect(await stack.up(life.args)).toBe("update");
    await stack.refresh();
    expect(await stack.up(life.args)).toBe("same");
  });

  test("US3.3: that was removed by hand is made again, and deleting it is no error", async () => {
    if (!life.remove) return;
    const count = countOf(life);
    const stack = stackOf(type);
    await stack.up(life.args);
    life.remove(api.objects);
    await stack.destroy();
    await stack.up(life.args);
    life.remove(api.objects);
    expect(await stack.refresh()).toBe(false);
    expect(await stack.up(life.args)).toBe("create");
    if (!life.change) return;
    life.remove(api.objects);
    await stack.up(life.change); // without a refresh
    expect(countOf(life)).toBe(count + 1);
  });

  test("US3.3: that exists can be read by its id alone, and is then the program's", async () => {
    await stackOf(type).up(life.args);
    const before = everything();
    const stack = stackOf(type);
    expect(await stack.lookUp(life.id)).toBe(true);
    api.writes();
    expect(await stack.up(life.args)).toBe(life.isSecretive ? "update" : "same");
    if (!life.isSecretive) expect(api.writes()).toEqual([]);
    expect(everything()).toEqual(before);
    expect(await stackOf(type).lookUp("none/none/none")).toBe(type === "EmbeddedOutpost");
  });

  test("US3.3: that exists is taken over by a create, with the program's settings", async () => {
    await stackOf(type).up(life.change ?? life.args);
    const count = countOf(life);
    const stack = stackOf(type);
    expect(await stack.up(life.args)).toBe("create");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    expect(countOf(life)).toBe(count);
  });

  test("US3.3: is made in another installation, which has nothing of the old one", async () => {
    const stack = stackOf(type);
    await stack.up({ ...life.args, installation: "one" });
    const other = await AuthentikApi.start();
    other.objects.fromJSON(house.replaceAll("Bootstrap-Token-1", other.connection.token));
    const moved = { ...life.args, installation: "two", connection: other.connection };
    expect(await stack.up(moved)).toBe("update");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(moved)).toBe("same");
    await other.stop();
  });

  test.each([502, 503, 504, "lost"] as const)(
    "US3.3: stays as the state has it while Authentik answers %s",
    async (as) => {
      const stack = stackOf(type);
      await stack.up(life.args);
      const warning = jest.spyOn(console, "error").mockReturnValue();
      api.fail({ match: "GET", as, times: 100 });
      expect(await stack.refresh()).toBe(true);
      expect(warning.mock.calls.join()).toMatch(/^warning: Cannot read .*What the state says of it stays\.$/);
      api.mend();
      warning.mockRestore();
      expect(await stack.up(life.args)).toBe("same");
    },
  );

  test("US3.3: is not taken for deleted when the API token was revoked", async () => {
    const stack = stackOf(type);
    await stack.up(life.args);
    const tokens = api.objects.tokens.splice(0);
    await expect(stack.refresh()).rejects.toThrow(/status 403.*token was revoked, has expired, or is not/i);
    api.objects.tokens.push(...tokens);
    expect(await stack.refresh()).toBe(true);
  });

  test.each(["reset", "lost", 429, 500, 502, 503] as const)("US3.3: survives %s on any write, once", async (as) => {
    const count = countOf(life);
    const stack = stackOf(type);
    api.fail({ match: "P", as, headers: as === 429 ? { "retry-after": "0" } : {} });
    await stack.up(life.args).catch(() => stack.up(life.args));
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    expect(countOf(life)).toBe(count + added);
    api.fail({ match: "DELETE", as });
    await stack.destroy();
    expect(countOf(life)).toBe(count);
  });
});

test("US3.3: a user is made once where the answer never came", async () => {
  const { timeout } = patience;
  patience.timeout = 200;
  api.fail({ match: "POST /core/users/", as: "hang" });
  const count = api.objects.users.length;
  const stack = stackOf("User");
  expect(await stack.up({ username: "carl", name: "Carl" })).toBe("create");
  patience.timeout = timeout;
  expect(api.objects.users).toHaveLength(count + 1);
});
