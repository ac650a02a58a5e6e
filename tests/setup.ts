// A busy computer is no failure: what hangs is found all the same.
jest.setTimeout(30_000);

/**
 * Pulumi reads a stack trace with each promise and each resource. Jest makes it of a hundred calls and looks each up in the
 * source maps, which was half of these tests' time; what Pulumi reads is now as long as Node's own, and not looked up.
 */
const lookedUp = Error.prepareStackTrace;
Error.stackTraceLimit = 10;
Error.prepareStackTrace = (error, calls) =>
  calls[0]?.getFileName()?.includes("/node_modules/@pulumi/pulumi/")
    ? [String(error), ...calls.map(String)].join("\n    at ")
    : (lookedUp(error, calls) as unknown);

/**
 * Pulumi loads both to serialize functions of dynamic providers, of which ours have none: three quarters of the time that it
 * takes to load, in each file of tests. What asks for them all the same gets them.
 */
for (const name of ["typescript", "@npmcli/arborist"]) {
  const file = require.resolve(name, { paths: [require.resolve("@pulumi/pulumi")] });
  const load = (): object => jest.requireActual(file);
  const get = (_: object, key: string | symbol): unknown =>
    key === "__esModule" || (key === "default" ? load() : Reflect.get(load(), key));
  jest.doMock(file, () => new Proxy({}, { get }));
}
