import type { BaseConfig } from "../config/schema";
import type { Facts } from "./feature";
import { features } from "./features";
import type { Plan } from "./home";

/** The features that a stack has, in the order in which they are built. */
export const chosen = ({ features: names }: Pick<BaseConfig, "features">) =>
  features.filter(({ name }) => names.includes(name));

/** What the stack will have, by its config alone. Another order of building is no change of it: it goes by names. */
export function planOf(facts: Facts): Plan {
  const byName = chosen(facts).sort((one, other) => (one.name < other.name ? -1 : 1));
  const contributions = byName.map((feature) => feature.contributes(facts));
  return {
    services: [...facts.services, ...contributions.flatMap(({ services = [] }) => services)],
    logins: contributions.flatMap(({ logins = [] }) => logins),
    forwardAuth: contributions.map(({ forwardAuth }) => forwardAuth).find((each) => each !== undefined),
  };
}
