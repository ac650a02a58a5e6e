import { authentik } from "./authentik/kinds";
import type { Lifecycle } from "./dynamic/lifecycle";
import { grafana } from "./grafana/kinds";
import { harbor } from "./harbor/kinds";
import { host } from "./host/kinds";

/** Every kind of object of every service, by module and type. */
export const services: Readonly<Record<string, Readonly<Record<string, Lifecycle>>>> = {
  authentik,
  grafana,
  harbor,
  host,
};

/** What the dispatcher in a state asks for. A type that was renamed or removed must stay here while a state has it. */
export function provider(module: string, type: string): Lifecycle {
  const found = services[module]?.[type];
  if (found) return found;
  throw new Error(
    `homelab-providers has no ${module}:${type}, which the state still has. Check out the version that made it and ` +
      `destroy the resource there, or remove it from the state: npm run pulumi -- state delete <urn> --stack <stack>`,
  );
}
