import { AuthentikApi, startForEachTest } from "./authentik-api";
import { Stack } from "./provider-stack";

let api: AuthentikApi;
const stackOf = (type: string): Stack => new Stack(type, api.connection, "authentik");

startForEachTest((started) => (api = started));

test("CS-004: who is in a group already is not put into it again", async () => {
  const [family, anna] = [{ name: "family" }, { username: "anna", name: "Anna" }];
  const member = { group: "family", username: "anna" };
  await stackOf("Group").up(family);
  await stackOf("User").up(anna);
  await stackOf("GroupMembership").up(member);
  api.writes();
  expect(await stackOf("GroupMembership").up(member)).toBe("create");
  expect(api.writes()).toEqual([]);
  api.objects.removeMember(api.row("groups", "name", "family"), api.row("users", "username", "anna"));
  await stackOf("GroupMembership").up(member);
  expect(api.writes()).toEqual([expect.stringMatching(/^POST .*\/add_user\/$/)]);
});
