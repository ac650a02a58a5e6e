import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const mime = "application/vnd.security.vulnerability.report; version=1.1";

export interface FakeFinding {
  id: string;
  package: string;
  severity: string;
}

export interface FakeArtifact {
  /** Without the project's name. */
  repository: string;
  digest: string;
  push_time: string;
  /** `IMAGE` unless given. */
  type?: string;
  /** `undefined`: never scanned. */
  scan?: { status: string; report: string; end_time: string };
  findings?: FakeFinding[];
}

interface Fault {
  /** The start of a path with its query, below `/api/v2.0`. */
  match: string;
  times: number;
  as: number | "reset" | "half" | "garbage";
  headers?: Record<string, string>;
}

/**
 * What the exporter reads of Harbor, with the bodies and headers Harbor sends. It does not check rights, sort, or know any
 * other query than the exporter's.
 */
export class FakeHarbor {
  projects: { project_id: number; name: string }[] = [{ project_id: 2, name: "homelab" }];
  /** By project. */
  artifacts: Record<string, FakeArtifact[]> = { homelab: [] };
  collections: Record<string, unknown>[] = [];
  robots: Record<number, { name: string; expires_at: number; disable: boolean }[]> = {};
  quotas: Record<string, unknown>[] = [];
  readonly robot = { name: "robot$findings", secret: "Sec/ret+9$value" };
  /** What the robot itself may do. */
  permissions = [{ kind: "project", namespace: "*", access: rightsOf("artifact:list", "artifact-addition:read") }];
  /** `GET` and the path with its query, as they arrived. */
  readonly requests: string[] = [];
  /** What was asked and answered, where it was not a fault. */
  readonly exchanges: { method: string; url: URL; status: number; answer: unknown }[] = [];
  private readonly faults: Fault[] = [];

  private constructor(private readonly server: Server) {
    server.on("request", (request: IncomingMessage, response: ServerResponse) => this.answer(request, response));
  }

  static async start(): Promise<FakeHarbor> {
    const harbor = new FakeHarbor(createServer());
    await new Promise<void>((resolve) => harbor.server.listen(0, "127.0.0.1", resolve));
    return harbor;
  }

  get access() {
    const { port } = this.server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, robot: this.robot.name, secret: this.robot.secret };
  }

  fail(match: string, as: Fault["as"], { times = Infinity, headers = {} } = {}): void {
    this.faults.push({ match, as, times, headers });
  }

  /** Ends all faults. */
  recover(): void {
    this.faults.length = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const target = (request.url ?? "").replace(/^\/api\/v2\.0/, "");
    this.requests.push(`${request.method} ${target}`);
    const fault = this.faults.find(({ match, times }) => times > 0 && target.startsWith(match));
    if (fault) fault.times--;
    if (fault?.as === "reset") return void request.socket.destroy();
    if (fault?.as === "garbage") return void response.end("<html>Bad gateway</html>");
    if (typeof fault?.as === "number") return refuse(response, fault.as, "UNKNOWN", "injected", fault.headers);
    const login = `Basic ${Buffer.from(`${this.robot.name}:${this.robot.secret}`).toString("base64")}`;
    const url = new URL(target, "http://harbor");
    const isKnown = request.headers.authorization === login;
    // A wrong login is as none, and nobody is shown the public projects, of which there are none.
    if (!isKnown && url.pathname !== "/projects") return refuse(response, 401, "UNAUTHORIZED", "unauthorized");
    const result = isKnown ? this.find(url) : { body: [], total: 0 };
    if (!result) return refuse(response, 404, "NOT_FOUND", `${url.pathname} not found`);
    const asked = new URL(request.url ?? "", "http://harbor");
    this.exchanges.push({ method: "GET", url: asked, status: 200, answer: result.body });
    const text = JSON.stringify(result.body);
    const headers: Record<string, string | number> = { "content-type": "application/json" };
    if (result.total !== undefined) headers["x-total-count"] = result.total;
    response.writeHead(200, headers);
    if (fault?.as === "half") {
      response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
    } else {
      response.end(text);
    }
  }

  private find(url: URL): { body: unknown; total?: number } | undefined {
    const list = (rows: readonly unknown[], row: (row: never) => unknown = (same) => same) => {
      const [page, size] = ["page", "page_size"].map((name) => Number(url.searchParams.get(name)));
      const start = ((page ?? 1) - 1) * (size ?? 10);
      return { body: rows.slice(start, start + (size ?? 10)).map((each) => row(each as never)), total: rows.length };
    };
    if (url.pathname === "/projects") return list(this.projects);
    if (url.pathname === "/system/gc") return list(this.collections);
    if (url.pathname === "/systeminfo/volumes") return { body: { storage: [{ total: 50e9, free: 20e9 }] } };
    if (url.pathname === "/quotas") return list(this.quotas);
    if (url.pathname === "/robots") {
      const id = Number(/^Level=project,ProjectID=(\d+)$/.exec(url.searchParams.get("q") ?? "")?.[1] ?? 0);
      const self = { name: this.robot.name, expires_at: -1, disable: false, permissions: this.permissions };
      return list([...(this.robots[id] ?? []), ...(id === 0 ? [self] : [])]);
    }
    const [, , project = "", kind, repository = "", , digest] = url.pathname.split("/");
    if (kind === "artifacts") {
      const { project_id: id, name } = this.projects.find(({ project_id }) => String(project_id) === project) ?? {};
      return id && name ? list(this.artifacts[name] ?? [], (row) => artifactRow(name, row)) : undefined;
    }
    // A slash that is encoded once is a slash to Harbor's router.
    const once = decodeURIComponent(repository);
    if (once.includes("/")) return undefined;
    const decoded = decodeURIComponent(once);
    const artifact = this.artifacts[project]?.find((each) => each.repository === decoded && each.digest === digest);
    if (!artifact || !url.pathname.endsWith("/additions/vulnerabilities")) return undefined;
    return { body: { [mime]: reportOf(artifact) } };
  }
}

/** `artifact:list` as Harbor has it. */
export const rightsOf = (...pairs: string[]) =>
  pairs.map((pair) => ({ resource: pair.split(":")[0], action: pair.split(":")[1] }));

function refuse(response: ServerResponse, status: number, code: string, message: string, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}

const scanner = { name: "Trivy", vendor: "Aqua Security", version: "v0.72.0" };

function artifactRow(project: string, { repository, digest, push_time, type, scan, findings = [] }: FakeArtifact) {
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  const summary = { total: findings.length, fixable: 0, summary: { Critical: count("Critical"), High: count("High") } };
  return {
    id: 1,
    type: type ?? "IMAGE",
    media_type: "application/vnd.oci.image.config.v1+json",
    project_id: 2,
    repository_id: 3,
    repository_name: `${project}/${repository}`,
    digest,
    push_time,
    extra_attrs: { architecture: "amd64", config: { Env: ["PATH=/usr/bin", 'SHELL={"[weird\\"}'] } },
    ...(scan && {
      scan_overview: {
        [mime]: {
          report_id: scan.report,
          scan_status: scan.status,
          start_time: scan.end_time,
          end_time: scan.end_time,
          complete_percent: 100,
          scanner,
          ...(scan.status === "Success" && { severity: "High", summary }),
        },
      },
    }),
  };
}

function reportOf({ digest, findings = [] }: FakeArtifact) {
  const vulnerabilities = findings.map((finding) => ({
    ...finding,
    version: "1.2.3-4",
    fix_version: "",
    status: "affected",
    description: `An attacker {with [brackets] and a "quote\\" in} ${finding.package} – ${"may do much harm ".repeat(40)}`,
    links: [`https://avd.aquasec.com/nvd/${finding.id.toLowerCase()}`],
    artifact_digests: [digest],
    preferred_cvss: { score_v3: 9.8, score_v2: null, vector_v3: "CVSS:3.1/AV:N/AC:L", vector_v2: "" },
    cwe_ids: ["CWE-787"],
    vendor_attributes: { CVSS: { nvd: { V3Score: 9.8 } } },
  }));
  return { generated_at: "2026-11-20T04:00:00Z", scanner, severity: "High", vulnerabilities };
}
