import { newUser } from "../../../../lab/authentik/api/kinds/users";
import { freshness } from "../../../../providers/authentik/memory";
import { client } from "../../../helpers/unit/authentik-account-lives";
import { AuthentikApi, startForEachTest } from "../../../helpers/unit/authentik-api";
import { Stack } from "../../../helpers/unit/provider-stack";

let api: AuthentikApi;
/** How Authentik is reached: otherwise, it is as if by another process. */
let connection: AuthentikApi["connection"];
const stackOf = (type: string): Stack => new Stack(type, connection, "authentik");
const inAnotherProcess = (): void => void (connection = { ...connection, endpoint: `${connection.endpoint}/` });

startForEachTest((started) => ({ connection } = api = started));

test("CS-004: who is in a group already is not put into it again", async () => {
  const family = { name: "family" };
  const member = { group: "family", username: "anna" };
  await stackOf("Group").up(family);
  await stackOf("User").up(anna);
  await stackOf("GroupMembership").up(member);
  api.writes();
  inAnotherProcess();
  expect(await stackOf("GroupMembership").up(member)).toBe("create");
  expect(api.writes()).toEqual([]);
  api.objects.removeMember(api.row("groups", "name", "family"), api.row("users", "username", "anna"));
  await stackOf("GroupMembership").up(member);
  expect(api.writes()).toEqual([expect.stringMatching(/^POST .*\/add_user\/$/)]);
});

const link = { username: "anna", validity: "days=3" };
const anna = { username: "anna", name: "Anna" };

/** Brings a house up as Pulumi's engine does: each resource when those are there that it depends on, all others beside it. */
async function house(users: number, applications: number): Promise<void> {
  await stackOf("Flow").up({ slug: "homelab-recovery", title: "New password", designation: "recovery" });
  await stackOf("Brand").up({ flowRecovery: "homelab-recovery" });
  const groups = Promise.all(["family", "friends"].map((name) => stackOf("Group").up({ name })));
  const people = Array.from({ length: users }, async (_, index) => {
    const username = `user-${index}`;
    await stackOf("User").up({ ...anna, username });
    const members = ["family", "friends"].map(async (group) => {
      await groups;
      await stackOf("GroupMembership").up({ group, username });
    });
    await Promise.all([...members, stackOf("RecoveryLink").up({ ...link, username })]);
  });
  const services = Array.from({ length: applications }, async (_, index) => {
    const name = `app-${index}`;
    const signed = { ...client, signingKey: "authentik Self-signed Certificate" };
    await stackOf("OAuthProvider").up({ ...signed, name, clientId: name });
    await stackOf("ClientAuthentication").up({ provider: name, clientSecret: "Client-Secret-1" });
    await stackOf("Application").up({ slug: name, name, provider: name });
    await groups;
    await stackOf("PolicyBinding").up({ target: `application/${name}`, bound: "group/family" });
  });
  await Promise.all([...people, ...services]);
}

describe("CS-004: a house of 20 people and 5 applications", () => {
  beforeEach(() => {
    Object.assign(api.objects.settings, { pagination_max_page_size: 100 });
    freshness.time = 60_000;
  });

  test("is made by a call for each object, and a few lists", async () => {
    await house(20, 5);
    const objects = 4 + 20 * 4 + 5 * 3;
    expect(api.log.filter((line) => line.startsWith("GET ")).length).toBeLessThanOrEqual(5);
    expect(api.writes()).toHaveLength(objects);
    expect(api.objects.membersOf(api.row("groups", "name", "friends"))).toHaveLength(20);
    expect(api.objects.tokens.filter(({ flow }) => flow !== undefined)).toHaveLength(20);
    expect(api.objects.bindings.filter(({ group }) => group === api.row("groups", "name", "family").pk)).toHaveLength(
      5,
    );
  });

  test("is taken over without a write but of links", async () => {
    await house(20, 5);
    api.log.splice(0);
    api.exchanges.splice(0);
    inAnotherProcess();
    await house(20, 5);
    const written = api.exchanges.filter(({ method, status }) => method !== "GET" && status < 300);
    expect(written.map(({ url }) => url.pathname).filter((path) => !/recovery|password-reset/.test(path))).toEqual([]);
    expect(api.log.length).toBeLessThan(20 * 8 + 5 * 8);
  });
});

describe("what was made a moment ago", () => {
  const member = { group: "family", username: "anna" };

  beforeEach(async () => {
    await stackOf("Flow").up({ slug: "homelab-recovery", title: "New password", designation: "recovery" });
    await stackOf("Brand").up({ flowRecovery: "homelab-recovery" });
    await stackOf("Group").up({ name: "family" });
  });

  test("EF-014: is asked for once something was done with it: a second link ends the first", async () => {
    await stackOf("User").up(anna);
    const [first, second] = [stackOf("RecoveryLink"), stackOf("RecoveryLink")];
    await first.up(link);
    await second.up(link);
    expect(second.outs.link).not.toBe(first.outs.link);
  });

  test("EF-013: is not taken for there once it was deleted", async () => {
    const user = stackOf("User");
    await user.up(anna);
    await user.destroy();
    const other = api.objects.insertNumbered("users", { ...newUser(api.objects), ...anna });
    await stackOf("GroupMembership").up(member);
    expect(api.objects.membersOf(api.row("groups", "name", "family"))).toEqual([other]);
  });

  test("EF-013: has nothing bound to it twice, where the first answer was lost", async () => {
    await stackOf("Application").up({ slug: "wiki", name: "Wiki" });
    api.fail({ match: "POST /policies/bindings", as: "reset" });
    await stackOf("PolicyBinding").up({ target: "application/wiki", bound: "group/family" });
    const { pk: target } = api.row("applications", "slug", "wiki");
    expect(api.objects.bindings.filter((each) => each.target === target)).toHaveLength(1);
  });

  test("EF-013: is taken out of what it was put into, in the same run", async () => {
    await stackOf("User").up(anna);
    await stackOf("Application").up({ slug: "wiki", name: "Wiki" });
    const made = [stackOf("GroupMembership"), stackOf("PolicyBinding")];
    await made[0]?.up(member);
    await made[1]?.up({ target: "application/wiki", bound: "group/family" });
    for (const each of made) await each.destroy();
    expect(api.objects.membersOf(api.row("groups", "name", "family"))).toEqual([]);
    expect(api.objects.by("bindings", "target", api.row("applications", "slug", "wiki").pk)).toBeUndefined();
  });
});
