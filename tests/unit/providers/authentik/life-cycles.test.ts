import { keep, type Row } from "../../../../lab/kit/rows";
import { authentik } from "../../../../providers/authentik/kinds";
import { freshness } from "../../../../providers/authentik/memory";
import { patience } from "../../../../providers/dynamic/http";
import { accountLives, pair } from "../../../helpers/unit/authentik-account-lives";
import { AuthentikApi } from "../../../helpers/unit/authentik-api";
import { flowLives } from "../../../helpers/unit/authentik-flow-lives";
import type { Life } from "../../../helpers/unit/authentik-life";
import { expectMadeOnce, hurry, Stack } from "../../../helpers/unit/provider-stack";

let api: AuthentikApi;
/** Authentik with what lives refer to. */
let house: string;

const stackOf = (type: string, connection: object = api.connection): Stack => new Stack(type, connection, "authentik");
/** The first request of each type has its description read, which takes longer than others. */
const patient = 20_000;
const { time: lasting } = freshness;

beforeAll(async () => {
  hurry();
  patience.timeout = patient;
  // What somebody does by hand is seen at once.
  freshness.time = 0;
  api = await AuthentikApi.start();
  const uris = { redirectUris: ["https://wiki.home.arpa/callback"], signingKey: "house-signing" };
  const things: [type: string, args: object][] = [
    ["User", { username: "anna", name: "Anna" }],
    ["User", { username: "ben", name: "Ben" }],
    ["Group", { name: "family" }],
    ["KeyPair", { name: "house-signing", certificate: pair.cert, key: pair.key }],
    ["OAuthProvider", { name: "wiki", clientId: "wiki", clientSecret: "Client-Secret-1", ...uris }],
    ["ProxyProvider", { name: "echo", externalHost: "https://echo.home.arpa" }],
    ["Application", { slug: "media", name: "Media" }],
    ["Flow", { slug: "house", title: "House", designation: "stage_configuration" }],
    ["DenyStage", { name: "house-locked" }],
    ["PasswordStage", { name: "house-password" }],
    ["FlowStage", { flow: "house", order: 10, stage: "house-password" }],
    ["ReputationPolicy", { name: "house-failed-logins" }],
    ["NotificationTransport", { name: "house-list" }],
  ];
  for (const [type, args] of things) await stackOf(type).up(args);
  house = JSON.stringify(api.objects);
}, 60_000);
beforeEach(() => {
  api.objects.fromJSON(house);
  api.mend();
  patience.timeout = patient;
});
afterAll(async () => {
  freshness.time = lasting;
  await api.stop();
});

/** Everything but what is kept of who did what. */
const everything = (): object => ({ ...(JSON.parse(JSON.stringify(api.objects)) as object), events: [], lastId: 0 });
const rowOf = ({ row }: Life): Row | undefined => row?.(api.objects);
const countOf = ({ list }: Life): number => list?.(api.objects).length ?? 1;

function removeByHand(life: Life): void {
  if (life.remove) life.remove(api.objects);
  else keep((life.list?.(api.objects) ?? []) as Row[], (row) => row !== rowOf(life));
}

const lives = { ...accountLives, ...flowLives };

test("EF-012: every kind has its life tested", () => {
  // These have tests of their own, since they are not one object each.
  const others = ["ClosedFlows", "Defaults", "RecoveryLink"];
  expect([...Object.keys(lives), ...others].sort()).toEqual(Object.keys(authentik).sort());
});

describe.each(Object.entries(lives))("%s", (type, life) => {
  const isSingle = life.list === undefined;
  const added = isSingle ? 0 : 1;

  test("EF-012: is made once, changed in place, and leaves no diff", async () => {
    const count = countOf(life);
    const stack = stackOf(type);
    await expectMadeOnce(stack, life, api);
    expect(countOf(life)).toBe(count + added);
    if (!life.change) return;
    const key = rowOf(life)?.pk as unknown;
    expect(await stack.up(life.change)).toBe("update");
    expect(rowOf(life)?.pk).toBe(key);
    api.writes();
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.change)).toBe("same");
    expect(api.writes()).toEqual([]);
    expect(countOf(life)).toBe(count + added);
  });

  test("EF-012: touches nothing else, and is gone when it is deleted", async () => {
    const before = everything();
    const row = structuredClone(rowOf(life));
    const stack = stackOf(type);
    await stack.up(life.args);
    if (life.change) await stack.up(life.change);
    const made = everything();
    await stack.destroy();
    if (isSingle) {
      // There is no state to go back to: it stays, and nothing is written.
      expect(everything()).toEqual(made);
      Object.assign(rowOf(life) ?? {}, row);
    }
    expect(everything()).toEqual(before);
    expect(await stackOf(type).lookUp(life.id)).toBe(isSingle);
  });

  test("EF-012: is replaced where it cannot be changed, and nothing of the old one is left", async () => {
    if (!life.replace) return;
    const count = countOf(life);
    const stack = stackOf(type);
    await stack.up(life.args);
    const old = rowOf(life);
    expect(await stack.up(life.replace)).toBe("replace");
    expect(life.list?.(api.objects)).not.toContain(old);
    expect(countOf(life)).toBe(count + 1);
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.replace)).toBe("same");
    await stack.destroy();
    expect(countOf(life)).toBe(count);
  });

  test("EF-012: that was changed by hand is found by a refresh and set right", async () => {
    if (!life.drift) return;
    const stack = stackOf(type);
    await stack.up(life.args);
    const right = structuredClone(rowOf(life));
    Object.assign(rowOf(life) ?? {}, life.drift);
    expect(await stack.up(life.args)).toBe("same");
    await stack.refresh();
    expect(await stack.up(life.args)).toBe("update");
    expect(rowOf(life)).toEqual(right);
    await stack.refresh();
    expect(await stack.up(life.args)).toBe("same");
  });

  test("EF-012: that was removed by hand is made again, and deleting it is no error", async () => {
    if (isSingle) return;
    const count = countOf(life);
    const stack = stackOf(type);
    await stack.up(life.args);
    removeByHand(life);
    await stack.destroy();
    await stack.up(life.args);
    removeByHand(life);
    expect(await stack.refresh()).toBe(false);
    expect(await stack.up(life.args)).toBe("create");
    if (!life.change) return;
    removeByHand(life);
    await stack.up(life.change); // without a refresh
    expect(countOf(life)).toBe(count + 1);
    await stack.destroy();
    expect(countOf(life)).toBe(count);
  });

  test("EF-012: that exists can be read by its id alone, and is then the program's", async () => {
    await stackOf(type).up(life.args);
    const before = everything();
    const stack = stackOf(type);
    expect(await stack.lookUp(life.id)).toBe(true);
    api.writes();
    expect(await stack.up(life.args)).toBe(life.isSecretive ? "update" : "same");
    if (!life.isSecretive) expect(api.writes()).toEqual([]);
    expect(everything()).toEqual(before);
    // Of some there is one, whatever the id.
    expect(await stackOf(type).lookUp("none/none/none")).toBe(life.id.startsWith("authentik:"));
  });

  test("EF-012: that is right already is taken over without a write", async () => {
    await stackOf(type).up(life.args);
    const before = everything();
    api.writes();
    expect(await stackOf(type).up(life.args)).toBe("create");
    // A request that Authentik refuses, because the name is taken, is no write.
    if (!life.isSecretive) expect(api.writes().filter((line) => !line.startsWith("POST"))).toEqual([]);
    expect(everything()).toEqual(before);
  });

  test("EF-012: that exists is taken over by a create, with the program's settings", async () => {
    await stackOf(type).up(life.change ?? life.args);
    const count = countOf(life);
    const stack = stackOf(type);
    expect(await stack.up(life.args)).toBe("create");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    expect(countOf(life)).toBe(count);
  });

  test("EF-012: is made in another installation, which has nothing of the old one", async () => {
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
    "EF-012: stays as the state has it while Authentik answers %s",
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

  test("EF-012: is not taken for deleted when the API token was revoked", async () => {
    const stack = stackOf(type);
    await stack.up(life.args);
    const tokens = api.objects.tokens.splice(0);
    await expect(stack.refresh()).rejects.toThrow(/status 403.*token was revoked, has expired, or is not/i);
    api.objects.tokens.push(...tokens);
    expect(await stack.refresh()).toBe(true);
  });

  test.each(["reset", "lost", "hang", 429, 500, 502, 503] as const)(
    "EF-012: survives %s on any write, once",
    async (as) => {
      if (as === "hang") patience.timeout = 200;
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
    },
  );
});

test("EF-012: a user is made once where the answer never came", async () => {
  patience.timeout = 200;
  api.fail({ match: "POST /core/users/", as: "hang" });
  const count = api.objects.users.length;
  expect(await stackOf("User").up({ username: "carl", name: "Carl" })).toBe("create");
  expect(api.objects.users).toHaveLength(count + 1);
});
