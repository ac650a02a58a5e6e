import { z } from "zod";

import { cronProblem } from "../../config/cron";
import { parseDays } from "../../config/duration";
import { block, choice, forms, list, missing, pattern, requiredBlock, whole, word } from "../../config/fields";
import { onHost } from "../../config/schema";
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
  z
    .string({ error: missing(example) })
    .superRefine((text, context) => {
      const problem = cronProblem(text);
      if (problem !== undefined) context.addIssue(problem);
    })
    .register(forms, { expected: "six fields, second first and 0, in UTC", example });

const name = (example: string) => pattern(`a name of Harbor's (${harborNameRule})`, example, harborName);

const sources = Object.keys(cacheSources) as [CacheSource, ...CacheSource[]];

/** `homelab:registry`. */
export const registrySchema = requiredBlock({
  host: onHost("**Images do not move along.**"),
  disk: space("50 GiB")
    .default(defaults.disk)
    .describe("What images may take of the VM's disk, all projects together; 12 GiB of it are for everything else."),
  project: name("homelab")
    .default(defaults.project)
    .describe("The private project: images are `registry.<domain>/<project>/<name>:<tag>`."),
  quota: space("40 GiB")
    .default(defaults.quota)
    .describe("What the project may hold; with the caches' quotas at most 80 % of `registry.disk`."),
  keepTags: whole(1, 1000, 10)
    .default(defaults.keepTags)
    .describe("How many of a repository's images stay: the ones pushed last."),
  schedule: requiredBlock({
    retention: cron("0 0 2 * * *").default(defaults.schedule.retention).describe("When the other images go."),
    garbageCollection: cron("0 0 3 * * 0")
      .default(defaults.schedule.garbageCollection)
      .describe("When the space of what went is freed."),
    scan: cron("0 0 4 * * *").default(defaults.schedule.scan).describe("When all images are scanned again."),
  }),
  robotLifetime: word('a number of days, or "never"', "365 days", (text) => (text === "never" ? text : parseDays(text)))
    .default(defaults.robotLifetime)
    .describe("How long the logins of the robots work."),
  caches: list(
    block({
      name: name("docker-hub").describe("The project that what was fetched is kept in."),
      source: choice(sources, "docker-hub").describe("The public registry."),
      quota: space("5 GiB").default(defaults.cacheQuota).describe("What the project may hold."),
    }),
  )
    .default([])
    .describe("Public registries to fetch from through Harbor: `registry.<domain>/<name>/<repository>:<tag>`."),
}).describe("What Harbor may take, keep and fetch.");

/** `homelab:registry`, read. */
export type RegistryConfig = z.output<typeof registrySchema>;
