import type { Row } from "../../../../lab/kit/rows";
import { password, SsoWorld } from "../../../helpers/contract/sso-world";

let world: SsoWorld;
beforeAll(async () => void (world = await SsoWorld.start()), 60_000);
afterAll(() => world?.stop());

const right = { password };
const denied = { component: "ak-stage-access-denied" };
const passed = { component: "xak-flow-redirect" };
const locked = { ...denied, error_message: expect.stringMatching(/^Too many failed logins\. Try again in 20 minutes/) };

/** Every flow but ours, whatever it is for, by which somebody might get in. */
const entrances = (): string[] =>
  world.objects.flows.map(({ slug }) => slug as string).filter((slug) => !slug.startsWith("homelab-"));

/** Tries to get in by a flow as somebody who knows the password. */
async function attempt(slug: string, username: string): Promise<{ isIn: boolean; last: Row }> {
  const visitor = world.visitor();
  const last = await visitor.go(slug, { uid_field: username }, right, right);
  return { isIn: await visitor.isIn(), last };
}

describe("A2: the entrances of Authentik's own", () => {
  const waysIn = [
    "default-authentication-flow",
    "default-source-authentication",
    "default-source-enrollment",
    "initial-setup",
  ];

  test.each(waysIn)("A2: %s refuses who knows the password, the administrator, and who is locked out", async (slug) => {
    world.user(`guest-${slug}`);
    world.user(`locked-${slug}`);
    await world.fail(`locked-${slug}`, 6);
    world.objects.setPassword(world.objects.user("akadmin") ?? {}, password);
    for (const username of [`guest-${slug}`, `locked-${slug}`, "akadmin"]) {
      expect(await attempt(slug, username)).toMatchObject({ isIn: false, last: denied });
    }
  });

  test("A2: no flow at all lets anybody in but ours", async () => {
    world.user("walker");
    expect(entrances().length).toBeGreaterThan(12);
    for (const slug of entrances()) expect({ slug, ...(await attempt(slug, "walker")) }).toMatchObject({ isIn: false });
    expect(await attempt("homelab-login", "walker")).toMatchObject({ isIn: true, last: passed });
  });

  test("A2: nobody sets up the administrator, also where it has no password", async () => {
    const akadmin = world.objects.user("akadmin");
    delete world.objects.hidden.passwords[akadmin?.pk];
    const answers = { email: "a@home.arpa", password, password_repeat: password };
    expect(await world.visitor().go("initial-setup", answers)).toMatchObject(denied);
  });

  test("A2: a flow that appears later is a difference, and closed by the next update", async () => {
    const { stack, args } = world.made.get("sso-closed-flows") ?? { stack: undefined, args: {} };
    const flow = world.objects.by("flows", "slug", "default-authentication-flow");
    const later = world.objects.insert("flows", {
      ...{ ...flow, pk: world.objects.newUuid(), policybindingmodel_ptr_id: world.objects.newUuid() },
      ...{ slug: "new-entrance", policy_engine_mode: "any" },
    });
    for (const binding of world.objects.flowBindings.filter(({ target }) => target === flow?.pk)) {
      const fields = { ...binding, pk: world.objects.newUuid(), target: later.pk };
      world.objects.insert("flowBindings", { ...fields, policybindingmodel_ptr_id: world.objects.newUuid() });
    }
    world.user("later");
    expect(await attempt("new-entrance", "later")).toMatchObject({ isIn: true });
    await stack?.refresh();
    expect(stack?.inputs.open).toEqual(["homelab-login", "homelab-recovery", "new-entrance"]);
    expect(await stack?.up(args)).toBe("update");
    expect(await attempt("new-entrance", "later")).toMatchObject({ isIn: false, last: denied });
  });
});

describe("K3: the lockout", () => {
  /** Purges are at minutes 2, 7, 12 …; a score made at 3 ends at 18, and is removed at 22. */
  const at = (time: string): void => void (world.now = Date.parse(`2026-11-29T${time}Z`));

  test("K3: five wrong passwords lock, and four do not", async () => {
    for (const username of ["five", "four"]) world.user(username);
    await world.fail("five", 5);
    await world.fail("four", 4);
    expect(await world.login("five", right)).toMatchObject(locked);
    expect(await world.login("four", right)).toMatchObject(passed);
  });

  test("K3: failures between the end of a score and its removal count, and the lock ends with the removal", async () => {
    world.user("patient");
    at("10:03:00");
    await world.fail("patient", 1);
    at("10:18:30");
    const visitor = world.visitor();
    await visitor.go("homelab-login", { uid_field: "patient" }, ...Array(4).fill({ password: "wrong" }));
    expect(await visitor.ask("homelab-login", right)).toMatchObject(locked);
    at("10:21:59");
    expect(await world.login("patient", right)).toMatchObject(locked);
    at("10:22:01");
    expect(await world.login("patient", right)).toMatchObject(passed);
  });

  test("K3: three wrong codes lock, also for who is asked for a code already; two do not", async () => {
    const enter = async (username: string, times: number): Promise<Row> => {
      world.user(username, ["admins"], true);
      const visitor = world.visitor();
      await visitor.go("homelab-login", { uid_field: username }, right);
      for (let count = 0; count < times; count++) {
        expect(await visitor.ask("homelab-login", { code: "000000" })).toHaveProperty("response_errors.code");
        world.now += 60_000;
      }
      return visitor.ask("homelab-login", { code: world.code() });
    };
    at("11:03:00");
    expect(await enter("two", 2)).toMatchObject(passed);
    at("11:13:00");
    expect(await enter("three", 3)).toMatchObject(locked);
  });
});

describe("K11: the stand-in's authenticators", () => {
  test("K11: after a wrong code, one refuses the right code for a second", async () => {
    const enter = async (username: string, milliseconds: number): Promise<Row> => {
      world.user(username, ["admins"], true);
      const visitor = world.visitor();
      await visitor.go("homelab-login", { uid_field: username }, right, { code: "000000" });
      world.now += milliseconds;
      return visitor.ask("homelab-login", { code: world.code() });
    };
    expect(await enter("hasty", 999)).toHaveProperty("response_errors.code");
    expect(await enter("slow", 1000)).toMatchObject(passed);
  });

  test("K11: one that was not set up to the end is none, and the login sets up another", async () => {
    world.user("begun", ["admins"], true);
    Object.assign(world.objects.devices.at(-1) ?? {}, { confirmed: false });
    expect(await world.login("begun", right)).toMatchObject({ component: "ak-stage-authenticator-totp" });
  });
});

describe("K4: a forgotten password", () => {
  test("K4: who comes without a link is told whom to ask, and shown no form", async () => {
    expect(await world.visitor().go("homelab-recovery")).toMatchObject({
      ...denied,
      error_message: expect.stringMatching(/^A new password is chosen by a link\. Ask whoever runs/),
    });
  });

  test("K4: a link leads to the form, and in", async () => {
    const link = await world.recoveryLink(world.user("forgetful"));
    const visitor = world.visitor();
    expect(await visitor.ask("homelab-recovery", undefined, link)).toMatchObject({ component: "ak-stage-prompt" });
    const chosen = "Another-Horse-3";
    expect(await visitor.ask("homelab-recovery", { password: chosen, password_repeat: chosen })).toMatchObject(passed);
    expect(await world.login("forgetful", { password: chosen })).toMatchObject(passed);
  });
});
