import { AuthentikObjects } from "../../lab/authentik/objects";
import { duration, type Row } from "../../lab/authentik/rows";

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

test("what is past its end goes, and what has none stays", () => {
  const objects = new AuthentikObjects();
  objects.clock = () => 1_800_000_000_000;
  objects.reputation = [
    { identifier: "old", expires: objects.now(-1) },
    { identifier: "young", expires: objects.now(1) },
    { identifier: "forever", expires: null },
  ];
  objects.hidden.recoveryTokens = {
    old: { user: 1, expires: objects.now(-1) },
    new: { user: 1, expires: objects.now(1) },
  };
  objects.expire();
  expect(objects.reputation.map(({ identifier }) => identifier as string)).toEqual(["young", "forever"]);
  expect(Object.keys(objects.hidden.recoveryTokens)).toEqual(["new"]);
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
