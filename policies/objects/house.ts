import { z } from "zod";

import { cacheSources, type CacheSource } from "../../config/registry-words";
import { hostName, type Service } from "../../config/services";
import { ssoSchema } from "../../config/sso-schema";
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
  /** `homelab:sso`. */
  readonly sso: z.output<typeof ssoSchema>;
  readonly registry: z.output<typeof registry>;
  /** The catalogue, the stack's own services included. */
  readonly services: readonly Service[];
  /** Where users find Authentik. */
  readonly url: string;
  /** Where Harbor is administered. */
  readonly registryUrl: string;
  /** Static addresses of the stack's machines. */
  readonly machines: readonly string[];
}

/** The stack's config; nothing where a component that tells of it is missing, or there are two. */
export function houseOf({ resources }: Stack): House | undefined {
  const given = (type: string, property: string): Value => {
    const [component, ...others] = resources.filter((each) => each.type === type);
    return others.length > 0 ? undefined : at(component?.inputs, property);
  };
  const sso = ssoSchema.safeParse(given(types.ssoAccess, "sso") ?? null);
  const contents = registry.safeParse(given(types.registryContents, "registry"));
  const domain = given(types.inventory, "domain");
  if (!sso.success || !contents.success || typeof domain !== "string") return undefined;
  return {
    sso: sso.data,
    registry: contents.data,
    services: items(given(types.edge, "services")) as unknown as readonly Service[],
    url: `https://${hostName("auth", domain)}`,
    registryUrl: `https://${hostName("registry", domain)}`,
    machines: resources.filter(isGuest).flatMap((guest: Resource) => staticAddresses(guest).map(hostOf)),
  };
}
