import { TOTP } from "otpauth";

import { logIn, LoginRefused, oneTimeCode, type Browser } from "../../helpers/browser";
import { ScriptedSite, type Answer, type Asked } from "../../helpers/browser/scripted-site";

/** A page that a service would show after a login whose flow asks for these challenges, one after the other. */
let challenges: object[];
let site: ScriptedSite;
let browser: Browser;

beforeAll(async () => void (site = await ScriptedSite.start(respond)));
beforeEach(() => {
  browser = site.browser();
  site.asked.splice(0);
});
afterEach(() => browser.close());
afterAll(() => site.stop());

const identification = { component: "ak-stage-identification", password_fields: false };
const password = { component: "ak-stage-password" };
const done = { component: "xak-flow-redirect", to: "/application/o/authorize/?client_id=app" };
const person = { username: "jane", password: "Long-Password-1" };
const executor = "auth.home.arpa/api/v3/flows/executor/homelab-login/?query=next%3D%252Fx";

/** As Authentik: an answer that is accepted is redirected to where the next challenge is. */
function respond({ line, body, headers }: Asked): Answer {
  if (line === "GET app.home.arpa/") return to("https://auth.home.arpa/flows/-/default/authentication/?next=%2Fx");
  if (line.includes("/default/authentication/")) return to("/if/flow/homelab-login/?next=%2Fx");
  if (line.includes("/if/flow/")) {
    return {
      status: 200,
      headers: { "set-cookie": ["authentik_csrf=Csrf-1; Path=/", "authentik_session=1; HttpOnly"] },
    };
  }
  if (line.includes("/authorize/?client_id=closed"))
    return "<title>Permission denied - authentik</title><p>Not yours.</p>";
  if (line.includes("/application/o/authorize/")) return to("https://app.home.arpa/callback?code=1");
  if (!line.includes("/api/v3/flows/executor/")) return "<title>welcome</title>";
  if (line.startsWith("GET ")) return { status: 200, text: JSON.stringify(challenges[0]) };
  if (headers["x-authentik-csrf"] !== "Csrf-1") return { status: 403, text: '{"detail":"CSRF Failed"}' };
  const { component } = challenges.shift() as { component: string };
  if ((JSON.parse(body) as { component: string }).component !== component)
    return { status: 400, text: "wrong component" };
  return to(`https://${executor}`);
}

const to = (location: string): Answer => ({ status: 302, headers: { location } });
const entered = (): unknown[] =>
  site.asked.filter(({ line }) => line === `POST ${executor}`).map(({ body }) => JSON.parse(body) as unknown);
const start = "https://app.home.arpa/";

test("answers each challenge of the flow, and ends at the service's page", async () => {
  challenges = [identification, password, { component: "ak-stage-user-login" }, done];
  const login = await logIn(browser, start, person);
  expect(entered()).toEqual([
    { component: "ak-stage-identification", uid_field: "jane" },
    { component: "ak-stage-password", password: "Long-Password-1" },
    { component: "ak-stage-user-login", remember_me: false },
  ]);
  expect(login.steps).toEqual([
    "homelab-login/ak-stage-identification",
    "homelab-login/ak-stage-password",
    "homelab-login/ak-stage-user-login",
  ]);
  expect(login.finalResponse.url.href).toBe("https://app.home.arpa/callback?code=1");
  expect(login.milliseconds).toBeGreaterThan(0);
});

test("sets up a second factor, and no code is given twice", async () => {
  const totp = new TOTP({ issuer: "auth", label: "jane" });
  const stages = [{ pk: "1", meta_model_name: "authenticator_totp.authenticatortotpstage" }];
  const choose = { component: "ak-stage-authenticator-validate", device_challenges: [], configuration_stages: stages };
  challenges = [choose, { component: "ak-stage-authenticator-totp", config_url: totp.toString() }, done];
  const { totpSecret } = await logIn(browser, start, person);
  expect(totpSecret).toBe(totp.secret.base32);
  challenges = [{ ...choose, device_challenges: [{ device_class: "totp" }] }, done];
  await logIn(browser, start, { ...person, totp: totpSecret });
  const [selected, first, second] = entered() as { selected_stage?: string; code: string }[];
  expect(selected?.selected_stage).toBe("1");
  expect([first?.code, second?.code].map((code) => totp.validate({ token: code ?? "", window: 1 }))).toEqual([
    expect.any(Number),
    expect.any(Number),
  ]);
  expect(second?.code).not.toBe(first?.code);
});

test("chooses a new password where a link lets one", async () => {
  const field = { type: "password", required: true, initial_value: "" };
  const fields = ["password", "password_repeat"].map((field_key) => ({ ...field, field_key }));
  challenges = [{ component: "ak-stage-prompt", fields }, done];
  const link = "https://auth.home.arpa/if/flow/homelab-login/?next=%2Fx";
  await expect(logIn(browser, link, person)).resolves.toHaveProperty("steps", ["homelab-login/ak-stage-prompt"]);
  expect(entered()).toEqual([
    { component: "ak-stage-prompt", password: "Long-Password-1", password_repeat: "Long-Password-1" },
  ]);
});

describe("refusals say what Authentik says", () => {
  test.each([
    [{ component: "ak-stage-access-denied", error_message: "Try in 15 minutes." }, "access denied: Try in 15 minutes."],
    [{ component: "ak-stage-flow-error", error: "boom" }, "the flow failed: boom"],
    [
      { ...password, response_errors: { password: [{ string: "Invalid password", code: "invalid" }] } },
      "login refused: password: Invalid password",
    ],
    [{ component: "ak-stage-authenticator-validate", device_challenges: [{ device_class: "totp" }] }, "pass `totp`"],
    [{ component: "ak-stage-captcha" }, "asks for ak-stage-captcha"],
  ])("%j", async (challenge, message) => {
    challenges = [identification, challenge];
    await expect(logIn(browser, start, person)).rejects.toThrow(message);
  });

  test("on a page of its own, where the service's group is missing", async () => {
    challenges = [password, { component: "xak-flow-redirect", to: "/application/o/authorize/?client_id=closed" }];
    await expect(logIn(browser, start, person)).rejects.toThrow(
      "access denied: Permission denied - authentik Not yours.",
    );
  });

  test("with the steps until then", async () => {
    challenges = [identification, { component: "ak-stage-access-denied", error_message: "" }];
    const error: unknown = await logIn(browser, start, person).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(LoginRefused);
    expect(error).toMatchObject({ steps: expect.arrayContaining(["homelab-login/ak-stage-identification"]) });
  });
});

test("codes are those of the secret, now and one step ahead", async () => {
  const totp = new TOTP();
  const codes = [await oneTimeCode(totp.secret.base32), await oneTimeCode(totp.toString())];
  expect(codes.map((token) => totp.validate({ token, window: 1 }))).toEqual([expect.any(Number), expect.any(Number)]);
  expect(codes[0]).not.toBe(codes[1]);
});
