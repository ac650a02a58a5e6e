import { ask } from "../../kit/http";
import { inBackground } from "../../kit/program";
import { keep, type Row } from "../../kit/rows";
import type { HarborObjects } from "../objects";
import { deleteArtifact, isPart } from "../objects/artifacts";
import { badRequest, byId, created, notFound, now, ok, page, type Result, type Route } from "../rows";
import type { Blob } from "../tables";
import type { Settings } from "./settings";

/** What jobservice is asked to remove from the storage. */
export interface CollectionJob {
  blobs: string[];
  manifests: { repository: string; digest: string }[];
  registryRedisUrl: string;
}

/** Garbage collection: what no image needs is removed from the storage, by way of jobservice. */
export class Garbage {
  constructor(
    private readonly settings: Settings,
    private readonly save: () => Promise<void>,
  ) {}

  readonly routes = (objects: HarborObjects): Route[] => [
    [/^POST \/system\/gc\/schedule$/, ({ body }) => this.start(objects, body)],
    [/^GET \/system\/gc$/, ({ query }) => page([...objects.collections].reverse().map(shown), query)],
    [/^GET \/system\/gc\/(\d+)$/, (_, [id]) => ok(shown(byId(objects.collections, id)))],
    [/^GET \/system\/gc\/(\d+)\/log$/, (_, [id]) => this.log(byId(objects.collections, id))],
  ];

  private start(objects: HarborObjects, { schedule, parameters = {} }: Row): Result {
    if (schedule?.type !== "Manual") throw badRequest("only a manual run starts here; use PUT for a schedule");
    const id = ++objects.lastId;
    const row = { id, job_status: "Running", creation_time: now(), update_time: now(), parameters: { ...parameters } };
    objects.collections.push(row);
    inBackground(this.run(objects, row).then(this.save));
    return created(`/system/gc/${id}`);
  }

  private async run(objects: HarborObjects, row: Row): Promise<void> {
    try {
      if (objects.configuration.read_only === true) throw new Error("Harbor is in read only mode");
      await this.collect(objects, row);
      row.job_status = "Success";
    } catch (error) {
      console.error(`Garbage collection ${row.id}: ${String(error)}`);
      row.job_status = "Error";
    }
    row.update_time = now();
  }

  private async collect(objects: HarborObjects, row: Row): Promise<void> {
    const { delete_untagged, dry_run } = row.parameters as { delete_untagged?: boolean; dry_run?: boolean };
    if (delete_untagged && !dry_run) for (const image of untagged(objects)) deleteArtifact(objects, image);
    const isOld = ({ time }: Blob): boolean => time <= Date.now() - this.settings.gcWindowHours * 3_600_000;
    const needed = new Set(objects.artifacts.flatMap(({ blobs }) => blobs as string[]));
    const blobs = Object.entries(objects.blobs).filter(([digest, blob]) => !needed.has(digest) && isOld(blob));
    const digests = blobs.map(([digest]) => digest);
    const manifests = objects.trash.filter(({ digest }) => digests.includes(digest));
    const freed_space = blobs.reduce((sum, [, { size }]) => sum + size, 0);
    const counts = { freed_space, purged_blobs: digests.length - manifests.length, purged_manifests: manifests.length };
    row.parameters = { ...row.parameters, ...counts, time_window: this.settings.gcWindowHours };
    if (dry_run) return;
    row.job_id = await this.ask({ blobs: digests, manifests, registryRedisUrl: this.settings.registryRedisUrl });
    for (const digest of digests) delete objects.blobs[digest];
    keep(objects.projectBlobs, ({ digest }) => !digests.includes(digest));
    keep(objects.trash, (entry) => !manifests.some((gone) => gone === entry));
  }

  private async ask(job: CollectionJob): Promise<string> {
    const headers = { "content-type": "application/json", authorization: `Harbor-Secret ${this.settings.coreSecret}` };
    const body = JSON.stringify({ job: { name: "GARBAGE_COLLECTION", parameters: job } });
    const answer = await ask(`${this.settings.jobserviceUrl}/api/v1/jobs`, { method: "POST", headers, body }, 600);
    return ((await answer.json()) as { id: string }).id;
  }

  private async log({ job_id, id }: Row): Promise<Result> {
    if (!job_id) throw notFound(`log of ${id}`);
    const headers = { authorization: `Harbor-Secret ${this.settings.coreSecret}` };
    const answer = await ask(`${this.settings.jobserviceUrl}/api/v1/jobs/${job_id}/log`, { headers });
    return ok(await answer.text());
  }
}

const untagged = (objects: HarborObjects): Row[] =>
  objects.artifacts.filter((row) => row.tags.length === 0 && !isPart(objects, row));

const shown = ({ id, parameters, job_status, creation_time, update_time }: Row): Row => ({
  id,
  job_name: "GARBAGE_COLLECTION",
  job_kind: "MANUAL",
  job_parameters: JSON.stringify(parameters),
  schedule: { type: "Manual", cron: "", next_scheduled_time: "0001-01-01T00:00:00Z" },
  job_status,
  deleted: false,
  creation_time,
  update_time,
});
