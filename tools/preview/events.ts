import { changedProperties, driftedProperties, forcingProperties, type PropertyChange, type Step } from "./properties";
import { clean } from "./text";

/** What becomes of a resource. */
export type ChangeKind = "create" | "update" | "replace" | "delete" | "import";

/** A resource as people call it: `docker:Container`, `edge-traefik`. */
export interface ResourceName {
  readonly type: string;
  readonly name: string;
}

/** A resource that changes. */
export interface Change extends ResourceName {
  readonly kind: ChangeKind;
  /** What an update changes, or what forces a replacement. */
  readonly properties: readonly PropertyChange[];
}

/** A policy that isn't met. */
export interface Violation {
  readonly policy: string;
  readonly level: "mandatory" | "advisory";
  /** Absent where it is the stack that violates the policy. */
  readonly resource?: ResourceName;
  readonly message: string;
}

/** An error or a warning. */
export interface Diagnostic {
  readonly resource?: ResourceName;
  readonly message: string;
}

/** What a preview told, without any text that its resources consist of. */
export interface PreviewResult {
  /** By name, each resource once. */
  readonly changes: readonly Change[];
  readonly unchanged: number;
  /** The policies that judged the whole stack; none where the preview broke off before they could. */
  readonly policies: readonly string[];
  /** Mandatory ones first. */
  readonly violations: readonly Violation[];
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
  /** It was a refresh: its changes are what somebody else did to the resources. */
  readonly drift: boolean;
  /** The engine came to its end, with or without success. */
  readonly finished: boolean;
  readonly failed: boolean;
}

/** Those events, and those parts of them, that matter here; of each event there is one. */
interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata?: Step };
  readonly resOutputsEvent?: { readonly metadata?: Step };
  readonly policyEvent?: {
    readonly resourceUrn?: string;
    readonly message: string;
    readonly policyName: string;
    readonly enforcementLevel: string;
  };
  readonly policyAnalyzeSummaryEvent?: PolicySummary;
  readonly policyAnalyzeStackSummaryEvent?: PolicySummary;
  readonly diagnosticEvent?: { readonly urn?: string; readonly message: string; readonly severity: string };
  readonly errorEvent?: { readonly error: string };
  readonly summaryEvent?: { readonly result?: string };
}

interface PolicySummary {
  readonly passed?: readonly string[];
  readonly failed?: readonly string[];
}

/** Reads the event log of `pulumi preview` or `pulumi refresh`: an event in JSON a line, the last perhaps unfinished. */
export function readEvents(text: string): PreviewResult {
  const events = text.split("\n").flatMap(parse);
  const violations = readViolations(events);
  const said = (severity: string): Diagnostic[] => readDiagnostics(events, severity);
  const stopped = violations.some(({ level }) => level === "mandatory");
  const summary = events.flatMap(({ summaryEvent }) => summaryEvent ?? []).at(-1);
  const errors = withoutEcho(said("error"), stopped);
  return {
    ...readSteps(events),
    policies: readPolicies(events),
    violations,
    errors,
    warnings: said("warning"),
    finished: summary !== undefined,
    failed: stopped || errors.length > 0 || summary?.result !== "succeeded",
  };
}

function parse(line: string): EngineEvent[] {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === "object" && event !== null ? [event] : [];
  } catch {
    return [];
  }
}

function readSteps(events: readonly EngineEvent[]): Pick<PreviewResult, "changes" | "unchanged" | "drift"> {
  const changes = new Map<string, Change>();
  const same = new Set<string>();
  const begun = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  const drift = begun.length > 0 && begun.every(({ op }) => op === "refresh");
  for (const { resourcePreEvent, resOutputsEvent } of events) {
    const step = (resourcePreEvent ?? resOutputsEvent)?.metadata;
    if (!step || isDefaultProvider(step.urn)) continue;
    if (step.op === "same") same.add(step.urn);
    const change = readStep(step, drift);
    const known = changes.get(step.urn)?.kind;
    const isItsEnd = known === "replace" && change?.kind === "delete";
    if (change && change.kind !== known && !isItsEnd) changes.set(step.urn, change);
  }
  const sorted = [...changes.values()].sort((a, b) => compare(a.name, b.name) || compare(a.type, b.type));
  return { changes: sorted, unchanged: [...same].filter((urn) => !changes.has(urn)).length, drift };
}

/**
 * A replacement has three steps: `replace`, `create-replacement` and, first or last, `delete-replaced`; the latter
 * alone clears away what an interrupted update left behind. Other steps, such as reads, change nothing.
 */
function readStep(step: Step, drift: boolean): Change | undefined {
  const change = (kind: ChangeKind, properties: PropertyChange[] = []) => ({ kind, ...resource(step.urn), properties });
  switch (step.op) {
    case "create":
    case "import":
      return change(step.op);
    case "update":
      return change("update", drift ? driftedProperties(step) : changedProperties(step));
    case "replace":
    case "create-replacement":
    case "import-replacement":
      return change("replace", forcingProperties(step));
    case "delete":
    case "delete-replaced":
      return change("delete");
    default:
      return undefined;
  }
}

/** Providers that Pulumi makes by itself; it doesn't count them either. */
const isDefaultProvider = (urn: string): boolean => /[:$]pulumi:providers:[^:]+::default/.test(urn);

function readPolicies(events: readonly EngineEvent[]): string[] {
  if (!events.some((event) => event.policyAnalyzeStackSummaryEvent)) return [];
  const summaries = events.map((event) => event.policyAnalyzeSummaryEvent ?? event.policyAnalyzeStackSummaryEvent);
  return [...new Set(summaries.flatMap((each) => [...(each?.passed ?? []), ...(each?.failed ?? [])]))].sort();
}

function readViolations(events: readonly EngineEvent[]): Violation[] {
  const violations = events.flatMap(({ policyEvent: event }): Violation[] =>
    event
      ? [
          {
            policy: event.policyName,
            level: event.enforcementLevel === "advisory" ? "advisory" : "mandatory",
            ...about(event.resourceUrn),
            message: clean(event.message),
          },
        ]
      : [],
  );
  const place = ({ level, policy, resource: where, message }: Violation): string =>
    [level === "mandatory" ? 0 : 1, policy, where?.name, where?.type, message].join("\n");
  return distinct(violations).sort((a, b) => compare(place(a), place(b)));
}

function readDiagnostics(events: readonly EngineEvent[], severity: string): Diagnostic[] {
  const diagnostics = events.flatMap(({ diagnosticEvent, errorEvent }): Diagnostic[] => {
    if (errorEvent && severity === "error") return [{ message: clean(errorEvent.error) }];
    if (diagnosticEvent?.severity !== severity) return [];
    return [{ ...about(diagnosticEvent.urn), message: clean(diagnosticEvent.message) }];
  });
  return distinct(diagnostics);
}

/** Leaves out "preview failed", which the engine adds to each failure, where something else tells why. */
function withoutEcho(errors: Diagnostic[], stopped: boolean): Diagnostic[] {
  const telling = errors.filter(({ message }) => !/^(preview|update|refresh) failed$/.test(message));
  return stopped || telling.length > 0 ? telling : errors;
}

function about(urn: string | undefined): { resource?: ResourceName } {
  return urn && !urn.includes("::pulumi:pulumi:Stack::") ? { resource: resource(urn) } : {};
}

/** `urn:pulumi:<stack>::<project>::<parent's type>$<type>::<name>`; a name may have colons too. */
function resource(urn: string): ResourceName {
  const [, , types = "", ...name] = urn.split("::");
  const [, provider, module, type] = /^([^:]*):([^:/]*)[^:]*:(.*)$/.exec(types.split("$").at(-1) ?? "") ?? [];
  if (provider === undefined) return { type: types, name: name.join("::") };
  return { type: [provider, ...(module === "index" ? [] : [module]), type].join(":"), name: name.join("::") };
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** By code unit, so that the order is the same in every language. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
