import { readCommand } from "../../../tools/sso-commands";

test.each([[[]], [["unlock"]], [["status", "anna"]], [["sessions", "anna"]], [["recover", "anna", "ben"]], [["stop"]]])(
  "%j is no command",
  (line) => expect(readCommand(line)).toBeUndefined(),
);

test.each(["0", "1.5", "soon", "100000"])("--minutes %s is refused", (minutes) =>
  expect(() => readCommand(["recover", "anna", "--minutes", minutes])).toThrow(
    `--minutes ${minutes} is not a whole number of minutes from 1 to 99999`,
  ),
);

test("the stack is the one named", () => {
  expect(readCommand(["--stack", "other", "status"])?.stack).toBe("other");
  expect(readCommand(["status"])?.stack).toBe("homelab");
});
