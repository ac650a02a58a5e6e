import { freshness } from "../../../../providers/authentik/memory";
import { patience } from "../../../../providers/dynamic/http";
import { AuthentikApi } from "../../../helpers/unit/authentik-api";
import { failure, hurry, Stack } from "../../../helpers/unit/provider-stack";

// The first request loads the official client and its description.
jest.setTimeout(30_000);

let api: AuthentikApi;
const stackOf = (type: string): Stack => new Stack(type, api.connection, "authentik");
const up = (type: string, args: object): Promise<string> => stackOf(type).up(args);
/** What was sent with the writes since the last call, in their order. */
const sent = (method: string): unknown[] =>
  api.exchanges
    .splice(0)
    .filter((exchange) => exchange.method === method)
    .map(({ body }) => body);

let fresh: string;
beforeAll(async () => {
  hurry();
  patience.timeout = 20_000;
  api = await AuthentikApi.start();
  fresh = JSON.stringify(api.objects);
});
beforeEach(() => {
  freshness.time = 0;
  api.objects.fromJSON(fresh);
  api.exchanges.splice(0);
});
afterAll(() => api.stop());

describe("the login flow", () => {
  beforeEach(async () => {
    await up("Flow", { slug: "homelab-login", title: "Welcome", designation: "authentication" });
    await up("PasswordStage", { name: "homelab-password" });
    await up("PasswordStage", { name: "homelab-other-password" });
    await up("DenyStage", { name: "homelab-locked" });
    await up("ReputationPolicy", { name: "homelab-failed-logins" });
  });

  test("EF-014: the stage at a place changes in one write, and its policies stay", async () => {
    const stage = stackOf("FlowStage");
    await stage.up({ flow: "homelab-login", order: 20, stage: "homelab-password" });
    await up("PolicyBinding", { target: "flow-stage/homelab-login/20", bound: "policy/homelab-failed-logins" });
    api.writes();
    expect(await stage.up({ flow: "homelab-login", order: 20, stage: "homelab-other-password" })).toBe("update");
    expect(api.writes()).toEqual([expect.stringMatching(/^PUT \/flows\/bindings\//)]);
    const [place] = api.objects.flowBindings.filter(({ order, target }) => order === 20 && target === loginFlow());
    expect(api.objects.by("stages", "pk", place?.stage)).toMatchObject({ name: "homelab-other-password" });
    expect(api.objects.bindingsOf(String(place?.pk))).toHaveLength(1);
  });

  test("EF-014: one deny stage can be at two places, each with the policy", async () => {
    for (const order of [15, 25]) {
      await up("FlowStage", { flow: "homelab-login", order, stage: "homelab-locked" });
      const target = `flow-stage/homelab-login/${order}`;
      await up("PolicyBinding", { target, bound: "policy/homelab-failed-logins" });
    }
    const places = api.objects.flowBindings.filter(({ target }) => target === loginFlow());
    expect(places.map(({ order }) => order as number).sort()).toEqual([15, 25]);
    const policy = api.objects.by("policies", "name", "homelab-failed-logins");
    for (const { pk } of places) expect(api.objects.bindingsOf(pk)).toMatchObject([{ policy: policy?.pk, order: 0 }]);
  });

  test("EF-014: a stage or a flow that is not there is named, with what to do, and nothing is made", async () => {
    api.writes();
    const noStage = await failure(up("FlowStage", { flow: "homelab-login", order: 10, stage: "homelab-none" }));
    expect(noStage.message).toMatch(/there is no stage "homelab-none"\. Correct its name, or make it first/);
    const noFlow = await failure(up("FlowStage", { flow: "homelab-none", order: 10, stage: "homelab-password" }));
    expect(noFlow.message).toMatch(/there is no flow "homelab-none"/);
    expect(api.writes()).toEqual([]);
  });

  test("EF-014: fields of a form are named by their prompt, not by their key", async () => {
    api.writes();
    const error = await failure(up("PromptStage", { name: "homelab-prompt", fields: ["password"] }));
    expect(error.message).toMatch(/there is no prompt "password"/);
    expect(api.writes()).toEqual([]);
  });

  const loginFlow = (): unknown => api.objects.by("flows", "slug", "homelab-login")?.pk;
});

describe("who may open an application", () => {
  beforeEach(async () => {
    for (const slug of ["media", "media-old"]) await up("Application", { slug, name: slug });
    for (const name of ["family", "fam", "family/close"]) await up("Group", { name });
  });
  const groupsOf = (slug: string): unknown[] =>
    api.objects
      .bindingsOf(String(api.objects.by("applications", "slug", slug)?.pk))
      .map(({ group }) => api.objects.by("groups", "pk", group)?.name as string);

  test("EF-013: a group is bound once, and to this application alone", async () => {
    await up("PolicyBinding", { target: "application/media", bound: "group/family" });
    await up("PolicyBinding", { target: "application/media", bound: "group/family" });
    await up("PolicyBinding", { target: "application/media", bound: "group/family/close" });
    expect(groupsOf("media")).toEqual(["family", "family/close"]);
    expect(groupsOf("media-old")).toEqual([]);
  });

  test("EF-013: deleting a binding closes the application to that group alone", async () => {
    const family = stackOf("PolicyBinding");
    await family.up({ target: "application/media", bound: "group/family" });
    await up("PolicyBinding", { target: "application/media", bound: "group/fam" });
    await up("PolicyBinding", { target: "application/media-old", bound: "group/family" });
    await family.destroy();
    expect(groupsOf("media")).toEqual(["fam"]);
    expect(groupsOf("media-old")).toEqual(["family"]);
  });

  test("EF-013: a user can be bound", async () => {
    await up("PolicyBinding", { target: "application/media", bound: "user/akadmin" });
    const [binding] = api.objects.bindings.slice(-1);
    expect(binding).toMatchObject({ user: api.objects.user("akadmin")?.pk, group: null, policy: null });
  });

  test("EF-013: an unknown group or application is named, with what to do, and nothing is made", async () => {
    api.writes();
    const noGroup = await failure(up("PolicyBinding", { target: "application/media", bound: "group/familly" }));
    expect(noGroup.message).toMatch(/there is no group "familly"\. Correct its name, or make it first/);
    const noTarget = await failure(up("PolicyBinding", { target: "application/wiki", bound: "group/family" }));
    expect(noTarget.message).toMatch(/there is no application\/wiki\. Make it first/);
    expect(api.writes()).toEqual([]);
  });

  test("EF-013: where the application is gone, so is its binding, and deleting that is no error", async () => {
    const stack = stackOf("PolicyBinding");
    await stack.up({ target: "application/media", bound: "group/family" });
    api.objects.applications.splice(0);
    await stack.destroy();
    await up("Application", { slug: "media", name: "media" });
    await stack.up({ target: "application/media", bound: "group/family" });
    api.objects.applications.splice(0);
    expect(await stack.refresh()).toBe(false);
  });

  test("EF-013: reading many bindings takes a few requests, not one for each", async () => {
    freshness.time = 60_000;
    api.objects.settings.pagination_max_page_size = 100;
    const stacks: Stack[] = [];
    for (let index = 0; index < 10; index++) {
      await up("Group", { name: `group-${index}` });
      for (const slug of ["media", "media-old"]) {
        const stack = stackOf("PolicyBinding");
        await stack.up({ target: `application/${slug}`, bound: `group/group-${index}` });
        stacks.push(stack);
      }
    }
    api.log.splice(0);
    for (const stack of stacks) expect(await stack.refresh()).toBe(true);
    expect(api.log.length).toBeLessThanOrEqual(2);
  });
});

describe("settings", () => {
  test("EF-013: one flag changes, and the others are sent as they are", async () => {
    Object.assign(api.objects.settings.flags as object, { flows_continuous_login: true });
    const before = structuredClone(api.objects.settings);
    await up("Settings", { coreDefaultAppAccess: false });
    const flags = { ...(before.flags as object), core_default_app_access: false };
    expect(sent("PATCH")).toEqual([{ flags }]);
    expect(api.objects.settings).toEqual({ ...before, flags });
  });

  test("EF-014: what is left out is not sent", async () => {
    await up("Settings", { reputationUpperLimit: 0, reputationLowerLimit: -20 });
    expect(sent("PATCH")).toEqual([{ reputation_upper_limit: 0, reputation_lower_limit: -20 }]);
  });
});

describe("the brand", () => {
  test("EF-014: only what is given changes, and an empty name is none", async () => {
    const before = structuredClone(api.objects.brand);
    await up("Flow", { slug: "homelab-recovery", title: "New password", designation: "recovery" });
    const stack = stackOf("Brand");
    await stack.up({ flowRecovery: "homelab-recovery" });
    const recovery = api.objects.by("flows", "slug", "homelab-recovery")?.pk as string;
    expect(api.objects.brand).toEqual({ ...before, flow_recovery: recovery });
    await stack.up({ flowRecovery: "" });
    expect(api.objects.brand).toEqual({ ...before, flow_recovery: null });
    await stack.refresh();
    expect(await stack.up({ flowRecovery: "" })).toBe("same");
  });

  test("EF-014: a flow that is deleted is taken out, which a refresh finds", async () => {
    const recovery = stackOf("Flow");
    await recovery.up({ slug: "homelab-recovery", title: "New password", designation: "recovery" });
    const stack = stackOf("Brand");
    await stack.up({ flowRecovery: "homelab-recovery" });
    await recovery.destroy();
    await stack.refresh();
    const error = await failure(stack.up({ flowRecovery: "homelab-recovery" }));
    expect(error.message).toMatch(/there is no flow "homelab-recovery"/);
  });

  test("EF-014: where no brand is the default one, none is made", async () => {
    api.objects.brands.forEach((row) => (row.default = false));
    api.writes();
    const error = await failure(up("Brand", { brandingTitle: "Home" }));
    expect(error.message).toMatch(/no brand is the default one\. Wait until Authentik has made its defaults/);
    expect(api.writes()).toEqual([]);
  });
});

describe("notifications", () => {
  test("EF-015: a rule fires for the events of the policy bound to it", async () => {
    await up("Group", { name: "admins" });
    await up("NotificationTransport", { name: "chat", mode: "webhook", webhookUrl: "https://chat.home.arpa/Key-77" });
    await up("NotificationRule", { name: "failed-logins", transports: ["chat"], destinationGroup: "admins" });
    await up("EventMatcherPolicy", { name: "homelab-failed", action: "login_failed" });
    await up("PolicyBinding", { target: "notification-rule/failed-logins", bound: "policy/homelab-failed" });
    const rule = api.objects.by("rules", "name", "failed-logins");
    const policy = api.objects.by("policies", "name", "homelab-failed");
    expect(api.objects.bindingsOf(String(rule?.pk))).toMatchObject([{ policy: policy?.pk, enabled: true }]);
    expect(policy).toMatchObject({ action: "login_failed", client_ip: null, app: null, model: null });
  });

  test("EF-015: every condition of an event matcher is sent, for Authentik fails without one", async () => {
    await up("EventMatcherPolicy", { name: "homelab-failed", action: "login_failed" });
    const [body] = sent("POST");
    expect(body).toEqual({ name: "homelab-failed", action: "login_failed", client_ip: null, app: null, model: null });
  });
});
