/** What the wrapper needs to know of a Pulumi command line. */
export interface PulumiArguments {
  /** `up`, `preview`, ...; absent when there are only options. */
  command?: string;
  /** The arguments without this project's own. */
  args: string[];
  /** The options that say which stack of which project, to pass on to other commands. */
  scope: string[];
  /** The stack among them. */
  stack?: string;
  /** It asks for a command's help. */
  helps: boolean;
  /** It compares the state with the real resources first. */
  refreshes: boolean;
  /** It deploys without a preview. */
  skipsPreview: boolean;
  /** `--markdown`, which is this project's own: the result as a comment for a pull request. */
  markdown: boolean;
}

/** Options that take the next argument as their value and can stand before the command. */
const withValue = new Set(["-C", "--cwd", "-s", "--stack", "--color", "-v", "--verbose", "--profiling", "--tracing"]);
const scoping = /^(-C|--cwd|-s|--stack)(=|$)/;
const stackOption = /^(?:-s|--stack)(?:=(.*))?$/;
const refreshing = /^(-r|--refresh)(=(?!false)|$)/;
const skipping = /^(-f|--skip-preview)(=(?!false)|$)/;

/** Reads as much of a command line as {@link PulumiArguments} holds; Pulumi itself judges the rest. */
export function readArguments(line: readonly string[]): PulumiArguments {
  const read: PulumiArguments = {
    args: line.filter((each) => each !== "--markdown"),
    scope: [],
    helps: false,
    refreshes: false,
    skipsPreview: false,
    markdown: line.includes("--markdown"),
  };
  for (let index = 0; index < read.args.length; index += 1) {
    const option = read.args[index] ?? "";
    if (option === "--") break;
    const value = withValue.has(option) ? read.args[(index += 1)] : undefined;
    if (scoping.test(option)) read.scope.push(option, ...(value === undefined ? [] : [value]));
    const stack = stackOption.exec(option);
    if (stack) read.stack = value ?? stack[1];
    if (refreshing.test(option)) read.refreshes = true;
    if (skipping.test(option)) read.skipsPreview = true;
    if (option === "-h" || option === "--help") read.helps = true;
    if (!option.startsWith("-")) read.command ??= option;
  }
  return read;
}

/** Commands that deploy. */
export const updates = (command: string | undefined): boolean => command === "up" || command === "update";
