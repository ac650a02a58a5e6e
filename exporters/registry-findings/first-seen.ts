import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import type { Log } from "./log";

/** Harbor's severities, the worst first. */
export const severities = ["Critical", "High", "Medium", "Low", "Negligible", "Unknown", "None"] as const;
export type Severity = (typeof severities)[number];

/** A flaw of a package in a repository's newest artifact. */
export interface Finding {
  /** When it was first reported there, in milliseconds. */
  readonly firstSeen: number;
  severity: Severity;
  /** The last round that it was there in. */
  round: number;
}

/**
 * When each finding was first seen, which Harbor does not keep. A finding is a CVE in a package of a repository, whatever the
 * image's digest or the package's version: building an image anew with the same flaw is no treatment of it. A CVE whose
 * severity changes stays the same finding.
 */
export class FirstSeen {
  private readonly repositories = new Map<string, Map<string, Finding>>();
  private round = 0;
  private changed = false;

  private constructor(private readonly file: string) {}

  /** With what `file` holds. A file that makes no sense is put aside and said, never overwritten. */
  static open(file: string, log: Log, now = Date.now()): FirstSeen {
    const firstSeen = new FirstSeen(file);
    const text = contentOf(file);
    if (text === undefined) return firstSeen;
    try {
      firstSeen.load(text);
      return firstSeen;
    } catch (error) {
      const aside = `${file}.corrupt-${new Date(now).toISOString().replace(/[:.]/g, "-")}`;
      renameSync(file, aside);
      log(`${file} cannot be used (${String(error)}). It is now ${aside}; every finding counts as first seen today.`);
      return new FirstSeen(file);
    }
  }

  beginRound(): void {
    this.round++;
  }

  /** A report of this round names it. */
  see(repository: string, cve: string, packageName: string, severity: Severity, now: number): void {
    const findings = this.repositories.get(repository) ?? new Map<string, Finding>();
    this.repositories.set(repository, findings);
    const key = `${cve} ${packageName}`;
    const known = findings.get(key);
    if (known?.severity !== severity) this.changed = true;
    if (!known) findings.set(key, { firstSeen: now, severity, round: this.round });
    else Object.assign(known, { severity, round: this.round });
  }

  /** There is no new report of this repository, so what was known of it holds. */
  keep(repository: string): void {
    for (const finding of this.repositories.get(repository)?.values() ?? []) finding.round = this.round;
  }

  /** Forgets what this round has not seen. Only for a round that has seen every report. */
  forgetUnseen(): void {
    for (const [repository, findings] of this.repositories) {
      for (const [key, finding] of findings) {
        if (finding.round === this.round) continue;
        findings.delete(key);
        this.changed = true;
      }
      if (findings.size === 0) this.repositories.delete(repository);
    }
  }

  *findings(): Generator<Readonly<Finding>> {
    for (const findings of this.repositories.values()) yield* findings.values();
  }

  /** Writes the file where something changed: all of it or nothing. */
  save(): void {
    if (!this.changed) return;
    const unfinished = `${this.file}.new`;
    const descriptor = openSync(unfinished, "w", 0o600);
    try {
      writeFileSync(descriptor, this.text());
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(unfinished, this.file);
    const folder = openSync(dirname(this.file), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    this.changed = false;
  }

  private text(): string {
    const rows = [...this.repositories].map(([repository, findings]): [string, unknown] => [
      repository,
      Object.fromEntries(
        [...findings].map(([key, { firstSeen, severity }]) => [key, [new Date(firstSeen).toISOString(), severity]]),
      ),
    ]);
    return `${JSON.stringify({ version: 1, repositories: Object.fromEntries(rows) })}\n`;
  }

  private load(text: string): void {
    const content = JSON.parse(text) as { version?: unknown; repositories?: unknown } | null;
    if (content?.version !== 1) throw new Error("its version is not 1");
    for (const [repository, findings] of Object.entries(asObject(content.repositories))) {
      const known = new Map<string, Finding>();
      for (const [key, value] of Object.entries(asObject(findings))) {
        const [date, severity] = Array.isArray(value) ? (value as unknown[]) : [];
        const firstSeen = Date.parse(String(date));
        if (Number.isNaN(firstSeen)) throw new Error(`${key} in ${repository} has no date`);
        known.set(key, { firstSeen, severity: severityOf(severity), round: 0 });
      }
      this.repositories.set(repository, known);
    }
  }
}

/** What a scanner calls otherwise is of unknown severity. */
export const severityOf = (name: unknown): Severity => severities.find((severity) => severity === name) ?? "Unknown";

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new Error("an object is missing in it");
  return value as Record<string, unknown>;
}
