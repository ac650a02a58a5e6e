import { statfs } from "node:fs/promises";

import { ask } from "../../kit/http";
import type { Row } from "../../kit/rows";
import type { Store } from "../../kit/store";
import { redis } from "../common/redis";
import type { HarborObjects } from "../objects";
import { ok, only, type Route } from "../rows";
import type { Settings } from "./settings";

/** The version whose REST API this stands in for. */
export const harborVersion = "v2.15.2";

/** What the whole system tells of itself. */
export const systemRoutes =
  (settings: Settings) =>
  (objects: HarborObjects): Route[] => [
    [/^GET \/systeminfo$/, ({ account }) => ok(account ? info(objects, settings) : openInfo(objects))],
    [/^GET \/systeminfo\/volumes$/, async () => ok({ storage: [await volume(settings.imageStore)] })],
    [/^GET \/statistics$/, () => ok(statistics(objects))],
  ];

/** What is told without a login. */
const openInfo = ({ configuration }: HarborObjects): Row =>
  only(configuration, ["auth_mode", "primary_auth_mode", "self_registration", "banner_message"]);

function info(objects: HarborObjects, { externalUrl }: Settings): Row {
  const { configuration } = objects;
  return {
    ...openInfo(objects),
    ...only(configuration, ["project_creation_restriction", "read_only"]),
    notification_enable: configuration.notification_enable,
    current_time: new Date().toISOString(),
    external_url: externalUrl,
    registry_url: new URL(externalUrl).host,
    harbor_version: harborVersion,
    registry_storage_provider_name: "filesystem",
    has_ca_root: true,
  };
}

async function volume(path: string): Promise<{ total: number; free: number }> {
  const { blocks, bavail, bsize } = await statfs(path);
  return { total: blocks * bsize, free: bavail * bsize };
}

function statistics(objects: HarborObjects): Row {
  const open = objects.projects.filter(({ metadata }) => metadata.public === "true");
  const repositories = (rows: Row[]): number => rows.reduce((sum, { repo_count }) => sum + Number(repo_count), 0);
  const digests = new Set(objects.projectBlobs.map(({ digest }) => digest));
  return {
    total_project_count: objects.projects.length,
    public_project_count: open.length,
    private_project_count: objects.projects.length - open.length,
    total_repo_count: repositories(objects.projects),
    public_repo_count: repositories(open),
    private_repo_count: repositories(objects.projects) - repositories(open),
    total_storage_consumption: [...digests].reduce((sum, digest) => sum + (objects.blobs[digest]?.size ?? 0), 0),
  };
}

/** Asks everything that Harbor consists of whether it answers. */
export async function health(settings: Settings, store: Store): Promise<Row> {
  const authorization = `Basic ${Buffer.from(settings.registryLogin).toString("base64")}`;
  const components: [string, () => Promise<unknown>][] = [
    ["core", async () => undefined],
    ["database", () => store.ping()],
    ["jobservice", () => ask(`${settings.jobserviceUrl}/api/v1/stats`)],
    ["portal", () => ask(`${settings.portalUrl}/`)],
    ["redis", () => redis(settings.redisUrl, ["PING"])],
    ["registry", () => ask(`${settings.registryUrl}/v2/`, { headers: { authorization } })],
    ["registryctl", () => ask(`${settings.registryctlUrl}/api/health`)],
    ["trivy", () => ask(`${settings.scannerUrl}/probe/ready`)],
  ];
  const rows = await Promise.all(
    components.map(async ([name, probe]) => {
      const failed = await probe().then(
        () => undefined,
        (error: unknown) => `failed to check the health of ${name}: ${String(error)}`,
      );
      return { name, status: failed ? "unhealthy" : "healthy", ...(failed && { error: failed }) };
    }),
  );
  return { status: rows.every(({ status }) => status === "healthy") ? "healthy" : "unhealthy", components: rows };
}
