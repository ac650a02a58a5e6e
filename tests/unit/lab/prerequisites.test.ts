import { install } from "../../../lab/prerequisites";

test("who may not install programs is told which are missing, and the command", async () => {
  jest.spyOn(process, "getuid").mockReturnValue(1000);
  const programs = { ...{ sh: "dash", "no-such-a": "one" }, ...{ "no-such-b": "two", "no-such-c": "two" } };
  expect(await install(programs)).toEqual({
    programs: "no-such-a, no-such-b, no-such-c",
    command: "sudo apt-get install one two",
  });
});

test("where every program is there, nothing is installed and nothing said", async () => {
  expect(await install({ sh: "no-such-package" })).toBeUndefined();
});
