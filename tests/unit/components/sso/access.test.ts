import * as pulumi from "@pulumi/pulumi";

import { SsoAccess } from "../../../../components/sso/access";
import { stubMachine } from "../../../helpers/unit/machine-stub";
import { deploy, Deployment, keyText, resolved, rootCertificate, types } from "../../../helpers/unit/pulumi-mocks";
import {
  authentikType,
  config,
  connection,
  containerIds,
  dependencies,
  makeAccess,
  objectInputs,
  objectNames,
  objects,
  sources,
  texts,
  url,
} from "../../../helpers/unit/sso-program";

jest.setTimeout(60_000);

type Made = ReturnType<typeof makeAccess>;
function access(changes: Record<string, unknown> = {}, options = {}): Promise<Deployment<Made>> {
  const { sso } = config(changes);
  return deploy(() => makeAccess(sso), options);
}

let deployed: Deployment<Made>;
beforeAll(async () => void (deployed = await access()));

const inputs = (kind: string, name: string) => objectInputs(deployed, kind, name);

/** The stages of a flow in their order, each with whom it is shown to. */
function stages(deployment: Deployment<Made>, flow: string) {
  const bindings = deployment.ofType(authentikType("PolicyBinding")).map((each) => each.inputs);
  return deployment
    .ofType(authentikType("FlowStage"))
    .map((each) => each.inputs)
    .filter((each) => each.flow === flow)
    .sort((one, other) => Number(one.order) - Number(other.order))
    .map(({ order, stage }) => {
      const target = `flow-stage/${flow}/${order}`;
      const shownTo = bindings.filter((each) => each.target === target).map(({ bound }) => bound);
      return { order, stage, ...(shownTo.length > 0 && { shownTo }) };
    });
}

const locked = {
  stage: "homelab-locked",
  shownTo: ["policy/homelab-failed-logins", "policy/homelab-unpurged-failures"],
};

describe("the settings", () => {
  test("EF-014, EF-012, A2: events stay 90 days, what has no group is closed, and nobody renames themselves or is somebody else", () => {
    expect(inputs("Settings", "sso-settings")).toEqual({
      baseUrl: url,
      avatars: "initials",
      coreDefaultAppAccess: false,
      impersonation: false,
      eventRetention: "days=90",
      reputationLowerLimit: -20,
      reputationUpperLimit: 0,
      defaultUserChangeEmail: false,
      defaultUserChangeUsername: false,
    });
  });

  test.each([
    ["30 days", "days=30"],
    ["1 day", "days=1"],
  ])("EF-014: the config's %s are Authentik's %s", async (eventRetention, words) => {
    const other = await access({ "sso.eventRetention": eventRetention });
    expect(objectInputs(other, "Settings", "sso-settings").eventRetention).toBe(words);
  });

  test("US3: the outpost inside the server sends people to where they find Authentik", () => {
    expect(inputs("EmbeddedOutpost", "sso-outpost")).toEqual({ authentikHost: url });
  });
});

describe("the key that logins are signed with", () => {
  test("CS-004: is on the curve that is fast to sign with, for twenty years, with a certificate that is no use to a server", () => {
    expect(deployed.get(types.key, "sso-signing").inputs).toEqual({ algorithm: "ECDSA", ecdsaCurve: "P256" });
    expect(deployed.get(types.selfSigned, "sso-signing").inputs).toEqual({
      privateKeyPem: keyText("sso-signing"),
      subject: { commonName: "Single sign-on" },
      validityPeriodHours: 175_200,
      allowedUses: ["digital_signature", "code_signing"],
    });
  });

  test("EF-005: reaches Authentik as a secret, and nothing but its certificate and Authentik", async () => {
    const pair = deployed.get(authentikType("KeyPair"), "sso-signing");
    expect(inputs("KeyPair", "sso-signing")).toEqual({
      name: "homelab-signing",
      certificate: rootCertificate,
      key: keyText("sso-signing"),
    });
    expect([...pair.secrets].sort()).toEqual(["connection", "key"]);
    expect(await resolved(deployed.result.access.signingKey)).toBe("homelab-signing");
    const holders = deployed.resources.filter((each) => texts(each.inputs).includes(keyText("sso-signing")));
    expect(holders).toHaveLength(2);
  });
});

describe("the groups", () => {
  const superusers = (deployment: Deployment<Made>) =>
    deployment.ofType(authentikType("Group")).map(({ inputs: { name, superuser } }) => [name, superuser ?? false]);

  test("EF-012: are those of the config, whose administrators administer Authentik, and one that nobody is in", async () => {
    expect(superusers(deployed)).toEqual([
      ["admins", true],
      ["family", false],
      ["friends", false],
      ["nobody", false],
    ]);
    expect(await resolved(deployed.result.access.nobody)).toBe("nobody");
    expect(objectNames(deployed, "GroupMembership")).toEqual([]);
  });

  test("EF-012: another administrators' group is another group that administers Authentik, and only it", async () => {
    const other = await access({ "sso.groups": ["boss", "admins", "family"], "sso.adminGroup": "boss" });
    expect(superusers(other)).toEqual([
      ["boss", true],
      ["admins", false],
      ["family", false],
      ["nobody", false],
    ]);
  });
});

describe("logging in", () => {
  test("US3.4, EF-013: name, password and code, with who failed too often turned away before each secret, and before the login", () => {
    expect(inputs("Flow", "sso-login")).toEqual({
      slug: "homelab-login",
      title: "Log in",
      designation: "authentication",
    });
    expect(stages(deployed, "homelab-login")).toEqual([
      { order: 10, stage: "homelab-identification" },
      { order: 15, ...locked },
      { order: 20, stage: "homelab-password" },
      { order: 25, ...locked },
      { order: 30, stage: "homelab-second-factor", shownTo: ["group/authentik Admins", "group/admins"] },
      { order: 35, ...locked },
      { order: 100, stage: "homelab-login" },
    ]);
  });

  test("US3.4: five failures lock, by the name alone, and the page says for how long", () => {
    expect(inputs("ReputationPolicy", "sso-login-failed-logins")).toEqual({
      name: "homelab-failed-logins",
      threshold: -5,
    });
    expect(inputs("DenyStage", "sso-login-locked")).toEqual({
      name: "homelab-locked",
      denyMessage: "Too many failed logins. Try again in 20 minutes, or ask whoever runs this house's services.",
    });
    expect(inputs("PasswordStage", "sso-login-password")).toEqual({
      name: "homelab-password",
      failedAttemptsBeforeCancel: 5,
    });
  });

  test("US3.4: no stage is decided on before it is known who logs in, and a policy that fails turns nobody past a lock", () => {
    for (const kind of ["FlowStage", "PolicyBinding"]) {
      for (const name of objectNames(deployed, kind)) {
        const given = inputs(kind, name);
        for (const key of ["evaluateOnPlan", "reEvaluatePolicies", "policyEngineMode", "negate", "enabled"]) {
          expect(given).not.toHaveProperty(key);
        }
      }
    }
  });

  test("EF-013: who has no authenticator app yet sets one up at once; nothing lets a code be skipped", () => {
    expect(inputs("AuthenticatorValidateStage", "sso-login-second-factor")).toEqual({
      name: "homelab-second-factor",
      notConfiguredAction: "configure",
      configurationStages: ["default-authenticator-totp-setup"],
    });
  });

  test("US3: a login is good for twelve hours", () => {
    expect(inputs("IdentificationStage", "sso-login-identification")).toEqual({ name: "homelab-identification" });
    expect(inputs("UserLoginStage", "sso-login-login")).toEqual({
      name: "homelab-login",
      sessionDuration: "hours=12",
    });
  });

  const secondFactor = (deployment: Deployment<Made>) =>
    stages(deployment, "homelab-login").filter(({ order }) => order === 30);

  test("EF-013: the second factor can be for further groups, always with Authentik's own administrators", async () => {
    const other = await access({ "sso.secondFactor": { groups: ["admins", "family"] } });
    const shownTo = ["group/authentik Admins", "group/admins", "group/family"];
    expect(secondFactor(other)).toEqual([{ order: 30, stage: "homelab-second-factor", shownTo }]);
  });

  test.each([
    ["with groups", ["admins"]],
    ["without groups", []],
  ])("EF-013: the second factor can be for everyone, %s: then no group decides", async (_case, groups) => {
    const other = await access({ "sso.secondFactor": { groups, everyone: true } });
    expect(secondFactor(other)).toEqual([{ order: 30, stage: "homelab-second-factor" }]);
    const bound = other.ofType(authentikType("PolicyBinding")).map((each) => each.inputs.bound);
    expect(bound.filter((each) => String(each).startsWith("group/"))).toEqual([]);
  });

  test("EF-013: the second factor can be for nobody, and the lock stays", async () => {
    const other = await access({ "sso.secondFactor": { groups: [], everyone: false } });
    expect(objectNames(other, "AuthenticatorValidateStage")).toEqual([]);
    expect(stages(other, "homelab-login").map(({ order }) => order)).toEqual([10, 15, 20, 25, 100]);
    expect(stages(other, "homelab-login")[3]).toEqual({ order: 25, ...locked });
  });
});

describe("getting back in", () => {
  test("EC-9: the link of an administrator leads to a new password, twice, and in; it makes no user", () => {
    expect(inputs("Flow", "sso-recovery")).toEqual({
      slug: "homelab-recovery",
      title: "Choose a password",
      designation: "recovery",
    });
    expect(stages(deployed, "homelab-recovery")).toEqual([
      { order: 5, stage: "homelab-no-link", shownTo: ["policy/homelab-without-link"] },
      { order: 10, stage: "homelab-new-password" },
      { order: 20, stage: "homelab-write-password" },
      { order: 30, stage: "homelab-recovered" },
    ]);
    expect(inputs("PromptStage", "sso-recovery-password")).toEqual({
      name: "homelab-new-password",
      fields: ["default-password-change-field-password", "default-password-change-field-password-repeat"],
      validationPolicies: ["homelab-passwords"],
    });
    expect(inputs("UserWriteStage", "sso-recovery-write")).toEqual({ name: "homelab-write-password" });
    expect(inputs("UserLoginStage", "sso-recovery-login")).toEqual({ name: "homelab-recovered" });
  });

  test("US3: a password has twelve letters", () => {
    expect(inputs("PasswordPolicy", "sso-recovery-policy")).toEqual({
      name: "homelab-passwords",
      lengthMin: 12,
      errorMessage: "Choose at least 12 letters.",
    });
  });

  test("EC-9: the page of the login does not lead there: a link comes from an administrator", () => {
    expect(inputs("IdentificationStage", "sso-login-identification")).not.toHaveProperty("recoveryFlow");
  });
});

test("A2: every flow but ours is closed, once the brand has ours, and again after another start of Authentik", () => {
  expect(inputs("ClosedFlows", "sso-closed-flows")).toEqual({
    group: "nobody",
    open: ["homelab-login", "homelab-recovery"],
    startedAs: containerIds,
  });
});

describe("the order", () => {
  const brand = () => deployed.get(authentikType("Brand"), "sso-brand");

  test("US3.4, EF-013: the brand has the flows, once every stage and every decider is in its place", async () => {
    expect(inputs("Brand", "sso-brand")).toEqual({
      brandingTitle: "Homelab",
      flowAuthentication: "homelab-login",
      flowRecovery: "homelab-recovery",
    });
    const placed = ["Flow", "FlowStage", "PolicyBinding"].flatMap((kind) =>
      objectNames(deployed, kind).map((name) => `${kind} ${name}`),
    );
    expect(placed).toHaveLength(2 + 11 + 9);
    expect(await sources(deployed, brand())).toEqual(expect.arrayContaining(placed));
  });

  test("US3.3: recovery links come after the brand has their flow", async () => {
    const { recoveryFlow } = deployed.result.access;
    expect(await resolved(recoveryFlow)).toBe("homelab-recovery");
    const from = await (recoveryFlow as unknown as { allResources(): Promise<Set<pulumi.Resource>> }).allResources();
    expect(from).toContain(brand().resource);
  });

  test("US3.4: a stage is placed after it is made, and its deciders come after that", async () => {
    const from = (kind: string, name: string) => sources(deployed, deployed.get(authentikType(kind), name));
    expect(await from("FlowStage", "sso-login-15")).toEqual(
      expect.arrayContaining(["DenyStage sso-login-locked", "Flow sso-login"]),
    );
    expect(await from("PolicyBinding", "sso-login-15-0")).toEqual(
      expect.arrayContaining(["FlowStage sso-login-15", "ReputationPolicy sso-login-failed-logins"]),
    );
    expect(await from("PromptStage", "sso-recovery-password")).toContain("PasswordPolicy sso-recovery-policy");
  });

  test("US3: everything waits for Authentik's own objects, which wait for the API; flows wait for their groups", async () => {
    const edged = await deploy(() => {
      const ready = new pulumi.ComponentResource("test:index:Ready", "ready");
      const args = { machine: stubMachine(), connection, url, containerIds, sso: config().sso };
      return new SsoAccess("sso", args, { dependsOn: [ready] });
    });
    const groups = ["admins", "family", "friends"].map((group) => `Group sso-group-${group}`);
    for (const each of objects(edged).filter(({ name }) => name !== "sso-closed-flows")) {
      const first = each.name === "sso-defaults" ? "test:index:Ready ready" : "Defaults sso-defaults";
      const needed = [first, ...(each.name.startsWith("sso-login") ? groups : [])];
      expect([each.name, ...dependencies(edged, each)]).toEqual([each.name, ...needed]);
    }
  });

  test("US3: one object comes after all others, and stands for them where something waits for the way in", () => {
    const closedFlows = deployed.get(authentikType("ClosedFlows"), "sso-closed-flows");
    const before: unknown[] = [closedFlows.options.dependsOn, deployed.result.access.last].flat();
    const others = objects(deployed).filter(
      ({ resource, options }) => !before.includes(resource) && !before.includes(options.parent),
    );
    // For which the others wait.
    expect(others.map(({ name }) => name)).toEqual(["sso-defaults"]);
  });

  test("US3: every object is on the machine's Authentik, through a secret connection, and goes with the machine", () => {
    const { machine } = deployed.result;
    for (const { name, inputs: given, secrets, options } of objects(deployed)) {
      expect({ name, connection: given.connection, installation: given.installation }).toEqual({
        name,
        connection,
        installation: "machine-1",
      });
      expect(secrets).toContain("connection");
      expect(options.deletedWith).toBe(machine.resource);
      expect(options.parent).toBeDefined();
    }
  });

  test("US5: the preview before the first update shows every object", async () => {
    expect((await access({}, { preview: true })).ids()).toEqual(deployed.ids());
  });
});
