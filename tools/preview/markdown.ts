import { formatSize, mib, type Size } from "../../config/size";
import { memoryTable, type PolicyReport } from "../../policies/report";
import type { Change, ChangeKind, Diagnostic, PreviewResult, ResourceName, Violation } from "./events";
import { fit, type Section } from "./parts";
import type { PropertyChange } from "./properties";
import { cell, code, count, fence, oneLine } from "./text";

type Kind = "preview" | "drift";

/** What a comment is made of. */
export interface CommentOptions {
  readonly stack: string;
  /** What was run; each kind has its own marker. A preview where it isn't given. */
  readonly kind?: Kind;
  readonly result: PreviewResult;
  /** What the policies told; absent where they didn't come to it. */
  readonly report?: PolicyReport;
  /** Products of which a refresh has not compared what they have. */
  readonly uncompared?: readonly string[];
  /** The most characters that the comment may have, at least 1,000. GitHub takes 65,536. */
  readonly limit?: number;
}

/** The first line of a stack's comment, invisible, by which the comment can be found and brought up to date. */
export const marker = (stack: string, kind: Kind = "preview"): string =>
  `<!-- homelab-${kind}:${stack.replace(/[^\w.]/g, "-").slice(0, 100)} -->`;

/**
 * A preview as a comment in Markdown: policies, memory, changes, errors. It names properties but shows no texts, since
 * a text may be a secret; what would exceed the limit is left out from the least important end and counted.
 */
export function comment({ stack, kind, result, report, uncompared = [], limit = 60_000 }: CommentOptions): string {
  const missing = uncompared.map((product) => `\n\n**${oneLine(product)} was not compared.**`).join("");
  const top = `${marker(stack, kind)}\n## ${headline(stack, result, report, uncompared.length > 0)}${missing}`;
  return fit(top, [...policyParts(result, report), ...changeParts(result), ...diagnosticParts(result)], limit);
}

/** The words for what becomes of resources, and how soon a comment that is too long goes without: 0 is last. */
const kinds: readonly { kind: ChangeKind; planned: string; drifted: string; rank: number }[] = [
  { kind: "replace", planned: "to replace", drifted: "replaced", rank: 3 },
  { kind: "delete", planned: "to delete", drifted: "gone", rank: 2 },
  { kind: "update", planned: "to update", drifted: "changed", rank: 9 },
  { kind: "import", planned: "to import", drifted: "imported", rank: 10 },
  { kind: "create", planned: "to create", drifted: "created", rank: 11 },
];

function headline(stack: string, result: PreviewResult, report?: PolicyReport, isPartial = false): string {
  const counts = [...kinds].reverse().flatMap(({ kind, planned, drifted }) => {
    const number = result.changes.filter((change) => change.kind === kind).length;
    return number > 0 ? [`${number} ${result.drift ? drifted : planned}`] : [];
  });
  const nothing = isPartial ? "nothing found, and not everything compared" : result.drift ? "no drift" : "no changes";
  const what = counts.join(", ") || nothing;
  const end = verdict(result, report);
  return `${result.drift ? "Drift" : "Preview"} of ${code(stack)}: ${what}${end ? ` — ${end}` : ""}`;
}

function verdict(
  { violations, errors, finished, failed, drift, ...result }: PreviewResult,
  report?: PolicyReport,
): string {
  const stopping = violations.filter(({ level }) => level === "mandatory").length;
  const failures = errors.length > 0 ? [`failed with ${count(errors.length, "error")}`] : [];
  if (stopping > 0) return [`stopped by ${count(stopping, "policy violation")}`, ...failures].join(", ");
  if (!finished) return [...failures, "did not finish"].join(", ");
  if (failed) return failures[0] ?? "failed";
  if (drift) return "";
  if (violations.length > 0) return count(violations.length, "policy warning");
  return ranPolicies(result.policies, report).length > 0 ? "all policies passed" : "no policies ran";
}

function policyParts({ drift, policies, violations }: PreviewResult, report?: PolicyReport): Section[] {
  if (drift) return [];
  const violationPart = (level: Violation["level"], rank: number): Section[] => {
    const entries = violations.filter((violation) => violation.level === level).map(violationEntry);
    return entries.length > 0 ? [{ text: `#### ${count(entries.length, `${level} violation`)}`, entries, rank }] : [];
  };
  const off = switchedOff(report).map((policy) => `- ${code(policy)}`);
  const exemptions = (report?.exemptions ?? []).map(
    ({ policy, resource, reason }) => `- ${code(policy)} for ${code(resource)}: ${code(reason)}`,
  );
  return [
    { text: `### Policies\n\n${passed(ranPolicies(policies, report), violations)}` },
    ...violationPart("mandatory", 0),
    ...violationPart("advisory", 7),
    ...list("#### Exemptions in force", exemptions, 5),
    ...list("#### Switched off", off, 6),
    ...memoryParts(report),
  ];
}

function passed(ran: readonly string[], violations: readonly Violation[]): string {
  if (ran.length === 0) return "No policies ran to their end, so none is known to pass.";
  const failed = new Set(violations.map(({ policy }) => policy));
  const good = ran.filter((policy) => !failed.has(policy)).length;
  return good === ran.length
    ? `${count(good, "policy", "policies")} ran and passed.`
    : `${good} of ${count(ran.length, "policy", "policies")} passed.`;
}

/** Pulumi tells of switched-off policies as of any others. */
function ranPolicies(policies: readonly string[], report?: PolicyReport): string[] {
  const off = switchedOff(report);
  return policies.filter((policy) => !off.includes(policy));
}

function switchedOff(report?: PolicyReport): string[] {
  return Object.entries(report?.levels ?? {}).flatMap(([policy, level]) => (level === "disabled" ? [policy] : []));
}

function violationEntry({ policy, resource, message }: Violation): string {
  return `${code(policy)} — ${resource ? nameOf(resource) : "the stack"}\n\n${fence(message)}`;
}

function memoryParts(report?: PolicyReport): Section[] {
  const rows = (report?.memory ?? []).map((row) => ({ ...row, host: cell(row.host) }));
  if (rows.length === 0) return [{ text: "### Memory\n\nThe memory could not be computed." }];
  return [{ text: "### Memory", entries: [memoryTable(rows)], rank: 4 }];
}

function changeParts({ changes, unchanged, drift, errors, finished }: PreviewResult): Section[] {
  const text = [
    changes.length === 0 ? "No changes. " : "",
    `${count(unchanged, "resource")} unchanged.`,
    errors.length > 0 || !finished ? " There may be more changes than these: it did not come to its end." : "",
  ].join("");
  return [
    { text: `### Changes\n\n${text}` },
    ...kinds.flatMap(({ kind, planned, drifted, rank }) => {
      const entries = changes.filter((change) => change.kind === kind).map(changeEntry);
      return list(`#### ${entries.length} ${drift ? drifted : planned}`, entries, rank);
    }),
  ];
}

function changeEntry({ kind, properties, ...resource }: Change): string {
  const shown = properties.slice(0, 10).map(propertyText);
  const more = properties.length > 10 ? [`${properties.length - 10} more`] : [];
  const what = [...shown, ...more].join(", ");
  const line = `- ${nameOf(resource)}`;
  if (kind === "replace") return `${line}: ${what ? `forced by ${what}` : "for a reason that Pulumi does not name"}`;
  if (kind === "update") return `${line}: ${what || "a value that Pulumi does not show"}`;
  return line;
}

function propertyText({ path, values }: PropertyChange): string {
  return values ? `${code(path)} ${values.map(valueText).join(" → ")}` : code(path);
}

/** Whole MiB can hardly be anything but bytes. */
function valueText(value: number | boolean): string {
  const isSize = typeof value === "number" && value >= mib(1) && value % mib(1) === 0;
  return isSize ? formatSize(value as Size) : String(value);
}

function diagnosticParts({ errors, warnings }: PreviewResult): Section[] {
  const entry = ({ resource, message }: Diagnostic): string =>
    `${resource ? nameOf(resource) : "The stack"}:\n\n${fence(message)}`;
  const parts = [
    { text: "### Errors", entries: errors.map(entry), rank: 1 },
    { text: "### Warnings", entries: warnings.map(entry), rank: 8 },
  ];
  return parts.filter(({ entries }) => entries.length > 0);
}

const nameOf = ({ type, name }: ResourceName): string => `${code(type)} ${code(name)}`;

/** One entry a line, so that it reads as one list. */
function list(text: string, entries: readonly string[], rank: number): Section[] {
  return entries.length > 0 ? [{ text, entries, rank, separator: "\n" }] : [];
}

/** What a terminal shows after a preview: memory, exemptions in force and switched-off policies, or nothing at all. */
export function summary(report: PolicyReport): string {
  const exemptions = report.exemptions.map(
    ({ policy, resource, reason }) => `  ${oneLine(policy)} for ${oneLine(resource)}: ${oneLine(reason)}`,
  );
  const off = switchedOff(report).map(oneLine);
  return [
    ...(report.memory.length > 0
      ? [`Memory:\n${memoryTable(report.memory.map((row) => ({ ...row, host: oneLine(row.host) })))}`]
      : []),
    ...(exemptions.length > 0 ? [`Exemptions in force:\n${exemptions.join("\n")}`] : []),
    ...(off.length > 0 ? [`Switched-off policies: ${off.join(", ")}`] : []),
  ].join("\n\n");
}
