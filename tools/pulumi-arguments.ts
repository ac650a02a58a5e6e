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
  /** It shows what Pulumi does inside. */
  debugs: boolean;
  /** It deploys without a preview. */
  skipsPreview: boolean;
  /** `--markdown`, which is this project's own: the result as a comment for a pull request. */
  markdown: boolean;
}

/** Options that have a value and can stand before the command; and those of one letter, wherever they stand. */
const withValue = new Set([
  ...["--cwd", "--stack", "--color", "--verbose", "--profiling", "--memprofilerate"],
  ...["--tracing", "--tracing-header", "--otel-traces"],
  ...["-C", "-c", "-m", "-p", "-s", "-t", "-v"],
]);
const scoping = ["-C", "--cwd", "-s", "--stack"];

/** Reads as much of a command line as {@link PulumiArguments} holds; Pulumi itself judges the rest. */
export function readArguments(line: readonly string[]): PulumiArguments {
  const read: PulumiArguments = {
    args: line.filter((each) => each !== "--markdown"),
    scope: [],
    helps: false,
    refreshes: false,
    debugs: false,
    skipsPreview: false,
    markdown: line.includes("--markdown"),
  };
  for (const { name, value } of words(read.args)) {
    if (scoping.includes(name)) read.scope.push(name, ...(value === undefined ? [] : [value]));
    if (name === "-s" || name === "--stack") read.stack = value;
    const isOn = value !== "false";
    if (name === "-r" || name === "--refresh") read.refreshes = isOn;
    if (name === "-d" || name === "--debug") read.debugs = isOn;
    if (name === "-f" || name === "--skip-preview") read.skipsPreview = isOn;
    if (name === "-h" || name === "--help") read.helps = isOn;
    if (!name.startsWith("-")) read.command ??= name;
  }
  const { command, helps } = read;
  // To Pulumi, what looks like `--help` may be the value of another option: it gets no more than this.
  if (command !== undefined && helps && (updates(command) || previews(command))) read.args = [command, "--help"];
  return read;
}

/** An option, or a word that is none. */
interface Word {
  readonly name: string;
  value?: string;
}

/** The words before `--`, each option with its value. */
function words(args: readonly string[]): Word[] {
  const found: Word[] = [];
  for (let index = 0; index < args.length && args[index] !== "--"; index += 1) {
    found.push(...wordsIn(args[index] ?? ""));
    const last = found.at(-1);
    if (last && last.value === undefined && withValue.has(last.name)) last.value = args[(index += 1)];
  }
  return found;
}

/** As Pulumi reads them, `-yf` is two options, and `-slab` is one with its value. */
function wordsIn(arg: string): Word[] {
  if (!arg.startsWith("-")) return [{ name: arg }];
  const [, name = "", value] = /^(--[^=]+|-[^-])(?:=([^]*))?/.exec(arg) ?? [];
  if (value !== undefined || name === arg) return [{ name, value }];
  const rest = arg.slice(name.length);
  return withValue.has(name) ? [{ name, value: rest }] : [{ name }, ...wordsIn(`-${rest}`)];
}

/** Commands that deploy. */
export const updates = (command: string | undefined): boolean => ["up", "update", "watch"].includes(command ?? "");

/** Commands that show what a deployment would do. */
export const previews = (command: string | undefined): boolean => command === "preview" || command === "pre";
