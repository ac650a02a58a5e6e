import { edgeFinder } from "./edges";
import { containerName, featureOf } from "./features";
import type { Machines } from "./machines";
import { at, items, label, unknown, type Resource, type Stack, type Value } from "./resource";
import { types } from "./types";

/**
 * A sentence for each network that a container joins and may not. A name that only the update knows is that of a network of this
 * stack, or of none that has one. A network with a feature's name is for that feature's containers, and for the edge, which asks
 * step-ca on its.
 */
export function joinedNetworks({ resources }: Stack, machines: Machines): [Resource, string][] {
  const ofType = (wanted: string): Resource[] => resources.filter(({ type }) => type === wanted);
  const networks = ofType(types.network).map((each) => ({ place: machines.of(each), resource: each }));
  const containers = ofType(types.container);
  const edgeOf = edgeFinder(resources);
  const features = new Set<Value>(containers.map(featureOf));
  return containers.flatMap((container): [Resource, string][] => {
    const place = machines.of(container);
    const near = networks.filter((each) => !place || !each.place || each.place === place);
    const [there, anywhere] = [near, networks].map((all) => all.map(({ resource }) => at(resource.inputs, "name")));
    return items(at(container.inputs, "networksAdvanced")).flatMap((joined): [Resource, string][] => {
      const name = at(joined, "name");
      if (name === unknown || there?.includes(unknown)) return [];
      const what = `it joins the network ${String(name)}, which is`;
      if (!anywhere?.includes(name)) return [[container, `${what} none of this stack; make a docker.Network for it`]];
      if (!there?.includes(name))
        return [[container, `${what} none of this stack on ${String(place?.name)}; join one that is there`]];
      if (!features.has(name) || featureOf(container) === name || edgeOf(container)) return [];
      return [[container, `${what} for the containers of ${String(name)} and the edge alone; leave it`]];
    });
  });
}

/**
 * A sentence for each container that is found under another's name on a network of theirs: Docker's DNS then sends what is
 * for the one to the other. Names with a dot are those of the house, which its DNS servers know. What isn't known yet is judged when it is.
 */
export function sharedNames(containers: readonly Resource[], machines: Machines): [Resource, string][] {
  const owners = new Map<string, Resource>();
  return containers.flatMap((container) =>
    items(at(container.inputs, "networksAdvanced")).flatMap((joined): [Resource, string][] => {
      const network = at(joined, "name");
      if (typeof network !== "string") return [];
      const place = machines.of(container)?.resource.urn ?? container.provider;
      const others = [at(container.inputs, "hostname"), ...items(at(joined, "aliases"))];
      const names = [containerName(container), ...others.filter((name) => typeof name === "string")];
      return names.flatMap((name): [Resource, string][] => {
        if (name.includes("."))
          return [
            [container, `it is called ${name} on the network ${network}, as a machine could be; leave the dot out`],
          ];
        const key = [place, network, name.toLowerCase()].join(" ");
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
