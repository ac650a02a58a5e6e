import { writeFileSync } from "node:fs";

import { roundSize, type Size } from "../config/size";
import { table } from "./table";

/** What the memory of one host is spent on: a Proxmox node with its guests, or a machine with its containers. */
export interface MemoryRow {
  readonly host: string;
  readonly total: Size;
  /** Spent on what is there without this stack: other guests, or Docker itself. */
  readonly before: Size;
  /** Spent on what the stack declares. */
  readonly added: Size;
  /** The most that may be spent. */
  readonly budget: Size;
}

/** A resource that a policy lets pass, and why. */
export interface ReportedExemption {
  readonly policy: string;
  readonly resource: string;
  readonly reason: string;
}

/** What the pack tells besides violations. */
export interface PolicyReport {
  /** Every policy and the level it ran at; added by the caller of Pulumi, who set them. */
  levels: Record<string, "mandatory" | "advisory" | "disabled">;
  /** The exemptions that let something pass. */
  exemptions: ReportedExemption[];
  /** Empty where the memory could not be computed. */
  memory: MemoryRow[];
}

/** The environment variable with the path of the report's file. */
export const reportVariable = "HOMELAB_POLICY_REPORT";

/** Writes the report where the caller of Pulumi asked for it; nowhere if nobody asked. */
export function writeReport(report: Omit<PolicyReport, "levels">, file = process.env[reportVariable]): void {
  if (file) writeFileSync(file, JSON.stringify(report));
}

/** The memory of each host: total, used before, added, after, left of the budget. */
export function memoryTable(rows: readonly MemoryRow[]): string {
  return table(
    ["host", "total", "used before", "added", "after", "left of budget"],
    rows.map(({ host, total, before, added, budget }) => {
      const after = before + added;
      const share = `${roundSize(after as Size)} (${Math.round((after / total) * 100)} %)`;
      return [host, ...[total, before, added].map(roundSize), share, roundSize((budget - after) as Size)];
    }),
  );
}
