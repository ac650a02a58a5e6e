import { SsoSetting } from "../../helpers/unit/sso-setting";

// The first answer of the stand-in waits for Authentik's description to be read.
jest.setTimeout(30_000);

let setting: SsoSetting;
beforeEach(async () => {
  setting = await SsoSetting.start();
});
afterEach(() => setting.stop());

/** Names of what is left of a table. */
const left = (table: "devices" | "reputation" | "sessions", field: string): unknown[] =>
  setting.api.objects[table].map((row) => row[field]);

describe("status", () => {
  const secured = (): void => setting.list("/authenticators/admin/webauthn/");

  test("the table of users shows groups, second factor, lock and last login of each", async () => {
    const anna = setting.user("anna", ["family", "admins"], { last_login: "2026-11-20T18:30:12Z" });
    setting.user("ben", [], { is_active: false, email: "" });
    setting.user("ak-outpost-1", [], { type: "internal_service_account" });
    setting.user("zoe", ["family"]);
    setting.device(anna, "totp", "phone");
    setting.score("zoe", "192.168.1.20", -3);
    setting.score("ben", "192.168.1.20", -4);
    setting.score("zoe", "192.168.1.21", -2);
    secured();
    await setting.run("status");
    expect(setting.printed).toBe(
      [
        "USER     E-MAIL          GROUPS            ACTIVE  SECOND FACTOR  LOCKED  LAST LOGIN",
        "akadmin  -               authentik Admins  yes     no             no      never",
        "anna     anna@home.arpa  admins, family    yes     yes            no      2026-11-20 18:30 UTC",
        "ben      -               -                 no      no             no      never",
        "zoe      zoe@home.arpa   family            yes     no             yes     never",
        "",
      ].join("\n"),
    );
    expect(setting.api.writes()).toEqual([]);
  });

  test("K6: a device that was never set up to the end is no second factor", async () => {
    const [anna, ben] = [setting.user("anna"), setting.user("ben")];
    setting.device(ben, "totp", "phone");
    Object.assign(setting.device(anna, "totp", "phone"), { confirmed: false });
    // Devices of different types may have the same number.
    Object.assign(setting.device(anna, "static", "codes"), { pk: setting.api.objects.lastId - 2, confirmed: false });
    secured();
    await setting.run("status");
    expect(setting.printed).toMatch(/^anna .* yes     no             no      never$/m);
    expect(setting.printed).toMatch(/^ben .* yes     yes            no      never$/m);
  });

  test("nobody is locked where no policy counts failures", async () => {
    setting.user("zoe");
    setting.score("zoe", "192.168.1.20", -9);
    setting.api.objects.policies = [];
    secured();
    await setting.run("status");
    expect(setting.printed).toMatch(/^zoe .* no {6}never$/m);
  });
});

describe("unlock", () => {
  beforeEach(() => {
    setting.user("anna");
    for (const host of [1, 2, 3, 4]) setting.score("anna", `10.0.0.${host}`, -2);
    setting.score("annabel", "10.0.0.1", -5);
  });

  test("US3: forgets the failed logins of one user, and nobody else's", async () => {
    await setting.run("unlock", "anna");
    expect(left("reputation", "identifier")).toEqual(["annabel"]);
    expect(setting.told).toBe("anna is not locked any more.\n");
  });

  test("done twice is no failure", async () => {
    await setting.run("unlock", "anna");
    await setting.run("unlock", "anna");
    expect(setting.told).toContain("anna was not locked: Authentik counts no failed login.\n");
  });

  test.each([["unlock"], ["recover"], ["reset-second-factor"], ["sessions", "end"]])(
    "%s says where to look for a name nobody has",
    async (command, ...more) => {
      await expect(setting.run(command, "Anna", ...more)).rejects.toThrow(
        'there is no user "Anna"; see who there is: npm run sso -- --stack homelab status',
      );
      expect(setting.api.writes()).toEqual([]);
      expect(setting.ran).toEqual([]);
    },
  );
});

describe("reset-second-factor", () => {
  test("EC-8: removes every authenticator of one user, and nobody else's", async () => {
    const [anna, ben] = [setting.user("anna"), setting.user("ben")];
    setting.device(anna, "totp", "phone");
    setting.device(anna, "static", "codes");
    setting.device(ben, "totp", "tablet");
    await setting.run("reset-second-factor", "anna");
    expect(left("devices", "name")).toEqual(["tablet"]);
    expect(setting.told).toContain('Removed of anna: TOTP Device "phone", Static Device "codes".\n');
    expect(setting.told).toContain("Until the next login enrols a new one, the password alone lets in");
  });

  test("says when there is none", async () => {
    setting.user("anna");
    await setting.run("reset-second-factor", "anna");
    expect(setting.told).toBe("anna has no second factor: the next login enrols one where it must.\n");
  });

  test("names a device that it cannot remove, and where somebody can", async () => {
    setting.user("anna");
    const ring = { pk: "1", name: "ring", type: "x.NewDevice", verbose_name: "New Device" };
    setting.api.fail({ match: "GET /authenticators/admin/all/", as: 200, body: [ring] });
    await expect(setting.run("reset-second-factor", "anna")).rejects.toThrow(
      `this tool does not know how to remove the New Device "ring" of anna (x.NewDevice); remove it at ${setting.url}/if/admin/`,
    );
  });
});

test("sessions end: ends those of one user, and nobody else's", async () => {
  const [anna, ben] = [setting.user("anna"), setting.user("ben")];
  setting.session(anna, "phone");
  setting.session(ben, "tablet");
  setting.session(anna, "laptop");
  await setting.run("sessions", "anna", "end");
  expect(left("sessions", "id")).toEqual(["tablet"]);
  expect(setting.told).toContain("Ended 2 session(s) of anna.");
});

describe("restore-token", () => {
  const own = "authentik-bootstrap-token";
  const fields = { intent: "api", expiring: false };
  beforeEach(() => {
    const { objects } = setting.api;
    objects.tokens = [];
    objects.insert("tokens", { identifier: "repair", ...fields, user: objects.user("akadmin")?.pk });
    objects.hidden.tokenKeys = { repair: "Temporary-1" };
    setting.stdin = "Temporary-1\n";
  });

  const expectRestored = async (): Promise<void> => {
    await setting.run("restore-token");
    const { objects } = setting.api;
    expect(setting.api.row("tokens", "identifier", own)).toMatchObject({
      ...fields,
      user: objects.user("akadmin")?.pk,
    });
    expect(objects.hidden.tokenKeys[own]).toBe(setting.token);
    expect(setting.told).toBe("The program's API token works again. Delete the temporary one.\n");
    setting.user("anna");
    expect(await setting.run("unlock", "anna")).toBe(0);
  };

  test("makes a deleted token anew, with the key that the stack has", expectRestored);

  test("makes one anew that was changed, and is another's", async () => {
    const { objects } = setting.api;
    const expires = objects.now(1000);
    objects.insert("tokens", {
      identifier: own,
      intent: "app_password",
      expiring: true,
      expires,
      user: setting.user("ben").pk,
    });
    objects.hidden.tokenKeys[own] = "another";
    await expectRestored();
  });

  test.each(["", "Bootstrap-Token-1"])("says what it needs, given %j", async (given) => {
    setting.stdin = given;
    await expect(setting.run("restore-token")).rejects.toThrow(
      /^this needs the key of a temporary API token on standard input; make one at http:.*\/if\/admin\/#\/core\/tokens as/,
    );
  });

  test("an owner without rights is named, and nothing is changed", async () => {
    const { objects } = setting.api;
    const admins = setting.api.row("groups", "name", "authentik Admins");
    const token = setting.api.row("tokens", "identifier", "repair");
    token.user = setting.user("ben", ["authentik Admins"]).pk;
    objects.removeMember(admins, objects.user("akadmin") ?? {});
    await expect(setting.run("restore-token")).rejects.toThrow(
      "the token belongs to akadmin, who is no active administrator",
    );
    expect(setting.api.writes()).toEqual([]);
  });
});

describe("what is wrong is said with its remedy", () => {
  test("EC-7: Authentik is down", async () => {
    setting.outage(502);
    await expect(setting.run("status")).rejects.toThrow(
      /in Authentik \(status 502\).*\nSee docs\/runbooks\/sso-down\.md\.$/,
    );
  });

  test("the program's token was revoked", async () => {
    setting.api.objects.tokens = [];
    const error: unknown = await setting.run("unlock", "anna").catch((each: unknown) => each);
    expect(String(error)).toContain("The API token was revoked, has expired, or is not an administrator's.");
    expect(String(error)).toContain(
      "To make the program's own work again: npm run sso -- --stack homelab restore-token (docs/runbooks/sso-admin-",
    );
    expect(String(error)).not.toContain(setting.token);
  });

  test("the stack has no single sign-on yet", async () => {
    setting.output = {
      code: 255,
      stdout: "",
      stderr: "error: current stack does not have output property 'ssoAdmin'\n",
    };
    await expect(setting.run("status")).rejects.toThrow(
      "the stack does not tell how to reach Authentik. Is single sign-on part of it, and the stack up to date? " +
        "npm run up -- --stack homelab\nerror: current stack does not",
    );
  });

  test("the output is of another version, and its secrets are not said", async () => {
    setting.output = {
      ...setting.output,
      stdout: JSON.stringify({ ...JSON.parse(setting.output.stdout), address: "vm" }),
    };
    await expect(setting.run("status")).rejects.toThrow(
      /^the output ssoAdmin is not what this program makes \(address\); bring it up to date: npm run up -- --stack homelab$/,
    );
  });
});
