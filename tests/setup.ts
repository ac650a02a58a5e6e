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
