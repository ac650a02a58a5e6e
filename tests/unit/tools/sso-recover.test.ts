import { writeFileSync } from "node:fs";

import { shellQuote } from "../../../providers/host/shell";
import { Sandbox } from "../../helpers/unit/machine-stub";
import { SsoSetting, went } from "../../helpers/unit/sso-setting";

// The first answer of the stand-in waits for Authentik's description to be read.
jest.setTimeout(30_000);

let setting: SsoSetting;
beforeEach(async () => {
  setting = await SsoSetting.start();
  setting.machineSays = went(
    '{"event": "Loaded config", "level": "debug"}\n' +
      "Store this link safely, as it will allow anyone to access authentik as anna.\n" +
      "/recovery/use-token/Recovery-Key_1/\n",
  );
});
afterEach(() => setting.stop());

const direct = (): string => `${setting.url}/recovery/use-token/Recovery-Key_1/\n`;

/** The command in the worker's container that a direct link is made with. */
const made = (minutes: string): string[] => [
  ...["docker", "exec", "authentik-worker", "/bin/sh", "-c"],
  'set -a && . /run/homelab/secrets.env && set +a && exec ak create_recovery_key "$1" "$2"',
  ...["sh", minutes, "anna"],
];

test("EC-9: a guest who forgot the password gets a link to choose a new one, and it alone is on standard output", async () => {
  const { pk, uid } = setting.user("anna");
  await setting.run("recover", "anna", "--minutes", "90");
  const { objects } = setting.api;
  const made = setting.api.row("tokens", "identifier", `${uid}-password-reset`);
  expect(made).toMatchObject({ user: pk, flow: expect.any(String), expires: objects.now(90 * 60_000) });
  const key = objects.hidden.tokenKeys[made.identifier] ?? "";
  expect(setting.printed).toBe(`${setting.url}/if/flow/${made.flow}/?flow_token=${key}\n`);
  expect(setting.told).toMatch(/^With this link anna chooses a new password; it works once, for 90 minutes\./);
  expect(setting.told).not.toContain(key);
  expect(setting.ran).toEqual([]);
});

test("K5: another link revokes the one before, and the tool says so", async () => {
  setting.user("anna");
  await setting.run("recover", "anna");
  const [first = ""] = setting.printed.split("\n");
  await setting.run("recover", "anna");
  const [, second = ""] = setting.printed.split("\n");
  const key = new URL(second).searchParams.get("flow_token");
  expect(second).not.toBe(first);
  const { objects } = setting.api;
  const left = objects.tokens.filter(({ flow }) => flow).map(({ identifier }) => objects.hidden.tokenKeys[identifier]);
  expect(left).toEqual([key]);
  expect(setting.told).toContain("Earlier links of anna to choose a password work no more.\n");
});

test("EC-9: somebody who is locked besides is told about", async () => {
  setting.user("anna");
  setting.score("anna", "10.0.0.1", -6);
  await setting.run("recover", "anna");
  expect(setting.told).toContain("anna is locked now. To make the new password work at once: npm run sso -- --stack");
});

test("EC-8: an administrator gets a link that logs in at once, made on the machine, and the tool says so", async () => {
  setting.user("anna", ["authentik Admins"]);
  await setting.run("recover", "anna");
  expect(setting.printed).toBe(direct());
  expect(setting.ran).toEqual([made("60")]);
  expect(setting.api.writes()).toEqual([]);
  expect(setting.told).toContain(
    "logged in as anna, without password and without second factor. It works once, for 60",
  );
  expect(setting.told).not.toContain("Recovery-Key");
});

describe("EC-8: the machine makes the link where Authentik's API does not", () => {
  test.each<[string, () => void, string]>([
    ["there is no recovery flow", () => (setting.api.objects.brands = []), "No recovery flow set."],
    ["Authentik answers with an error", () => setting.outage(503), "(status 503)"],
    ["the program's token was revoked", () => (setting.api.objects.tokens = []), "The API token was revoked"],
  ])("%s", async (_, spoil, reason) => {
    setting.user("anna");
    spoil();
    await setting.run("recover", "anna");
    expect(setting.printed).toBe(direct());
    expect(setting.told).toContain(reason);
    expect(setting.told).toContain("So the link is made on the machine.\n");
    expect(setting.told).not.toContain(setting.token);
  });

  test("nothing answers at all", async () => {
    await setting.stop();
    await setting.run("recover", "anna");
    expect(setting.printed).toMatch(/\/recovery\/use-token\/Recovery-Key_1\/\n$/);
    expect(setting.told).toContain("(no answer)");
    setting = await SsoSetting.start();
  });

  test("it is asked for, and nothing else is asked", async () => {
    await setting.run("recover", "anna", "--direct");
    expect(setting.printed).toBe(direct());
    expect(setting.api.log).toEqual([]);
  });
});

test("a deactivated account gets no link", async () => {
  setting.user("anna", [], { is_active: false });
  await expect(setting.run("recover", "anna")).rejects.toThrow(
    "anna is deactivated in Authentik; to give the account back: npm run up -- --stack homelab --refresh",
  );
  expect(setting.ran).toEqual([]);
});

test("what the machine says instead of a link is passed on", async () => {
  // Authentik's command ends with 0 all the same.
  setting.machineSays = { code: 0, stdout: '{"event": "Loaded config"}\n', stderr: "User 'anna' not found.\n" };
  await expect(setting.run("recover", "anna", "--direct")).rejects.toThrow(
    "no link was made for anna. Is the name right? Otherwise see docs/runbooks/sso-down.md. The machine said:\n" +
      "User 'anna' not found.",
  );
  expect(setting.printed).toBe("");
});

test("the link's command runs in a shell with the secrets of the container", async () => {
  const container = new Sandbox({ ak: 'echo "$AUTHENTIK_SECRET_KEY $*"' });
  writeFileSync(container.path("secrets.env"), "AUTHENTIK_SECRET_KEY=Secret-Key-1\n");
  const [, , , ...inside] = made("60");
  const script = inside.map((word) => word.replace("/run/homelab/secrets.env", container.path("secrets.env")));
  const result = await container.run(script.map(shellQuote).join(" "));
  container.remove();
  expect(result).toEqual({ status: 0, stdout: "Secret-Key-1 create_recovery_key 60 anna\n", stderr: "" });
});
