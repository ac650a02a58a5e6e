import { randomUUID } from "node:crypto";

import { ask, listen, readBody, send } from "../../kit/http";
import { findingsLabel, parseFindings, type Finding } from "./findings";

interface Job {
  registry: { url: string; authorization: string };
  artifact: { repository: string; digest: string; mime_type: string };
}

const scanner = { name: "Trivy", vendor: "Aqua Security", version: "lab" };
const reportType = "application/vnd.security.vulnerability.report; version=1.1";
const manifests = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
] as const;

/** What stands in for the Trivy adapter. It finds what the image's own label lists, and nothing else. */
export class ScannerAdapter {
  /** Reports, `undefined` while a scan runs. */
  private readonly reports = new Map<string, object | undefined>();

  listen(port: number): ReturnType<typeof listen> {
    return listen(port, async (request, response) => {
      const { method, url = "" } = request;
      if (/^\/probe\/(healthy|ready)$/.test(url)) return send(response, 200);
      if (url === "/api/v1/metadata") return send(response, 200, metadata);
      if (method === "POST" && url === "/api/v1/scan") {
        const job = JSON.parse((await readBody(request)).toString()) as Job;
        return send(response, 202, { id: this.start(job) });
      }
      const [, id = ""] = /^\/api\/v1\/scan\/([\w-]+)\/report$/.exec(url) ?? [];
      if (!this.reports.has(id)) return send(response, 404, { error: { message: "cannot find the scan job" } });
      const report = this.reports.get(id);
      if (report instanceof Error) return send(response, 500, { error: { message: report.message } });
      if (report) return send(response, 200, report, { "content-type": reportType });
      send(response, 302, undefined, { location: url, "refresh-after": "1" });
    });
  }

  private start(job: Job): string {
    const id = randomUUID();
    this.reports.set(id, undefined);
    findingsOf(job).then(
      (found) => this.reports.set(id, reportOf(job, found)),
      (error: unknown) => this.reports.set(id, new Error(String(error))),
    );
    const [oldest] = this.reports.keys();
    if (this.reports.size > 1000 && oldest !== undefined) this.reports.delete(oldest);
    return id;
  }
}

async function findingsOf({ registry, artifact: { repository, digest } }: Job): Promise<Finding[]> {
  const headers = { authorization: registry.authorization, accept: manifests.join(", ") };
  const get = async (path: string): Promise<unknown> =>
    (await ask(`${registry.url}/v2/${repository}/${path}`, { headers }, 30)).json();
  const manifest = (await get(`manifests/${digest}`)) as { config: { digest: string } };
  const config = (await get(`blobs/${manifest.config.digest}`)) as { config?: { Labels?: Record<string, string> } };
  return parseFindings(config.config?.Labels?.[findingsLabel]);
}

const reportOf = ({ artifact }: Job, vulnerabilities: Finding[]): object => ({
  generated_at: new Date().toISOString(),
  artifact,
  scanner,
  severity: vulnerabilities.length > 0 ? worst(vulnerabilities) : "None",
  vulnerabilities,
});

const worst = (findings: Finding[]): string =>
  ["Critical", "High", "Medium", "Low", "Negligible"].find((word) =>
    findings.some(({ severity }) => severity === word),
  ) ?? "Unknown";

const metadata = {
  scanner,
  capabilities: [{ type: "vulnerability", consumes_mime_types: manifests, produces_mime_types: [reportType] }],
  properties: {},
};
