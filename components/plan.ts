import type { BaseConfig } from "../config/schema";
import type { Contribution, Facts } from "./feature";
import { features } from "./features";
import type { Plan } from "./home";
import type { RegistryConfig } from "./registry/config";

/** The features that a stack has, in the order in which they are built. */
export const chosen = ({ features: names }: Pick<BaseConfig, "features">) =>
  features.filter(({ name }) => names.includes(name));

/** What the plan is made from: the config. */
type Sources = Omit<Facts, "edges"> & Pick<BaseConfig, "toolingVm" | "hosts"> & { readonly registry: RegistryConfig };

/** What the stack will have, by its config alone. */
export function planOf(config: Sources): Plan {
  const own = config.toolingVm.name;
  const hosts = Object.fromEntries(chosen(config).map((feature) => [feature.name, feature.host?.(config) ?? own]));
  const edges = config.hosts.filter(({ name }) => Object.values(hosts).includes(name)).map(({ address }) => address);
  const contributions = contributionsOf({ ...config, edges });
  const served = [own, ...config.hosts.map(({ name }) => name)].map((host): [string, string[]] => {
    const theirs = contributions
      .filter(({ feature }) => hosts[feature] === host)
      .flatMap(({ services = [] }) => services);
    return [host, [...(host === own ? config.services : []), ...theirs].map(({ name }) => name)];
  });
  return {
    services: [...config.services, ...contributions.flatMap(({ services = [] }) => services)],
    logins: contributions.flatMap(({ logins = [] }) => logins),
    forwardAuth: contributions.map(({ forwardAuth }) => forwardAuth).find((each) => each !== undefined),
    hosts,
    served: Object.fromEntries(served.filter(([, names]) => names.length > 0)),
  };
}

/** What each feature of a stack adds to its plan. Another order of building is no change of it: it goes by names. */
export function contributionsOf(facts: Facts): readonly (Contribution & { readonly feature: string })[] {
  return chosen(facts)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((feature) => ({ feature: feature.name, ...feature.contributes(facts) }));
}
