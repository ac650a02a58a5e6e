import { z } from "zod";

import { cronProblem } from "../../config/cron";
import { parseDays } from "../../config/duration";
import { block, choice, list, missing, pattern, requiredBlock, whole, word } from "../../config/fields";
import { harborName, harborNameRule } from "../../providers/harbor/names";
import { cacheSources, type CacheSource } from "./cache-sources";
import { gib, parseSize, type Size } from "../../config/size";

const defaults = {
  disk: gib(50),
  project: "homelab",
  quota: gib(40),
  keepTags: 10,
  /** One after the other: what is not kept is unlinked, unlinked space is freed, what is left is scanned. */
  schedule: { retention: "0 0 2 * * *", garbageCollection: "0 0 3 * * 0", scan: "0 0 4 * * *" },
  robotLifetime: "365 days",
  cacheQuota: gib(5),
};

/** At least a mebibyte. */
const space = (example: string) =>
  word("an amount of space", example, (text): Size | undefined => {
    const size = parseSize(text);
    return size !== undefined && size >= 2 ** 20 ? size : undefined;
  });

const cron = (example: string) =>
  z.string({ error: missing(example) }).superRefine((text, context) => {
    const problem = cronProblem(text);
    if (problem !== undefined) context.addIssue(problem);
  });

const name = (example: string) => pattern(`a name of Harbor's (${harborNameRule})`, example, harborName);

const sources = Object.keys(cacheSources) as [CacheSource, ...CacheSource[]];

/** `homelab:registry`: what Harbor may take, keep and fetch. */
export const registrySchema = requiredBlock({
  /** What images may take of the VM's disk, all projects together. */
  disk: space("50 GiB").default(defaults.disk),
  /** The private project: images are `registry.<domain>/<project>/<name>:<tag>`. */
  project: name("homelab").default(defaults.project),
  quota: space("40 GiB").default(defaults.quota),
  /** How many of a repository's images stay: the ones pushed last. */
  keepTags: whole(1, 1000, 10).default(defaults.keepTags),
  /** Six fields, second first and 0, in UTC. */
  schedule: requiredBlock({
    retention: cron("0 0 2 * * *").default(defaults.schedule.retention),
    garbageCollection: cron("0 0 3 * * 0").default(defaults.schedule.garbageCollection),
    scan: cron("0 0 4 * * *").default(defaults.schedule.scan),
  }),
  robotLifetime: word('a number of days, or "never"', "365 days", (text) =>
    text === "never" ? text : parseDays(text),
  ).default(defaults.robotLifetime),
  /** Public registries to fetch from through Harbor: `registry.<domain>/<name>/<repository>:<tag>`. */
  caches: list(
    block({
      name: name("docker-hub"),
      source: choice(sources, "docker-hub"),
      quota: space("5 GiB").default(defaults.cacheQuota),
    }),
  ).default([]),
});

/** `homelab:registry`, read. */
export type RegistryConfig = z.output<typeof registrySchema>;
