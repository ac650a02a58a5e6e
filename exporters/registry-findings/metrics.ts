import type { Readings } from "./collect";
import { severities, type FirstSeen, type Severity } from "./first-seen";

/** What the exporter knows of itself. Times in milliseconds. */
export interface Self {
  readonly started: number;
  lastSuccess?: number;
  lastDuration?: number;
  failedRounds: number;
  /** Whether Harbor refused the robot's login in the last round, which does not heal. */
  refused?: boolean;
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [Labels, number | undefined];

const sevenDays = 7 * 24 * 3600 * 1000;
/** Harbor's states of a job. */
const statuses = ["Pending", "Scheduled", "Running", "Success", "Error", "Stopped"];

/** Everything, in Prometheus's text format. What was never read is left out. */
export function metrics(firstSeen: FirstSeen, readings: Readings, self: Self, now: number): string {
  const { artifacts, scans, collection, volume, quotas = [], robots = [] } = readings;
  const findings = summary(firstSeen, now);
  const perSeverity = (value: (of: Summary) => number): Sample[] =>
    severities.map((severity) => [{ severity }, value(findings[severity])]);
  return [
    gauge(
      "registry_findings_open",
      "Findings in the newest artifact of each repository.",
      perSeverity(({ open }) => open),
    ),
    gauge(
      "registry_findings_oldest_age_seconds",
      "How long ago the oldest open finding was first seen; 0 without one.",
      perSeverity(({ oldest }) => oldest / 1000),
    ),
    gauge(
      "registry_findings_untreated_7d",
      "Open findings that were first seen more than 7 days ago.",
      perSeverity(({ untreated }) => untreated),
    ),
    gauge(
      "registry_findings_artifacts",
      "Newest artifacts of the repositories, by the state of their scan.",
      Object.entries(artifacts ?? {}).map(([state, count]) => [{ state }, count]),
    ),
    gauge(
      "registry_scan_last_timestamp_seconds",
      "End of the latest scan of a newest artifact.",
      one(seconds(scans?.newest)),
    ),
    gauge(
      "registry_scan_oldest_timestamp_seconds",
      "End of the scan of the newest artifact that was not scanned for the longest time.",
      one(seconds(scans?.oldest)),
    ),
    gauge(
      "registry_gc_last_success_timestamp_seconds",
      "End of the latest garbage collection that succeeded.",
      one(seconds(collection?.lastSuccess)),
    ),
    gauge(
      "registry_gc_last_status",
      "1 for the status of the latest garbage collection.",
      collection ? statuses.map((status) => [{ status }, status === collection.status ? 1 : 0]) : [],
    ),
    gauge("registry_volume_free_bytes", "Free space of the volume of images.", one(volume?.free)),
    gauge("registry_volume_total_bytes", "Size of the volume of images.", one(volume?.total)),
    gauge(
      "registry_project_quota_used_bytes",
      "What counts against the project's quota.",
      quotas.map(({ project, used }) => [{ project }, used]),
    ),
    gauge(
      "registry_project_quota_limit_bytes",
      "The project's quota; +Inf without one.",
      quotas.map(({ project, limit }) => [{ project }, limit]),
    ),
    gauge(
      "registry_robot_expiry_timestamp_seconds",
      "When the robot's login ends; +Inf for never. Without disabled robots.",
      robots.map(({ name, expires }) => [{ robot: name }, expires]),
    ),
    gauge(
      "registry_findings_last_success_timestamp_seconds",
      "End of the latest round that read everything; 0 before the first.",
      one((self.lastSuccess ?? 0) / 1000),
    ),
    gauge(
      "registry_findings_round_duration_seconds",
      "How long the latest round took.",
      one(seconds(self.lastDuration)),
    ),
    family(
      "counter",
      "registry_findings_rounds_failed_total",
      "Rounds that could not read everything.",
      one(self.failedRounds),
    ),
    gauge("process_start_time_seconds", "When the program was started.", one(self.started / 1000)),
    gauge("process_resident_memory_bytes", "The program's memory.", one(process.memoryUsage.rss())),
  ].join("");
}

interface Summary {
  open: number;
  oldest: number;
  untreated: number;
}

function summary(firstSeen: FirstSeen, now: number): Record<Severity, Summary> {
  const empty = severities.map((severity) => [severity, { open: 0, oldest: 0, untreated: 0 }]);
  const summaries = Object.fromEntries(empty) as Record<Severity, Summary>;
  for (const finding of firstSeen.findings()) {
    const of = summaries[finding.severity];
    const age = now - finding.firstSeen;
    of.open++;
    of.oldest = Math.max(of.oldest, age);
    if (age > sevenDays) of.untreated++;
  }
  return summaries;
}

const one = (value: number | undefined): Sample[] => [[{}, value]];
const seconds = (milliseconds: number | undefined) => (milliseconds === undefined ? undefined : milliseconds / 1000);
const gauge = (name: string, help: string, samples: readonly Sample[]): string => family("gauge", name, help, samples);

/** A metric with its samples; nothing where there is no value. */
function family(type: string, name: string, help: string, samples: readonly Sample[]): string {
  const known = samples.filter(([, value]) => value !== undefined);
  if (known.length === 0) return "";
  const lines = known.map(([labels, value]) => `${name}${labelText(labels)} ${numberText(value ?? 0)}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

const numberText = (value: number): string => (value === Infinity ? "+Inf" : String(value));

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

const escaped = (value: string): string => value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
