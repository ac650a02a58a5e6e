// Keeps one comment or one issue up to date with the Markdown of a file:
//   keep-one.mjs comment <pull request> <name> <file>
//   keep-one.mjs issue <name> <title> <file>
//   keep-one.mjs close <name>
import { existsSync, readFileSync } from "node:fs";
import { closeIssue, keepComment, keepIssue, marker, runUrl } from "./github.mjs";

const [command, ...args] = process.argv.slice(2);

if (command === "comment") {
  const [pullRequest, name, file] = args;
  await keepComment(pullRequest, name, bodyFrom(file, name));
} else if (command === "issue") {
  const [name, title, file] = args;
  await keepIssue(name, title, bodyFrom(file, name));
} else if (command === "close") {
  await closeIssue(args[0]);
} else {
  throw new Error(`keep-one.mjs does not know ${command}: comment, issue or close`);
}

/** The file's text. A run that failed before it wrote one says so, in place of an earlier run's result. */
function bodyFrom(file, name) {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (text.startsWith(marker(name))) return text;
  return `${marker(name)}\nThis run failed before it had a result: ${runUrl}\n`;
}
