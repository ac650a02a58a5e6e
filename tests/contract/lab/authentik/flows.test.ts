import { setTimeout as pause } from "node:timers/promises";

import { Description } from "../../../../lab/authentik/api/description";
import { Validation } from "../../../../lab/authentik/api/validation";
import type { Row } from "../../../../lab/kit/rows";
import { jsonIn, logIn, LoginRefused, type Browser, type Page } from "../../../helpers/browser";
import { makeLoginFlow, makeRecoveryFlow } from "../../../helpers/contract/lab-authentik-login-flow";
import { auth, AuthentikWorld, password } from "../../../helpers/contract/lab-authentik-world";

const lock = 4;
const home = `${auth}/if/user/`;

let world: AuthentikWorld;
let admins: Row;

beforeAll(async () => {
  world = await AuthentikWorld.start({ AUTHENTIK_REPUTATION__EXPIRY: String(lock) });
  admins = await world.group("admins");
  await makeLoginFlow(world, admins);
  await makeRecoveryFlow(world);
}, 60_000);

afterAll(() => world?.stop());

/** One answer to the flow executor, as a script of the page sends it. */
async function executor(browser: Browser, slug: string, json?: object): Promise<Row> {
  const page = { url: new URL(`${auth}/if/flow/${slug}/`) } as Page;
  const url = `/api/v3/flows/executor/${slug}/?query=`;
  return jsonIn<Row>(await browser.fetch(page, url, json ? { method: "POST", json } : {}));
}

const fail = (username: string): Promise<unknown> =>
  logIn(world.browser(), home, { username, password: "wrong" }).catch((error: unknown) => error);

describe("EF-012: the second factor", () => {
  it("is set up at the first login of an administrator, and asked for at the next", async () => {
    await world.user("root", admins);
    const person = { username: "root", password };
    const first = await logIn(world.browser(), home, person);
    expect(first.steps).toEqual([
      "homelab-login/ak-stage-identification",
      "homelab-login/ak-stage-password",
      "homelab-login/ak-stage-authenticator-totp",
    ]);
    expect(first.finalResponse.text).toContain("Logged in as root");
    const totp = first.totpSecret ?? "";
    const second = await logIn(world.browser(), home, { ...person, totp });
    expect(second.steps.at(-1)).toBe("homelab-login/ak-stage-authenticator-validate");
    expect(second.finalResponse.text).toContain("Logged in as root");
    const [event] = await world.events("login");
    expect(event?.context).toMatchObject({ auth_method: "auth_mfa" });
    const other = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    await expect(logIn(world.browser(), home, { ...person, totp: other })).rejects.toThrow(/code: Invalid Token/);
    const [failed] = await world.events("login_failed");
    expect(failed?.context).toMatchObject({ username: "root", device_class: "totp" });
  });

  it("is not asked of those who are no administrators", async () => {
    await world.user("kid");
    const { steps } = await logIn(world.browser(), home, { username: "kid", password });
    expect(steps).toEqual(["homelab-login/ak-stage-identification", "homelab-login/ak-stage-password"]);
  });

  it("is asked for anew after the device is removed", async () => {
    await world.user("loser", admins);
    const person = { username: "loser", password };
    await logIn(world.browser(), home, person);
    const user = await world.first("/authenticators/admin/all/?user=1").catch(() => undefined);
    expect(user).toBeUndefined();
    const devices = (await world.api("GET", "/authenticators/admin/totp/")).results as Row[];
    const device = devices.find(({ user: owner }) => owner.username === "loser");
    await world.api("DELETE", `/authenticators/admin/totp/${device?.pk}/`);
    const { steps } = await logIn(world.browser(), home, person);
    expect(steps.at(-1)).toBe("homelab-login/ak-stage-authenticator-totp");
  });
});

describe("EF-013: five failed logins", () => {
  it("lock the right password out, until the lock has ended", async () => {
    await world.user("mallory");
    for (let count = 1; count <= 4; count++) await fail("mallory");
    expect((await logIn(world.browser(), home, { username: "mallory", password })).steps).toHaveLength(2);
    await world.user("victim");
    const started = Date.now();
    for (let count = 1; count <= 5; count++) await fail("victim");
    const right = (): Promise<unknown> => logIn(world.browser(), home, { username: "victim", password });
    await expect(right()).rejects.toThrow("access denied: Too many failed logins.");
    const scores = (await world.api("GET", "/policies/reputation/scores/?identifier=victim")).results as Row[];
    expect(scores).toMatchObject([{ identifier: "victim", score: -5 }]);
    expect((await world.events("login_failed"))[0]?.context).toMatchObject({ username: "victim" });
    await pause(Math.max(0, started + (lock + 1) * 1000 - Date.now()));
    await expect(right()).resolves.toMatchObject({ finalResponse: { status: 200 } });
  }, 20_000);

  it("lock out who sees the password page already", async () => {
    await world.user("early");
    const browser = world.browser();
    await browser.open(home);
    await executor(browser, "homelab-login");
    await executor(browser, "homelab-login", { uid_field: "early" });
    for (let count = 1; count <= 5; count++) await fail("early");
    const answer = await executor(browser, "homelab-login", { password });
    expect(answer).toMatchObject({ component: "ak-stage-access-denied", error_message: "Too many failed logins." });
  });

  it("are ended by deleting the score", async () => {
    await world.user("guest");
    for (let count = 1; count <= 5; count++) await fail("guest");
    const { pk } = await world.first("/policies/reputation/scores/?identifier=guest");
    await world.api("DELETE", `/policies/reputation/scores/${pk}/`);
    await expect(logIn(world.browser(), home, { username: "guest", password })).resolves.toBeDefined();
  });

  it("end the flow of one browser, and nobody learns which names there are", async () => {
    const browser = world.browser();
    await browser.open(home);
    const enter = (json: object): Promise<Row> => executor(browser, "homelab-login", json);
    expect(await enter({ uid_field: "nobody-1" })).toMatchObject({
      component: "ak-stage-password",
      pending_user: "nobody-1",
    });
    const wrong = await enter({ password: "x" });
    expect(wrong.response_errors).toEqual({ password: [{ string: "Invalid password", code: "invalid" }] });
    for (let count = 2; count <= 4; count++) await enter({ password: "x" });
    expect(await enter({ password: "x" })).toMatchObject({ component: "ak-stage-access-denied" });
  });
});

describe("EF-014: the way back in", () => {
  it("is a link for a new password, which works once", async () => {
    const user = await world.user("forgetful");
    const { link } = await world.api("POST", `/core/users/${user.pk}/recovery/`, { token_duration: "days=3" });
    const { pathname, search } = new URL(link);
    expect(pathname).toBe("/if/flow/homelab-recovery/");
    const person = { username: "forgetful", password: "Another-Horse-3" };
    const { steps, finalResponse } = await logIn(world.browser(), `${auth}${pathname}${search}`, person);
    expect(steps).toEqual(["homelab-recovery/ak-stage-prompt"]);
    expect(finalResponse.url.pathname).toBe("/if/user/");
    await expect(logIn(world.browser(), home, { username: "forgetful", password })).rejects.toThrow("Invalid password");
    await expect(logIn(world.browser(), home, person)).resolves.toBeDefined();
    await expect(logIn(world.browser(), `${auth}${pathname}${search}`, person)).rejects.toThrow(LoginRefused);
    expect((await world.events("password_set"))[0]).toMatchObject({ user: { username: "forgetful" } });
  });

  it("is closed to an account that is deactivated, also with an open session", async () => {
    const user = await world.user("leaver");
    const browser = world.browser();
    await logIn(browser, home, { username: "leaver", password });
    expect((await browser.step(home)).status).toBe(200);
    await world.api("PATCH", `/core/users/${user.pk}/`, { is_active: false });
    expect((await browser.step(home)).redirect?.pathname).toBe("/flows/-/default/authentication/");
    await expect(logIn(world.browser(), home, { username: "leaver", password })).rejects.toThrow("Invalid password");
  });
});

describe("EF-015: what the flow executor answers", () => {
  it("is what Authentik's description says", async () => {
    const description = Description.load();
    const validation = new Validation(description);
    const challenges: Row = description.schema("ChallengeTypes").discriminator.mapping;
    const operation = description.operation("GET", "/flows/executor/{flow_slug}/");
    if (!operation) throw new Error("there is no such operation");
    const check = (challenge: Row): string | undefined => {
      const schema = { $ref: challenges[challenge.component] as string };
      const described = { ...operation, responses: { "200": { content: { "application/json": { schema } } } } };
      return validation.response(described, 200, challenge);
    };
    await world.user("described", admins);
    const browser = world.browser();
    await browser.open(home);
    const enter = (json?: object): Promise<Row> => executor(browser, "homelab-login", json);
    const shown = [
      await enter(),
      await enter({ uid_field: "" }),
      await enter({ uid_field: "described" }),
      await enter({ password: "wrong" }),
      await enter({ password }),
      await enter({ code: "000000" }),
    ];
    const recovery = await executor(world.browser(), "homelab-recovery");
    expect([...shown, recovery].map(({ component }) => component as string)).toEqual([
      ...["ak-stage-identification", "ak-stage-identification", "ak-stage-password", "ak-stage-password"],
      ...["ak-stage-authenticator-totp", "ak-stage-authenticator-totp", "ak-stage-access-denied"],
    ]);
    expect([...shown, recovery].map(check)).toEqual(Array(7).fill(undefined));
    expect(check({ component: "ak-stage-password" })).toContain("pending_user");
  });

  it("ends a session by the default flow", async () => {
    await world.user("tired");
    const browser = world.browser();
    await logIn(browser, home, { username: "tired", password });
    await browser.open(`${auth}/flows/-/default/invalidation/`);
    await executor(browser, "default-invalidation-flow");
    expect((await browser.step(home)).status).toBe(302);
    expect((await world.events("logout"))[0]).toMatchObject({ user: { username: "tired" } });
  });

  it("ends a session that an administrator deletes, and no other", async () => {
    await Promise.all([world.user("lost"), world.user("kept")]);
    const [phone, laptop, other] = [world.browser(), world.browser(), world.browser()];
    await logIn(phone, home, { username: "lost", password });
    await logIn(other, home, { username: "kept", password });
    const list = "/core/authenticated_sessions/?user__username=lost";
    const [session, ...more] = (await world.api("GET", list)).results as Row[];
    expect(more).toEqual([]);
    expect(session).toMatchObject({ last_ip: "127.0.0.1", last_user_agent: "Mozilla/5.0 (homelab tests)" });
    expect(Object.values(session ?? {})).not.toContain(
      phone.cookies.all().find(({ name }) => name === "authentik_session")?.value,
    );
    await logIn(laptop, home, { username: "lost", password });
    const one = `/core/authenticated_sessions/${session?.uuid}/`;
    await world.api("DELETE", one);
    expect((await phone.step(home)).redirect?.pathname).toBe("/flows/-/default/authentication/");
    for (const browser of [laptop, other]) expect((await browser.step(home)).status).toBe(200);
    expect((await world.api("GET", list)).pagination).toMatchObject({ count: 1 });
    await expect(world.api("DELETE", one)).rejects.toThrow("404");
  });
});
