import type { z } from "zod";

import { edge } from "./edge";
import type { Feature } from "./feature";
import { pki } from "./pki";
import { registry } from "./registry";
import { sso } from "./sso";

/** Every feature, in the order in which they are built: each after those that it needs, or takes an offer of. */
export const features = [pki, edge, sso, registry] as const;

/** One of {@link features}. */
type Known = (typeof features)[number];

/** The name of a feature, as `homelab:features` has it. */
export type FeatureName = Known["name"];

/** The section of a feature, of those that have one. */
type SectionOf<Each> = Each extends Feature<string, never, infer Section> ? Section : never;

/** The features' sections of the config, by name. */
export type Sections = {
  [Each in Known as [SectionOf<Each>] extends [never] ? never : Each["name"]]: SectionOf<Each>;
};

/** {@link Sections}, as a schema has them. */
export const sections = Object.fromEntries(
  features.flatMap(({ name, section }): [string, z.ZodType][] => (section ? [[name, section]] : [])),
) as Sections;
