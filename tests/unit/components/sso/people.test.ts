import * as pulumi from "@pulumi/pulumi";

import { People } from "../../../../components/sso/people";
import { deploy, Deployment, resolved } from "../../../helpers/unit/pulumi-mocks";
import {
  authentikType,
  config,
  dependencies,
  makeAccess,
  objectInputs,
  objectNames,
  objects,
  openHolders,
  ownInputs,
  sources,
  texts,
} from "../../../helpers/unit/sso-program";

jest.setTimeout(60_000);

function people(changes: Record<string, unknown> = {}, options = {}) {
  const { sso } = config(changes);
  return deploy(() => {
    const { access, machine } = makeAccess(sso);
    const args = { machine, authentik: access.authentik, recoveryFlow: access.recoveryFlow, sso };
    return { machine, access, people: new People("people", args, { dependsOn: [access.last] }) };
  }, options);
}

type Made = Awaited<ReturnType<typeof people>>["result"];

let deployed: Deployment<Made>;
beforeAll(async () => void (deployed = await people()));

const of = (kind: string, { ofType } = { ofType: deployed.ofType.bind(deployed) }) =>
  ofType(authentikType(kind)).map((each) => [each.name, ownInputs(each)]);
const theirs = (deployment: Deployment<Made>) => objects(deployment).filter(({ name }) => name.startsWith("people-"));

test("US3.3: each user of the config has an account", () => {
  expect(of("User")).toEqual([
    ["people-anna", { username: "anna", name: "Anna Meier", email: "anna@home.arpa" }],
    ["people-ben", { username: "ben", name: "Ben Meier", email: "ben@home.arpa" }],
  ]);
});

test("EF-012: each user is in the groups of the config, and in no other", () => {
  expect(of("GroupMembership")).toEqual([
    ["people-anna@admins", { group: "admins", username: "anna" }],
    ["people-anna@family", { group: "family", username: "anna" }],
    ["people-ben@family", { group: "family", username: "ben" }],
  ]);
});

test("US3.3: each user has a link to choose a password with, for three days", async () => {
  const flow = "homelab-recovery";
  expect(of("RecoveryLink")).toEqual([
    ["people-anna-link", { username: "anna", validity: "days=3", flow }],
    ["people-ben-link", { username: "ben", validity: "days=3", flow }],
  ]);
  const other = await people({ "sso.linkValidity": "1 day" });
  expect(objectInputs(other, "RecoveryLink", "people-ben-link").validity).toBe("days=1");
});

test("EF-005: the links come out by user name, and are secret", async () => {
  const { links } = deployed.result.people;
  expect(await resolved(links)).toEqual({
    anna: "https://auth.home.arpa/link-of-people-anna-link",
    ben: "https://auth.home.arpa/link-of-people-ben-link",
  });
  expect(await pulumi.isSecret(links)).toBe(true);
  expect(openHolders(deployed, "link-of-")).toEqual([]);
  for (const { options } of deployed.ofType(authentikType("RecoveryLink")))
    expect((options as pulumi.CustomResourceOptions).additionalSecretOutputs).toContain("link");
});

test("US3.3: nobody's password is in the program: users choose their own", () => {
  for (const { name, inputs } of theirs(deployed)) {
    const given = Object.keys(inputs).filter((key) => /password/i.test(key));
    expect({ name, given }).toEqual({ name, given: [] });
    expect(texts(inputs).filter((text) => text.includes("password of"))).toEqual([]);
  }
  expect(deployed.ids().filter((id) => /random/i.test(id))).toEqual([]);
});

test("US3.3: memberships and links come after their user, and links after the brand has the flow for them", async () => {
  const from = (kind: string, name: string) => sources(deployed, deployed.get(authentikType(kind), name));
  expect(await from("GroupMembership", "people-anna@admins")).toContain("User people-anna");
  expect(await from("RecoveryLink", "people-anna-link")).toEqual(
    expect.arrayContaining(["Brand sso-brand", "User people-anna"]),
  );
});

test("EF-012: people wait for groups, are inside the component, and go with the machine", () => {
  const { machine, people: component } = deployed.result;
  expect(theirs(deployed)).toHaveLength(2 + 3 + 2);
  for (const each of theirs(deployed)) {
    expect(dependencies(deployed, each)).toEqual(["ClosedFlows sso-closed-flows"]);
    expect(each.options).toMatchObject({ parent: component, deletedWith: machine.resource });
    expect(each.inputs.installation).toBe("machine-1");
    expect(each.secrets).toEqual(["connection"]);
  }
});

test("US3.3: of who is no longer in the config nothing is left", async () => {
  const anna = config().sso.users.filter(({ username }) => username === "anna");
  const other = await people({ "sso.users": anna });
  expect(objectNames(other, "User")).toEqual(["people-anna"]);
  expect(JSON.stringify(theirs(other).map(({ name, inputs }) => ({ name, inputs })))).not.toContain("ben");
  expect(await resolved(other.result.people.links)).toEqual({
    anna: "https://auth.home.arpa/link-of-people-anna-link",
  });
});

test("US3.3: a house without users has no accounts and no links", async () => {
  const other = await people({ "sso.users": [] });
  expect(theirs(other)).toEqual([]);
  expect(await resolved(other.result.people.links)).toEqual({});
  expect(await pulumi.isSecret(other.result.people.links)).toBe(true);
});

test("US5: the preview before the first update shows everybody", async () => {
  expect((await people({}, { preview: true })).ids()).toEqual(deployed.ids());
});
