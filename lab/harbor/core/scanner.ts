import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { ask } from "../../kit/http";
import { inBackground } from "../../kit/program";
import type { Row } from "../../kit/rows";
import type { HarborObjects } from "../objects";
import { artifact, reportType } from "../objects/artifacts";
import { badRequest, created, now, ok, type Route } from "../rows";
import { scannerName } from "./distribution";
import type { Settings } from "./settings";
import type { Tokens } from "./tokens";

const severities = ["None", "Unknown", "Negligible", "Low", "Medium", "High", "Critical"];
const image = /image\.manifest|distribution\.manifest\.v2/;

/** Has images scanned by the adapter, and keeps what it found. */
export class Scanner {
  /** One after the other, as the adapter does it. */
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: Settings,
    private readonly tokens: Tokens,
    private readonly save: () => Promise<void>,
  ) {}

  readonly routes = (objects: HarborObjects): Route[] => [
    [
      /^POST \/projects\/([^/]+)\/repositories\/([^/]+)\/artifacts\/([^/]+)\/scan$/,
      (request, parts) => {
        const row = artifact(objects, request, parts);
        if (!image.test(row.manifest_media_type))
          throw badRequest("the configured scanner does not support this artifact");
        void this.scan(row);
        return { status: 202 };
      },
    ],
    [
      /^POST \/system\/scanAll\/schedule$/,
      ({ body }) => {
        if (body.schedule?.type !== "Manual") throw badRequest("only a manual scan starts here");
        inBackground(this.scanAll(objects));
        return created("/system/scanAll/schedule");
      },
    ],
    [
      /^GET \/scans\/all\/metrics$/,
      () => ok({ total: 0, completed: 0, metrics: {}, ongoing: false, ...objects.scanAll }),
    ],
  ];

  /** Scans an image when its turn comes; resolves when it is done. Its state tells how it went. */
  scan(row: Row): Promise<void> {
    const report_id = randomUUID();
    row.scan = { report_id, scan_status: "Pending", start_time: now(), end_time: now(), complete_percent: 0 };
    this.queue = this.queue.then(() => this.run(row)).then(this.save, (error: unknown) => console.error(String(error)));
    return this.queue;
  }

  private async scanAll(objects: HarborObjects): Promise<void> {
    const rows = objects.artifacts.filter((row) => image.test(row.manifest_media_type));
    const metrics: Record<string, number> = {};
    objects.scanAll = { total: rows.length, completed: 0, metrics, ongoing: true, trigger: "Manual" };
    for (const row of rows) {
      await this.scan(row);
      metrics[row.scan.scan_status] = (metrics[row.scan.scan_status] ?? 0) + 1;
      objects.scanAll.completed++;
    }
    objects.scanAll.ongoing = false;
    await this.save();
  }

  private async run(row: Row): Promise<void> {
    const started = Date.now();
    row.scan.scan_status = "Running";
    try {
      row.report = await this.reportOf(row);
      Object.assign(row.scan, summary(row.report), { scan_status: "Success", scanner: row.report.scanner });
    } catch (error) {
      console.error(`Scan of ${row.repository_name}@${row.digest}: ${String(error)}`);
      row.scan.scan_status = "Error";
    }
    const duration = Math.round((Date.now() - started) / 1000);
    Object.assign(row.scan, { end_time: now(), duration, complete_percent: 100 });
  }

  private async reportOf({ repository_name, digest, manifest_media_type }: Row): Promise<Row> {
    const { scannerUrl, coreUrl } = this.settings;
    const access = [{ type: "repository", name: repository_name, actions: ["pull"] }];
    const { token } = this.tokens.issue(scannerName, access, 30) as { token: string };
    const job = {
      registry: { url: coreUrl, authorization: `Bearer ${token}` },
      artifact: { repository: repository_name, digest, mime_type: manifest_media_type },
    };
    const headers = { "content-type": "application/vnd.scanner.adapter.scan.request+json; version=1.0" };
    const accepted = await ask(`${scannerUrl}/api/v1/scan`, { method: "POST", headers, body: JSON.stringify(job) });
    const { id } = (await accepted.json()) as { id: string };
    for (let attempt = 0; attempt < 600; attempt++) {
      const options = { headers: { accept: reportType }, redirect: "manual" as const };
      const answer = await fetch(`${scannerUrl}/api/v1/scan/${id}/report`, options);
      if (answer.status === 200) return (await answer.json()) as Row;
      if (answer.status !== 302) throw new Error(`the scanner answers ${answer.status}: ${await answer.text()}`);
      await sleep(200);
    }
    throw new Error("the scanner does not finish");
  }
}

function summary(report: Row): Row {
  const findings = report.vulnerabilities as { severity: string; fix_version?: string }[];
  const counts: Record<string, number> = {};
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  const worst = Math.max(0, ...findings.map(({ severity }) => severities.indexOf(severity)));
  const fixable = findings.filter(({ fix_version }) => fix_version).length;
  return { severity: severities[worst], summary: { total: findings.length, fixable, summary: counts } };
}
