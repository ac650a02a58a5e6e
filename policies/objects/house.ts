import { z } from "zod";

import type { Login } from "../../components/home";
import { contributionsOf } from "../../components/plan";
import { cacheSources, type CacheSource } from "../../components/registry/cache-sources";
import { registrySchema } from "../../components/registry/config";
import { type SsoConfig, ssoSchema } from "../../components/sso/config";
import { hostName, type Service } from "../../config/services";
import { hostOf, isGuest, staticAddresses } from "../guests";
import { at, items, type Resource, type Stack, type Value } from "../resource";
import { types } from "../types";

/** `homelab:registry`, as far as it decides who gets in, and what stays. */
const registry = z.object({
  project: z.string(),
  quota: z.number(),
  keepTags: z.number(),
  robotLifetime: z.string(),
  caches: z.array(
    z.object({ name: z.string(), quota: z.number(), source: z.enum(Object.keys(cacheSources) as CacheSource[]) }),
  ),
});

/** Whom the stack's config lets in, as its components were given it. */
export interface House {
  /** Of the features with such components, those that the stack has. */
  readonly features: readonly string[];
  /** `homelab:sso`; its defaults where there is no single sign-on. */
  readonly sso: SsoConfig;
  /** `homelab:registry`; its defaults where there is no registry. */
  readonly registry: z.output<typeof registry>;
  /** The catalogue, the stack's own services included. */
  readonly services: readonly Service[];
  /** The entries that the stack itself sets up with the single sign-on. */
  readonly logins: readonly Login[];
  /** Where users find Authentik. */
  readonly url: string;
  /** Where Harbor is administered. */
  readonly registryUrl: string;
  /** Static addresses of the stack's machines. */
  readonly machines: readonly string[];
}

/** The stack's config; nothing where a component that tells of it is missing, or there are two. */
export function houseOf({ resources }: Stack): House | undefined {
  const has = (...types: string[]): boolean => resources.some(({ type }) => types.includes(type));
  const given = (type: string, property: string): Value => {
    const [component, ...others] = resources.filter((each) => each.type === type);
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
  const services = items(given(types.edge, "services")) as unknown as Service[];
  const features = [...(hasSso ? ["sso"] : []), ...(hasRegistry ? ["registry"] : [])];
  return {
    features,
    sso: sso.data,
    registry: contents.data,
    services,
    logins: contributionsOf({
      domain,
      features,
      services,
      sso: sso.data,
      edges: [],
      hasProxmox: has(...types.guests),
    }).flatMap(({ logins = [] }) => logins),
    url: `https://${hostName("auth", domain)}`,
    registryUrl: `https://${hostName("registry", domain)}`,
    machines: resources.filter(isGuest).flatMap((guest: Resource) => staticAddresses(guest).map(hostOf)),
  };
}
