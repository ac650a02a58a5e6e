import { z } from "zod";

import type { Plan } from "../components/home";
import { chosen, planOf } from "../components/plan";
import { cacheSources, type CacheSource } from "../components/registry/cache-sources";
import { type RegistryConfig, registrySchema } from "../components/registry/config";
import { type SsoConfig, ssoSchema } from "../components/sso/config";
import type { BaseConfig } from "../config/schema";
import { hostName, type Service } from "../config/services";
import { edgesOf, type PlacedEdge } from "./edges";
import { machinesOf, type Machines } from "./machines";
import { at, valuesAt, type Stack, type Value } from "./resource";
import { types } from "./types";

/** `homelab:registry`, as far as it decides who gets in, what stays, and where. */
const registry = z.object({
  host: z.string().optional(),
  project: z.string(),
  quota: z.number(),
  keepTags: z.number(),
  robotLifetime: z.string(),
  caches: z.array(
    z.object({ name: z.string(), quota: z.number(), source: z.enum(Object.keys(cacheSources) as CacheSource[]) }),
  ),
});

/** What the stack's config asks for, as its components were given it. */
export interface House {
  /** The names of the features that the stack has. */
  readonly features: readonly string[];
  /** `homelab:sso`; its defaults where there is no single sign-on. */
  readonly sso: SsoConfig;
  /** `homelab:registry`; its defaults where there is no registry. */
  readonly registry: z.output<typeof registry>;
  /** The catalogue as the edges have it, the stack's own services included. */
  readonly services: readonly Service[];
  /** What follows from all that: which entries there have to be, where, and where each feature runs. */
  readonly plan: Plan;
  /** Where users find Authentik. */
  readonly url: string;
  /** Where Harbor is administered. */
  readonly registryUrl: string;
  readonly machines: Machines;
  readonly edges: readonly PlacedEdge[];
}

/** What has to be there for {@link houseOf}, for a message. */
export const untold = "make it with the inventory, the edge, SsoAccess and RegistryContents, as index.ts does";

/** The stack's config; nothing where a component that tells of it is missing, or there are two. */
export function houseOf(stack: Stack): House | undefined {
  const has = (...wanted: string[]): boolean => stack.resources.some(({ type }) => wanted.includes(type));
  const given = (type: string, property: string): Value => {
    const [component, ...others] = stack.resources.filter((each) => each.type === type);
    return others.length > 0 ? undefined : at(component?.inputs, property);
  };
  const hasSso = has(types.sso, types.ssoAccess);
  const hasRegistry = has(types.registry, types.registryContents);
  const sso = ssoSchema.safeParse(hasSso ? (given(types.ssoAccess, "sso") ?? null) : {});
  const contents = registry.safeParse(
    hasRegistry ? given(types.registryContents, "registry") : registrySchema.parse({}),
  );
  const domain = given(types.inventory, "domain");
  if (!sso.success || !contents.success || typeof domain !== "string") return undefined;
  const machines = machinesOf(stack);
  const edges = edgesOf(stack, machines);
  const services = known<Service>(edges.flatMap((edge) => edge.services));
  const there = { pki: has(types.pki), edge: edges.length > 0, sso: hasSso, registry: hasRegistry };
  const features = Object.entries(there).flatMap(([name, isThere]) => (isThere ? [name] : []));
  const own = chosen({ features }).flatMap(({ names }): readonly string[] => names);
  const [vm] = known<Vm>([given(types.toolingVm, "vm")]);
  const config = {
    domain,
    features,
    services: services.filter(({ name }) => !own.includes(name)),
    hosts: known<BaseConfig["hosts"][number]>(valuesAt({ hosts: given(types.inventory, "hosts") }, "hosts[]")),
    vm: vm && ({ toolingVm: vm } as BaseConfig["vm"]),
    sso: sso.data,
    registry: contents.data as RegistryConfig,
    pki: given(types.pki, "pki"),
  };
  return {
    features,
    sso: sso.data,
    registry: contents.data,
    services,
    plan: planOf(config),
    url: `https://${hostName("auth", domain)}`,
    registryUrl: `https://${hostName("registry", domain)}`,
    machines,
    edges,
  };
}

/** The VM of the config that the component was given. */
type Vm = NonNullable<BaseConfig["vm"]>["toolingVm"];

/** Parts of the config, of those that are known. */
const known = <Part>(values: readonly Value[]): Part[] =>
  values.filter((each) => typeof each === "object" && each !== null) as unknown as Part[];
