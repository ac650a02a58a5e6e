/** A reporter, as jest uses it. */
type Reporter = new () => { onRunComplete(contexts: unknown, results: unknown): void };

const Durations = jest.requireActual<Reporter>("../durations.js");

test("what each project took, from its first file to its last, is printed with the files that are slow", () => {
  const printed: string[] = [];
  const write = jest.spyOn(process.stderr, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  const file = (project: string, name: string, start: number, seconds: number) => {
    const perfStats = { start, end: start + seconds * 1000, runtime: seconds * 1000 };
    return { displayName: { name: project }, testFilePath: `/checkout/tests/${project}/${name}`, perfStats };
  };
  new Durations().onRunComplete(undefined, {
    testResults: [
      file("unit", "quick.test.ts", 1000, 4),
      file("e2e", "lab.test.ts", 0, 20),
      file("unit", "slow.test.ts", 2000, 6),
      // It could not be loaded.
      { testFilePath: "/checkout/tests/unit/broken.test.ts", perfStats: { start: 0, end: 0, runtime: 0 } },
    ],
  });
  write.mockRestore();
  expect(printed.map((line) => line.replace(/ +/g, " "))).toEqual([
    "unit 7 s 2 files\n",
    " slow.test.ts 6 s\n",
    "e2e 20 s 1 files\n",
    " lab.test.ts 20 s\n",
  ]);
});
