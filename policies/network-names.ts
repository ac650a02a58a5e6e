import { containerName } from "./features";
import { at, items, label, type Resource } from "./resource";

/**
 * A sentence for each container that is found under another's name on a network of theirs: Docker's DNS then sends what is
 * for the one to the other. Names with a dot are those of the house, which its DNS servers know. What isn't known yet is judged when it is.
 */
export function sharedNames(containers: readonly Resource[]): [Resource, string][] {
  const owners = new Map<string, Resource>();
  return containers.flatMap((container) =>
    items(at(container.inputs, "networksAdvanced")).flatMap((joined): [Resource, string][] => {
      const network = at(joined, "name");
      if (typeof network !== "string") return [];
      const others = [at(container.inputs, "hostname"), ...items(at(joined, "aliases"))];
      const names = [containerName(container), ...others.filter((name) => typeof name === "string")];
      return names.flatMap((name): [Resource, string][] => {
        if (name.includes("."))
          return [
            [container, `it is called ${name} on the network ${network}, as a machine could be; leave the dot out`],
          ];
        const key = [container.provider, network, name.toLowerCase()].join(" ");
        const owner = owners.get(key) ?? container;
        owners.set(key, owner);
        if (owner === container) return [];
        return [
          [container, `it is called ${name} on the network ${network}, as ${label(owner)} is; choose another name`],
        ];
      });
    }),
  );
}
