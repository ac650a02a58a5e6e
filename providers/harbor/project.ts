import type * as pulumi from "@pulumi/pulumi";

import { ApiError } from "../dynamic/http";
import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import { defined, sortedSet } from "../dynamic/values";
import type { Harbor, ProjectRow } from "./api";
import { inProject } from "./api";
import type { Inputs } from "./connection";
import { registryByName } from "./registry";
import { checkName, checkQuota, quotaBytes, quotaWords } from "./words";

/** From which severity on a vulnerable image cannot be pulled. */
export type Severity = "none" | "low" | "medium" | "high" | "critical";

/** What a project is. What is left out, and has no default here, is not managed. */
export interface ProjectValues {
  /**
   * Lower-case letters and digits, separated by one of `. _ -`. An image is `registry.home.arpa/<name>/<repository>`.
   * **A change makes another, empty project and deletes this one**, which Harbor refuses while it has images: protect it.
   */
  readonly name: string;
  /** Whether anyone may pull without a login. Default `false`. */
  readonly public?: boolean;
  /**
   * How much it may hold: `40 GiB`, or `unlimited`. Layers that images share count once. Fails where quotas are off.
   * Harbor's default: the `storagePerProject` of its settings.
   */
  readonly quota?: string;
  /** Whether an image is scanned when it is pushed. Default `true`. */
  readonly scanOnPush?: boolean;
  /** Whether a list of its parts (SBOM) is made when an image is pushed. Default `false`. */
  readonly sbomOnPush?: boolean;
  /** Images with a finding this severe, **and images not scanned yet**, cannot be pulled; `off` for all can. Default `off`. */
  readonly blockPullsFrom?: Severity | "off";
  /** Whether only images with a Cosign signature can be pulled. Default `false`. */
  readonly requireCosign?: boolean;
  /** Whether only images with a Notation signature can be pulled. Not for a cache. Default `false`. */
  readonly requireNotation?: boolean;
  /** CVEs that do not count, in place of the list of the whole system. Harbor's default: that list. */
  readonly allowedCves?: string[];
  /**
   * The name of the {@link RegistryEndpoint} this is a pull-through cache of. **A change replaces the project.** Harbor's
   * default: none.
   */
  readonly registry?: string;
  /** How fast a cache fetches, in kilobits per second; -1 for no limit. Caches only. Harbor's default: no limit. */
  readonly cacheSpeed?: number;
}

interface ProjectOuts {
  readonly projectId: number;
}

/** Arguments of {@link Project}. */
export type ProjectArgs = Inputs<ProjectValues>;

/**
 * A project: images, who may use them, and how much they may take. Id: its name. A project that exists is taken over.
 *
 * ```ts
 * const media = new Project("media", { connection, name: "media", quota: "40 GiB" }, { protect: true });
 * ```
 */
export class Project extends DynamicResource {
  declare readonly name: pulumi.Output<string>;
  /** Harbor's number of it. */
  declare readonly projectId: pulumi.Output<number>;

  constructor(name: string, args: ProjectArgs, opts?: pulumi.CustomResourceOptions) {
    super(project, name, args, opts);
  }
}

/** Arguments of {@link ProxyCacheProject}. */
export type ProxyCacheProjectArgs = Inputs<ProjectValues> & { readonly registry: pulumi.Input<string> };

/** A project that fetches what it does not have from a {@link RegistryEndpoint}. Nobody can push to it. */
export class ProxyCacheProject extends Project {
  constructor(name: string, args: ProxyCacheProjectArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, { ...args }, opts);
  }
}

export const project: Kind<Harbor, ProjectValues, ProjectOuts> = {
  token: "harbor:Project",
  noun: "project",
  identity: ["name"],
  replace: ["registry"],
  outputs: ["projectId"],
  defaults: {
    public: false,
    scanOnPush: true,
    sbomOnPush: false,
    blockPullsFrom: "off",
    requireCosign: false,
    requireNotation: false,
  },

  normalise: (args) => ({
    ...args,
    ...(args.quota !== undefined && { quota: quotaWords(quotaBytes(args.quota) ?? -1) }),
    ...(args.allowedCves && { allowedCves: sortedSet(args.allowedCves) }),
  }),

  check(args, problems) {
    checkName("name", args.name, problems);
    checkQuota("quota", args.quota, problems);
    problems.oneOf("blockPullsFrom", args.blockPullsFrom, ["off", ...severities]);
    if (args.cacheSpeed !== undefined && !args.registry) {
      problems.add("cacheSpeed", "is for a pull-through cache only; set `registry`, or leave it out");
    }
    if (args.requireNotation === true && args.registry !== undefined) {
      problems.add("requireNotation", "is ignored by Harbor for a pull-through cache; leave it out");
    }
    problems.expect(
      "allowedCves",
      args.allowedCves,
      (cves) => cves.every((cve) => /^[A-Z]+-[\w-]+$/.test(cve)),
      "{value} must be ids such as CVE-2026-1234",
    );
  },

  async create(api, args) {
    const subject = about("create", args.name);
    if (args.quota !== undefined) await needsQuotas(api, args.name);
    const body = {
      project_name: args.name,
      ...settings(args),
      ...(args.quota !== undefined && { storage_limit: quotaBytes(args.quota) }),
      ...(args.registry !== undefined && { registry_id: (await registryByName(api, args.registry, subject)).id }),
    };
    await api.post("/projects", body, subject);
    // Harbor drops them from the request before. Until they are there, fewer images can be pulled, and a refresh says so.
    if (args.allowedCves) await api.put(inProject(args.name, ""), settings(args), subject);
    return { projectId: await api.projectId(args.name, subject) };
  },

  async adopt(api, args) {
    const row = await api.project(args.name, about("read", args.name));
    return row && { projectId: row.project_id };
  },

  async sync(api, args) {
    const subject = about("update", args.name);
    const projectId = await api.projectId(args.name, subject);
    await api.put(inProject(args.name, ""), settings(args), subject);
    if (args.quota !== undefined) {
      const quota = await requiredQuota(api, projectId, args.name);
      const storage = quotaBytes(args.quota);
      if (quota.hard.storage !== storage) await api.put(`/quotas/${quota.id}`, { hard: { storage } }, subject);
    }
    return { projectId };
  },

  async read(api, { name = "" }) {
    const subject = about("read", name);
    const row = await api.project(name, subject);
    if (!row) return undefined;
    const quota = await quotaOf(api, row.project_id, name);
    const registry = row.registry_id
      ? await api.find<{ name: string }>(`/registries/${row.registry_id}`, subject)
      : undefined;
    const args = {
      ...argsOf(row),
      quota: quota && quotaWords(quota.hard.storage),
      registry: registry?.name,
    };
    return { args: defined(args), outs: { projectId: row.project_id } };
  },

  delete: (api, { name }) => api.delete(inProject(name, ""), about("delete", name)),
};

const severities: readonly Severity[] = ["none", "low", "medium", "high", "critical"];

const about = (action: string, name: string) => ({
  action,
  object: "project",
  name,
  remedies: { 412: "Harbor deletes no project that has images: delete its repositories first, or keep the project." },
});

/** What POST and PUT have in common. Harbor keeps metadata as strings. */
function settings(args: ProjectValues): object {
  const blocks = args.blockPullsFrom !== undefined && args.blockPullsFrom !== "off";
  return {
    metadata: {
      public: String(args.public),
      auto_scan: String(args.scanOnPush),
      auto_sbom_generation: String(args.sbomOnPush),
      prevent_vul: String(blocks),
      ...(blocks && { severity: args.blockPullsFrom }),
      enable_content_trust: String(args.requireNotation),
      enable_content_trust_cosign: String(args.requireCosign),
      ...(args.allowedCves && { reuse_sys_cve_allowlist: "false" }),
      ...(args.cacheSpeed !== undefined && { proxy_speed_kb: String(args.cacheSpeed) }),
    },
    ...(args.allowedCves && { cve_allowlist: { items: args.allowedCves.map((cve) => ({ cve_id: cve })) } }),
  };
}

function argsOf({ name, metadata = {}, cve_allowlist }: ProjectRow): ProjectValues {
  const isOn = (key: string): boolean => metadata[key] === "true";
  const items = cve_allowlist?.items ?? [];
  return {
    name,
    public: isOn("public"),
    scanOnPush: isOn("auto_scan"),
    sbomOnPush: isOn("auto_sbom_generation"),
    blockPullsFrom: isOn("prevent_vul") ? ((metadata.severity ?? "low") as Severity) : "off",
    requireNotation: isOn("enable_content_trust"),
    requireCosign: isOn("enable_content_trust_cosign"),
    allowedCves: metadata.reuse_sys_cve_allowlist === "false" ? sortedSet(items.map((item) => item.cve_id)) : undefined,
    cacheSpeed: metadata.proxy_speed_kb === undefined ? undefined : Number(metadata.proxy_speed_kb),
  };
}

/** Fails where quotas are off: Harbor makes none for a project then. */
async function needsQuotas(api: Harbor, name: string): Promise<void> {
  const subject = about("create", name);
  const rows = await api.get<{ quota_per_project_enable?: { value?: boolean } }>("/configurations", subject);
  if (rows.quota_per_project_enable?.value !== false) return;
  const remedy = "Set `quotaPerProjectEnable: true` with Configuration before, or leave `quota` out.";
  throw new ApiError("Harbor", 412, { ...subject, remedies: { 412: remedy } }, "quotas are off");
}

/** The quota of a project, which must have one. */
async function requiredQuota(api: Harbor, projectId: number, name: string): Promise<Quota> {
  const quota = await quotaOf(api, projectId, name);
  if (quota) return quota;
  const remedy =
    "It was made while quotas were off: switch them on and run a garbage collection, or leave `quota` out.";
  throw new ApiError(
    "Harbor",
    412,
    { ...about("update", name), remedies: { 412: remedy } },
    "the project has no quota",
  );
}

interface Quota {
  id: number;
  hard: { storage: number };
}

async function quotaOf(api: Harbor, projectId: number, name: string): Promise<Quota | undefined> {
  const query = { reference: "project", reference_id: projectId };
  const subject = { action: "read", object: "quota of project", name };
  const rows = await api.list<Quota>("/quotas", query, subject);
  return rows[0];
}
