import { type BaseConfig, ownHost } from "../config/schema";
import type { Service } from "../config/services";
import type { Contribution, Facts } from "./feature";
import { features } from "./features";
import type { Plan } from "./home";
import type { RegistryConfig } from "./registry/config";

/** The features that a stack has, in the order in which they are built. */
export const chosen = ({ features: names }: Pick<BaseConfig, "features">) =>
  features.filter(({ name }) => names.includes(name));

/** What the plan is made from: the config. */
type Sources = Omit<Facts, "edges" | "hasProxmox"> &
  Pick<BaseConfig, "vm" | "hosts"> & { readonly registry: RegistryConfig };

/** What the stack will have, by its config alone. */
export function planOf(config: Sources): Plan {
  const { services } = config;
  const own = ownHost(config);
  const hosts = Object.fromEntries(chosen(config).map((feature) => [feature.name, feature.host?.(config) ?? own]));
  const machines = [...(config.vm ? [config.vm.toolingVm] : []), ...config.hosts];
  // Every feature but the edge serves something.
  const serving = Object.entries(hosts).flatMap(([feature, host]) => (feature === "edge" ? [] : host));
  const names = new Set([...(services.length > 0 ? [own] : []), ...serving]);
  const edges = machines.filter(({ name }) => names.has(name) && name !== hosts.pki).map(({ address }) => address);
  const contributions = contributionsOf({ ...config, edges, hasProxmox: config.vm !== undefined });
  const served = machines.map(({ name: host }): [string, Service[]] => {
    const theirs = contributions.filter(({ feature }) => hosts[feature] === host);
    return [host, [...(host === own ? services : []), ...theirs.flatMap((each) => each.services ?? [])]];
  });
  return {
    services: [...services, ...contributions.flatMap((each) => each.services ?? [])],
    logins: contributions.flatMap(({ logins = [] }) => logins),
    forwardAuth: contributions.map(({ forwardAuth }) => forwardAuth).find((each) => each !== undefined),
    hosts,
    served: Object.fromEntries(served.filter(([, entries]) => entries.length > 0)),
  };
}

/** What each feature of a stack adds to its plan. Another order of building is no change of it: it goes by names. */
export function contributionsOf(facts: Facts): readonly (Contribution & { readonly feature: string })[] {
  return chosen(facts)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((feature) => ({ feature: feature.name, ...feature.contributes(facts) }));
}
