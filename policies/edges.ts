import type { Machine, Machines } from "./machines";
import { at, items, type Resource, type Stack, type Value } from "./resource";
import { types } from "./types";

/** A reverse proxy of the stack: there is one on each machine that serves something. */
export interface PlacedEdge {
  /** Its component. */
  readonly resource: Resource;
  /** The machine that it is on; none where nothing of it is made in this run, and never two but by mistake. */
  readonly machines: readonly Machine[];
  /** The entries of the catalogue that it is given. */
  readonly services: readonly Value[];
}

/** The stack's edges. Each is where its container is or, without one in this run, the rest of it. */
export function edgesOf({ resources }: Stack, machines: Machines): PlacedEdge[] {
  const edges = resources.filter(({ type }) => type === types.edge);
  const edgeOf = edgeFinder(resources);
  const parts = edges.length === 0 ? [] : resources.map((part) => ({ part, edge: edgeOf(part) }));
  return edges.map((resource) => {
    const own = parts.flatMap(({ part, edge }) => (edge === resource ? part : []));
    const containers = own.filter(({ type }) => type === types.container);
    const placed = (containers.length > 0 ? containers : own).flatMap((part) => machines.of(part) ?? []);
    return { resource, machines: [...new Set(placed)], services: items(at(resource.inputs, "services")) };
  });
}

/** Tells the edge that a resource is a part of: a component above it. Of two with one URN the first counts. */
export function edgeFinder(resources: readonly Resource[]): (part: Resource) => Resource | undefined {
  const byUrn = new Map([...resources].reverse().map((each) => [each.urn, each]));
  const edgeOf = ({ parent = "" }: Resource): Resource | undefined => {
    const above = byUrn.get(parent);
    return above === undefined || above.type === types.edge ? above : edgeOf(above);
  };
  return edgeOf;
}
