import { AuthentikObjects } from "../../../../lab/authentik/objects";
import { linkToken } from "../../../../lab/authentik/recovery/tokens";
import { duration } from "../../../../lab/authentik/rows";
import type { Row } from "../../../../lab/kit/rows";

const group = (objects: AuthentikObjects, name: string, more: Row = {}): Row =>
  objects.insert("groups", { name, is_superuser: false, parents: [], ...more });

test("a user is in the groups above the own ones, too, and an administrator by one of them", () => {
  const objects = new AuthentikObjects();
  const admins = group(objects, "admins", { is_superuser: true });
  const operators = group(objects, "operators", { parents: [admins.pk] });
  // A ring must not keep it busy for ever.
  admins.parents = [operators.pk];
  const jane = objects.insertNumbered("users", { username: "jane", groups: [operators.pk] });
  expect(objects.groupsOf(jane)).toEqual([operators]);
  expect(objects.allGroupsOf(jane)).toEqual(expect.arrayContaining([operators, admins]));
  expect(objects.isSuperuser(jane)).toBe(true);
  objects.removeMember(operators, jane);
  expect(objects.isSuperuser(jane)).toBe(false);
});

test("the token of a link goes some minutes after it ended, and one of the API stays", () => {
  const objects = new AuthentikObjects();
  objects.clock = () => 1_800_000_000_000;
  objects.tokens = [
    { identifier: "old", intent: "verification", expiring: true, expires: objects.now(-300_001) },
    { identifier: "ended", intent: "verification", expiring: true, expires: objects.now(-1) },
    { identifier: "robot", intent: "api", expiring: true, expires: objects.now(-300_001) },
  ];
  linkToken(objects, { identifier: "new", intent: "recovery", user: 1, expires: objects.now(1) });
  expect(objects.tokens.map(({ identifier }) => identifier as string)).toEqual(["ended", "robot", "new"]);
});

test("everything goes through JSON and back", () => {
  const objects = new AuthentikObjects();
  const jane = objects.insertNumbered("users", { username: "jane", groups: [] });
  objects.setPassword(jane, "Correct-Horse-2");
  const other = new AuthentikObjects();
  other.fromJSON(JSON.stringify(objects));
  expect(other.isPassword(other.user("jane") ?? {}, "Correct-Horse-2")).toBe(true);
  expect(other.insertNumbered("users", {}).pk).toBe(jane.pk + 1);
});

test("who has no password gets in with none", () => {
  const objects = new AuthentikObjects();
  const jane = objects.insertNumbered("users", { username: "jane", groups: [] });
  expect(objects.isPassword(jane, "")).toBe(false);
});

test.each([
  ["days=3", 259_200_000],
  ["hours=1;minutes=30", 5_400_000],
  ["seconds=0", 0],
  ["3 days", undefined],
  ["years=1", undefined],
])("the duration %s", (text, milliseconds) => expect(duration(text)).toBe(milliseconds));
