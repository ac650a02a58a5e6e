import type { Row } from "../../../../lab/kit/rows";
import { harbor } from "../../../../providers/harbor/kinds";
import { HarborApi } from "../../../helpers/unit/harbor-api";
import { lives, type Life } from "../../../helpers/unit/harbor-lives";
import { expectMadeOnce, hurry, Stack } from "../../../helpers/unit/provider-stack";

let api: HarborApi;
beforeAll(hurry);
beforeEach(async () => {
  api = await HarborApi.start();
  if (!["Configuration"].includes(expect.getState().currentTestName ?? ""))
    api.objects.configuration.auth_mode = "oidc_auth";
  await new Stack("Project", api.connection).up({ name: "media" });
  // Names that contain the names looked for: filters of Harbor are fuzzy, and pages of the stand-in short.
  for (const prefix of ["a", "b", "c"]) {
    await new Stack("Label", api.connection).up({ project: "media", name: `${prefix}-stable` });
    await new Stack("UserGroup", api.connection).up({ name: `${prefix}-family` });
  }
  api.objects.labels.forEach((row) => Object.assign(row, { old: true }));
  api.objects.groups.forEach((row) => Object.assign(row, { old: true }));
  api.writes();
});
afterEach(() => api.stop());

const rowsOf = ({ table }: Life): Row[] => (table?.(api.objects) ?? []).filter((row) => !row.old);

test("every kind has a life here", () => {
  expect(Object.keys(lives).sort()).toEqual(Object.keys(harbor).sort());
});

test("a garbage collection forgets what is deleted in the store as it is now, also where only its login is another", async () => {
  const { objects, connection } = api;
  const stack = new Stack("GarbageCollection", connection);
  const { args } = lives.GarbageCollection as Life;
  const logins = [undefined, "redis://:One@redis:6379/1", "redis://:Two@redis:6379/1"];
  for (const registryStore of logins) {
    objects.registryStore = () => registryStore ?? "redis://redis:6379/1";
    expect(await stack.up({ ...args, registryStore })).toBe(registryStore ? "update" : "create");
    expect(objects.schedules.gc).toMatchObject({ redis_url_reg: objects.registryStore() });
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up({ ...args, registryStore })).toBe("same");
  }
  expect(JSON.stringify(api.exchanges)).not.toContain("redis:6379");
});

describe.each(Object.entries(lives))("%s", (type, life) => {
  test("is made once, changed in place, and leaves no diff", async () => {
    const stack = new Stack(type, api.connection);
    await expectMadeOnce(stack, life, api);
    if (life.change === life.args || type === "UserGroup") return;
    expect(await stack.up(life.change)).toBe("update");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.change)).toBe("same");
    if (life.table) expect(rowsOf(life)).toHaveLength(1);
  });

  test("is replaced where Harbor cannot change it, and nothing of it is left", async () => {
    if (!life.replace) return;
    const stack = new Stack(type, api.connection);
    await stack.up(life.args);
    expect(await stack.up(life.replace)).toBe("replace");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.replace)).toBe("same");
    expect(rowsOf(life)).toHaveLength(1);
  });

  test("that was changed by hand is found by a refresh and set right", async () => {
    if (type === "UserGroup") return;
    const stack = new Stack(type, api.connection);
    await stack.up(life.args);
    life.drift(api.objects);
    expect(await stack.up(life.args)).toBe("same");
    await stack.refresh();
    expect(await stack.up(life.args)).toBe("update");
    await stack.refresh();
    expect(await stack.up(life.args)).toBe("same");
  });

  test("that was removed by hand is made again, and deleting it is no error", async () => {
    if (!life.remove) return;
    const stack = new Stack(type, api.connection);
    await stack.up(life.args);
    life.remove(api.objects);
    await stack.destroy();
    await stack.up(life.args);
    life.remove(api.objects);
    expect(await stack.refresh()).toBe(false);
    expect(await stack.up(life.args)).toBe("create");
    life.remove(api.objects);
    if (type === "UserGroup") return; // it has nothing that an update could change
    await stack.up(life.change); // without a refresh
    if (life.table) expect(rowsOf(life)).toHaveLength(1);
    await stack.destroy();
    if (life.table) expect(rowsOf(life)).toEqual([]);
  });

  test("that exists can be read by its id alone, and is then the program's without a change", async () => {
    await new Stack(type, api.connection).up(life.args);
    const stack = new Stack(type, api.connection);
    expect(await stack.lookUp(life.id)).toBe(true);
    // Neither a secret nor a dry run is known.
    const expected = ["Configuration", "GarbageCollection"].includes(type) ? "update" : "same";
    expect(await stack.up(life.args)).toBe(expected);
    expect(await new Stack(type, api.connection).lookUp("media/none/none/none")).toBe(
      !life.table, // of schedules and the configuration there is one, whatever the id
    );
  });

  // H6: Harbor knows an immutable rule again only until it was written a second time.
  test("that exists is taken over by a create, as often as that is, with the program's settings", async () => {
    await new Stack(type, api.connection).up(life.change);
    for (let time = 1; time <= 3; time++) {
      const stack = new Stack(type, api.connection);
      expect(await stack.up(life.args)).toBe("create");
      expect(await stack.refresh()).toBe(true);
      expect(await stack.up(life.args)).toBe("same");
      if (life.table) expect(rowsOf(life)).toHaveLength(1);
    }
  });

  test("is deleted where its project is gone", async () => {
    const stack = new Stack(type, api.connection);
    await stack.up(life.args);
    api.objects.projects.splice(0);
    await stack.destroy();
  });

  test("is made in another installation, which has nothing of the old one", async () => {
    const stack = new Stack(type, api.connection);
    await stack.up({ ...life.args, installation: "one" });
    const other = await HarborApi.start();
    other.objects.configuration.auth_mode = "oidc_auth";
    await new Stack("Project", other.connection).up({ name: "media" });
    const moved = { ...life.args, installation: "two", connection: other.connection };
    expect(await stack.up(moved)).toBe("update");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(moved)).toBe("same");
    await other.stop();
  });

  test.each([502, 503, 504, "lost"] as const)("stays as the state has it while Harbor answers with %s", async (as) => {
    const stack = new Stack(type, api.connection);
    await stack.up(life.args);
    const warning = jest.spyOn(console, "error").mockReturnValue();
    api.fail({ match: "GET", as, times: 100 });
    expect(await stack.refresh()).toBe(true);
    expect(await stack.refresh()).toBe(true);
    expect(warning).toHaveBeenCalledTimes(1);
    expect(warning.mock.calls.join()).toMatch(/^warning: Cannot read .*What the state says of it stays\.$/);
    api.mend();
    warning.mockRestore();
    expect(await stack.up(life.args)).toBe("same");
  });

  test.each(["reset", "lost", "hang", 429, 500, 502, 503] as const)("survives %s on any write, once", async (as) => {
    const stack = new Stack(type, api.connection);
    api.fail({ match: "P", as, headers: as === 429 ? { "retry-after": "0" } : {} });
    await stack.up(life.args).catch(() => stack.up(life.args));
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    if (life.table) expect(rowsOf(life)).toHaveLength(1);
    api.fail({ match: "DELETE", as });
    await stack.destroy();
    if (life.table) expect(rowsOf(life)).toEqual([]);
  });
});
