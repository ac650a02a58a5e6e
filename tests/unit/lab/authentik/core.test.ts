import type { Server } from "node:http";

import { Core } from "../../../../lab/authentik/core";
import { defaultFlows } from "../../../../lab/authentik/defaults/flows";
import { portOf } from "../../../../lab/kit/http";
import { MemoryStore } from "../../../../lab/kit/store";
import { AuthentikApi } from "../../../helpers/unit/authentik-api";

const first = { token: "First-Token", password: "First-Horse-1" };

describe("the server", () => {
  let server: Server | undefined;
  let core: Core | undefined;
  afterEach(async () => {
    await core?.flush();
    server?.closeAllConnections();
    server?.close();
    [server, core] = [undefined, undefined];
  });
  const get = (path: string, token = first.token): Promise<Response> =>
    fetch(`http://127.0.0.1:${server && portOf(server)}${path}`, { headers: { authorization: `Bearer ${token}` } });

  test("is alive and not ready while it starts", async () => {
    server = await Core.listen(0, () => core);
    expect((await get("/-/health/live/")).status).toBe(200);
    const early = await get("/-/health/ready/");
    expect([early.status, early.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await get("/api/v3/core/users/me/")).status).toBe(503);
    core = await Core.start({ store: new MemoryStore(), ...first });
    expect((await get("/-/health/ready/")).status).toBe(200);
    expect((await get("/api/v3/core/users/me/")).status).toBe(200);
    expect((await get("/if/flow/nothing/")).status).toBe(404);
  });

  test("is not ready while the database is away", async () => {
    const store = new MemoryStore();
    core = await Core.start({ store, ...first });
    server = await Core.listen(0, () => core);
    store.ping = () => Promise.reject(new Error("away"));
    expect((await get("/-/health/ready/")).status).toBe(503);
    expect((await get("/-/health/live/")).status).toBe(200);
  });

  test("keeps everything over a restart, and the first token and password with it", async () => {
    const store = new MemoryStore();
    const before = await Core.start({ store, ...first });
    before.objects.insert("groups", { name: "family", is_superuser: false, parents: [], attributes: {}, roles: [] });
    before.objects.changed();
    await before.flush();
    core = await Core.start({ store, token: "Other-Token", password: "Other-Horse-1" });
    server = await Core.listen(0, () => core);
    expect(core.objects.by("groups", "name", "family")).toBeDefined();
    expect((await get("/api/v3/core/users/me/")).status).toBe(200);
    expect((await get("/api/v3/core/users/me/", "Other-Token")).status).toBe(403);
    expect(core.objects.isPassword(core.objects.user("akadmin") ?? {}, first.password)).toBe(true);
  });

  test("gathers changes before it saves them", async () => {
    const store = new MemoryStore();
    core = await Core.start({ store, ...first });
    for (let change = 0; change < 100; change++) core.objects.changed();
    await core.flush();
    expect(store.saves).toBe(1);
    await core.flush();
    expect(store.saves).toBe(1);
  });

  test("makes the default objects when the worker asks, and a recovery link when somebody does", async () => {
    core = await Core.start({ store: new MemoryStore(), ...first });
    expect(core.objects.flows).toEqual([]);
    expect(core.perform("blueprints", {})).toEqual({});
    await new Promise((resolve) => setImmediate(resolve));
    expect(core.objects.flows).toHaveLength(defaultFlows.length);
    const { path } = core.perform("recovery_key", { username: "akadmin", minutes: 10 });
    expect(path).toMatch(/^\/recovery\/use-token\/\w{40,}\/$/);
    expect(core.perform("recovery_key", { username: "nobody" })).toEqual({ error: "there is no user nobody" });
    expect(core.perform("nonsense", {})).toHaveProperty("error");
  });
});

describe("the default objects", () => {
  test("appear one after the other, the brand last", async () => {
    const api = await AuthentikApi.start({ blueprintDelay: 100 });
    expect(api.objects.brand).toBeUndefined();
    await api.ready;
    expect(api.objects.brand?.flow_authentication).toBe(api.row("flows", "slug", "default-authentication-flow").pk);
    await api.stop();
  });

  test("that were changed stay as they are when they are applied again", async () => {
    const store = new MemoryStore();
    const core = await Core.start({ store, ...first });
    core.perform("blueprints", {});
    await new Promise((resolve) => setImmediate(resolve));
    Object.assign(core.objects.brand ?? {}, { branding_title: "Home" });
    const count = core.objects.stages.length;
    core.perform("blueprints", {});
    await new Promise((resolve) => setImmediate(resolve));
    expect([core.objects.brand?.branding_title, core.objects.stages.length]).toEqual(["Home", count]);
    await core.flush();
  });
});
