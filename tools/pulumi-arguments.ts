/** What the wrapper needs to know of a Pulumi command line. */
export interface PulumiArguments {
  /** `up`, `preview`, ...; absent when there are only options. */
  command?: string;
  /** The options that say which stack of which project, to pass on to other commands. */
  scope: string[];
  /** It deploys, and looks at the real resources only as far as this project's wrapper makes it. */
  updatesWithoutRefresh: boolean;
}

/** Options that take the next argument as their value and can stand before the command. */
const withValue = new Set(["-C", "--cwd", "-s", "--stack", "--color", "-v", "--verbose", "--profiling", "--tracing"]);
const scoping = /^(-C|--cwd|-s|--stack)(=|$)/;
const refreshing = /^(-r|--refresh)(=(?!false)|$)/;

/** Reads as much of `args` as {@link PulumiArguments} holds; Pulumi itself judges the rest. */
export function readArguments(args: readonly string[]): PulumiArguments {
  const scope: string[] = [];
  let command: string | undefined;
  let refreshes = false;
  let helps = false;
  for (let index = 0; index < args.length; index += 1) {
    const option = args[index] ?? "";
    if (option === "--") break;
    const value = withValue.has(option) ? args[(index += 1)] : undefined;
    if (scoping.test(option)) scope.push(option, ...(value === undefined ? [] : [value]));
    if (refreshing.test(option)) refreshes = true;
    if (option === "-h" || option === "--help") helps = true;
    if (!option.startsWith("-")) command ??= option;
  }
  const updates = command === "up" || command === "update";
  return { command, scope, updatesWithoutRefresh: updates && !refreshes && !helps };
}
