import { freshness } from "../../providers/authentik/memory";
import { patience } from "../../providers/dynamic/http";
import { AuthentikApi } from "./authentik-api";
import { lives, type Life } from "./authentik-flow-lives";
import { hurry, Stack } from "./harbor-stack";

// The first request loads the official client and its description.
jest.setTimeout(30_000);

let api: AuthentikApi;
/** The objects that lives refer to, besides Authentik's own. */
let house: string;

const stackOf = (type: string, connection: object = api.connection): Stack => new Stack(type, connection, "authentik");

beforeAll(async () => {
  hurry();
  patience.timeout = 20_000;
  freshness.time = 0;
  api = await AuthentikApi.start();
  await stackOf("Group").up({ name: "family" });
  await stackOf("Application").up({ slug: "media", name: "Media" });
  await stackOf("Flow").up({ slug: "house", title: "House", designation: "stage_configuration" });
  await stackOf("DenyStage").up({ name: "house-locked" });
  await stackOf("PasswordStage").up({ name: "house-password" });
  await stackOf("FlowStage").up({ flow: "house", order: 10, stage: "house-password" });
  await stackOf("ReputationPolicy").up({ name: "house-failed-logins" });
  await stackOf("NotificationTransport").up({ name: "house-list" });
  house = JSON.stringify(api.objects);
});
beforeEach(() => {
  api.objects.fromJSON(house);
  api.mend();
  patience.timeout = 20_000;
});
afterAll(() => api.stop());

/** Everything but what is kept of who did what. */
const everything = (): object => ({ ...(JSON.parse(JSON.stringify(api.objects)) as object), events: [], lastId: 0 });
const countOf = ({ table }: Life): number => table?.(api.objects).length ?? 1;
function remove({ table, row }: Life): void {
  const [rows, found] = [table?.(api.objects) ?? [], row(api.objects)];
  if (found) rows.splice(rows.indexOf(found), 1);
}

describe.each(Object.entries(lives))("%s", (type, life) => {
  const isSingle = life.table === undefined;

  test("EF-012: is made once, changed in place, and leaves no diff", async () => {
    const count = countOf(life);
    const stack = stackOf(type);
    expect(await stack.up(life.args)).toBe("create");
    expect(stack.id).toBe(life.id);
    api.writes();
    expect(await stack.up(life.args)).toBe("same");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    expect(api.writes()).toEqual([]);
    const key = life.row(api.objects)?.pk as unknown;
    expect(await stack.up(life.change)).toBe("update");
    expect(life.row(api.objects)?.pk).toBe(key);
    api.writes();
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.change)).toBe("same");
    expect(api.writes()).toEqual([]);
    expect(countOf(life)).toBe(isSingle ? 1 : count + 1);
  });

  test("EF-012: touches nothing else, and is gone when it is deleted", async () => {
    const before = everything();
    const stack = stackOf(type);
    await stack.up(life.args);
    await stack.up(life.change);
    if (isSingle) {
      // There is no state to go back to: it stays, and nothing is written.
      const left = everything();
      await stack.destroy();
      expect(everything()).toEqual(left);
      const others = ["brands", "settings"].map((name) => [name, null]);
      expect({ ...left, ...Object.fromEntries(others) }).toEqual({ ...before, ...Object.fromEntries(others) });
      return;
    }
    await stack.destroy();
    expect(everything()).toEqual(before);
    expect(await stackOf(type).lookUp(life.id)).toBe(false);
  });

  test("EF-012: is replaced where it gets another name, and nothing of the old one is left", async () => {
    if (!life.replace) return;
    const count = countOf(life);
    const stack = stackOf(type);
    await stack.up(life.args);
    expect(await stack.up(life.replace)).toBe("replace");
    expect(life.row(api.objects)).toBeUndefined();
    expect(countOf(life)).toBe(count + 1);
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.replace)).toBe("same");
  });

  test("EF-012: that was changed by hand is found by a refresh and set right", async () => {
    const stack = stackOf(type);
    await stack.up(life.args);
    const right = structuredClone(life.row(api.objects));
    Object.assign(life.row(api.objects) ?? {}, life.drift);
    expect(await stack.up(life.args)).toBe("same");
    await stack.refresh();
    expect(await stack.up(life.args)).toBe("update");
    expect(life.row(api.objects)).toEqual(right);
    await stack.refresh();
    expect(await stack.up(life.args)).toBe("same");
  });

  test("EF-012: that was removed by hand is made again, and deleting it is no error", async () => {
    if (isSingle) return;
    const count = countOf(life);
    const stack = stackOf(type);
    await stack.up(life.args);
    remove(life);
    await stack.destroy();
    await stack.up(life.args);
    remove(life);
    expect(await stack.refresh()).toBe(false);
    expect(await stack.up(life.args)).toBe("create");
    remove(life);
    await stack.up(life.change); // without a refresh
    expect(countOf(life)).toBe(count + 1);
    await stack.destroy();
    expect(countOf(life)).toBe(count);
  });

  test("EF-012: that exists can be read by its id alone, and is then the program's without a change", async () => {
    await stackOf(type).up(life.args);
    api.writes();
    const stack = stackOf(type);
    expect(await stack.lookUp(life.id)).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    expect(api.writes()).toEqual([]);
    expect(await stackOf(type).lookUp("none")).toBe(isSingle);
  });

  test("EF-012: that is right already is taken over without a write", async () => {
    await stackOf(type).up(life.args);
    const [count, row] = [countOf(life), structuredClone(life.row(api.objects))];
    api.writes();
    expect(await stackOf(type).up(life.args)).toBe("create");
    // A request that Authentik refuses, because the name is taken, is no write.
    expect(api.writes().filter((line) => !line.startsWith("POST"))).toEqual([]);
    expect(life.row(api.objects)).toEqual(row);
    expect(countOf(life)).toBe(count);
  });

  test("EF-012: that exists is taken over by a create, with the program's settings", async () => {
    await stackOf(type).up(life.change);
    const count = countOf(life);
    const stack = stackOf(type);
    expect(await stack.up(life.args)).toBe("create");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    expect(countOf(life)).toBe(count);
  });

  test.each([503, "lost"] as const)("EF-012: stays as the state has it while Authentik answers %s", async (as) => {
    const stack = stackOf(type);
    await stack.up(life.args);
    const warning = jest.spyOn(console, "error").mockReturnValue();
    api.fail({ match: "GET", as, times: 100 });
    expect(await stack.refresh()).toBe(true);
    expect(warning.mock.calls.join()).toMatch(/^warning: Cannot read .*What the state says of it stays\.$/);
    api.mend();
    warning.mockRestore();
    expect(await stack.up(life.args)).toBe("same");
  });

  test.each(["reset", "lost", "hang", 429, 500] as const)("EF-012: survives %s on any write, once", async (as) => {
    if (as === "hang") patience.timeout = 150;
    const count = countOf(life);
    const stack = stackOf(type);
    api.fail({ match: "P", as, headers: as === 429 ? { "retry-after": "0" } : {} });
    await stack.up(life.args).catch(() => stack.up(life.args));
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    expect(countOf(life)).toBe(isSingle ? 1 : count + 1);
    api.fail({ match: "DELETE", as });
    await stack.destroy();
    expect(countOf(life)).toBe(isSingle ? 1 : count);
  });
});
