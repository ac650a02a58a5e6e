import { severityOf, type FirstSeen } from "./first-seen";
import { HarborError, type Harbor } from "./harbor";
import type { Log } from "./log";
import * as rows from "./rows";

/** What was read last. A part that could not be read keeps its last values; one never read is absent. */
export interface Readings {
  artifacts?: Readonly<Record<rows.ScanState, number>>;
  /** When the newest artifacts were scanned, in milliseconds. */
  scans?: { readonly newest: number; readonly oldest: number };
  collection?: { readonly status: string; readonly lastSuccess?: number };
  volume?: rows.Volume;
  quotas?: readonly rows.Quota[];
  robots?: readonly rows.Robot[];
}

/** Reads Harbor, round by round. */
export class Collector {
  readonly readings: Readings = {};
  /** Whether Harbor refused the robot's login in the last round. */
  refused = false;
  /** The report that the findings of each repository come from. */
  private reports = new Map<string, string>();

  constructor(
    private readonly harbor: Harbor,
    private readonly firstSeen: FirstSeen,
    private readonly log: Log,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether everything could be read. What fails alone is logged, and the rest is read all the same. */
  async round(signal: AbortSignal): Promise<boolean> {
    const round = new Round(this.log);
    this.firstSeen.beginRound();
    try {
      const projects = await this.harbor.list("/projects", { with_detail: "false" }, rows.project, signal);
      const robots: rows.Robot[] = [];
      await round.part(async () => {
        robots.push(...(await this.harbor.list("/robots", {}, rows.robot, signal)));
        this.requireAll(projects, robots);
      });
      await this.readFindings(projects, round, signal);
      await this.readSystem(projects, robots, round, signal);
    } catch (error) {
      round.failed(error);
    }
    try {
      this.firstSeen.save();
    } catch (error) {
      round.failed(error);
    }
    this.refused = round.refused;
    return round.complete;
  }

  /**
   * Fails unless the list has every project. A login that is refused gets the public ones, as nobody does, and a robot with
   * fewer rights those that it has left: Harbor answers both as if that were all. What a robot may do, its own row says,
   * which nobody without a good login is shown.
   */
  private requireAll(projects: readonly rows.Project[], robots: readonly rows.Robot[]): void {
    const self = robots.find(({ name }) => name === this.harbor.robot);
    if (!self?.readsAll) {
      const rights = "artifact:list and artifact-addition:read in every project";
      throw new HarborError(200, "GET /robots", `${this.harbor.robot} lacks ${rights}, so nothing is forgotten`);
    }
    if (projects.length > 0) return;
    throw new HarborError(200, "GET /projects", "there is no project, which cannot be, so nothing is forgotten");
  }

  private async readFindings(projects: rows.Project[], round: Round, signal: AbortSignal): Promise<void> {
    const newest = new Map<string, rows.Artifact>();
    for (const { id } of projects) await round.part(() => this.addNewest(newest, id, signal));
    const reports = new Map<string, string>();
    for (const artifact of newest.values()) {
      await round.part(async () => {
        if (await this.readReport(artifact, signal)) reports.set(artifact.repository, artifact.scan);
      });
    }
    if (!round.complete) return;
    // Not before: what was only found missing, not forgotten, has to be found missing again.
    this.firstSeen.forgetUnseen();
    this.reports = reports;
    const artifacts = { scanned: 0, unscanned: 0, failed: 0 };
    for (const { state } of newest.values()) if (state) artifacts[state]++;
    this.readings.artifacts = artifacts;
    const times = [...newest.values()].map(({ scanned }) => scanned).filter((time) => time > 0);
    if (times.length > 0) this.readings.scans = { newest: Math.max(...times), oldest: Math.min(...times) };
  }

  /**
   * Adds the newest artifact of each repository. It is what is deployed next, so what is wrong with it needs treatment; older
   * ones leave by retention. Harbor can only pick them itself (`latest_in_repository`) within one media type.
   */
  private async addNewest(newest: Map<string, rows.Artifact>, project: number, signal: AbortSignal): Promise<void> {
    const query = { with_scan_overview: "true", with_tag: "false", sort: "-id" };
    for (const artifact of await this.harbor.list(`/projects/${project}/artifacts`, query, rows.artifact, signal)) {
      const known = newest.get(artifact.repository);
      if (!known || artifact.pushed > known.pushed) newest.set(artifact.repository, artifact);
    }
  }

  /** Whether the artifact's report is known now. Where there is none (yet), the repository's findings stay as they are. */
  private async readReport(artifact: rows.Artifact, signal: AbortSignal): Promise<boolean> {
    const { repository, digest, scan, state, total } = artifact;
    const known = this.reports.get(repository) === scan;
    if (known || state !== "scanned") {
      this.firstSeen.keep(repository);
      return known;
    }
    if (total === 0) return true;
    const slash = repository.indexOf("/");
    const name = encodeURIComponent(encodeURIComponent(repository.slice(slash + 1)));
    const path = `/projects/${repository.slice(0, slash)}/repositories/${name}/artifacts/${digest}/additions/vulnerabilities`;
    const found = await this.harbor.read(path, 4, rows.vulnerability, signal);
    if (found.rows.length === 0) {
      throw new HarborError(200, `GET ${path}`, `no finding is in the report, which should have ${total ?? "some"}`);
    }
    const now = this.now();
    for (const row of found.rows) this.firstSeen.see(repository, row.id, row.package, severityOf(row.severity), now);
    return true;
  }

  private async readSystem(
    projects: readonly rows.Project[],
    robotsOfSystem: readonly rows.Robot[],
    round: Round,
    signal: AbortSignal,
  ): Promise<void> {
    const { harbor, readings } = this;
    // Harbor lists the newest run first and knows no other order by creation. The last 100 weekly runs are two years.
    await round.part(async () => {
      const runs = await harbor.read("/system/gc?page=1&page_size=100", 2, rows.collection, signal);
      readings.collection = lastCollection(runs.rows);
    });
    await round.part(async () => {
      readings.volume = (await harbor.read("/systeminfo/volumes", 3, rows.volume, signal)).rows[0];
    });
    await round.part(async () => {
      readings.quotas = await harbor.list("/quotas", { reference: "project" }, rows.quota, signal);
    });
    await round.part(async () => {
      if (robotsOfSystem.length === 0) return;
      const robots = [...robotsOfSystem];
      for (const { id } of projects) {
        robots.push(...(await harbor.list("/robots", { q: `Level=project,ProjectID=${id}` }, rows.robot, signal)));
      }
      readings.robots = robots.filter(({ disabled }) => !disabled);
    });
  }
}

/** Notices what fails in a round. */
class Round {
  complete = true;
  refused = false;

  constructor(private readonly log: Log) {}

  /** Reads one part. Its failure does not end the round, unless the next part is bound to fail as well. */
  async part(read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof HarborError) || error.status === 0 || error.status === 401) throw error;
      this.failed(error);
    }
  }

  failed(error: unknown): void {
    this.complete = false;
    const refused = error instanceof HarborError && error.status === 401;
    if (refused) this.refused = true;
    const remedy = refused
      ? "; the robot ended, is disabled or has another secret: docs/runbooks/registry-robots.md"
      : "";
    this.log((error instanceof Error ? error.message : String(error)) + remedy);
  }
}

function lastCollection(runs: readonly rows.GarbageCollection[]): Readings["collection"] {
  const last = runs.reduce<rows.GarbageCollection | undefined>(
    (a, b) => (a && a.started >= b.started ? a : b),
    undefined,
  );
  if (!last) return undefined;
  const ends = runs.filter(({ status }) => status === "Success").map(({ ended }) => ended);
  return { status: last.status, lastSuccess: ends.length > 0 ? Math.max(...ends) : undefined };
}
