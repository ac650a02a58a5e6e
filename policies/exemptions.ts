import type { Resource } from "./resource";

/** A resource that a policy lets pass. */
export interface Exemption {
  /** Its name in the program, or its URN. */
  readonly resource: string;
  readonly reason: string;
}

/** The exemption that covers a resource. */
export function exemptionOf<T extends Exemption>(
  exemptions: readonly T[],
  resource: Pick<Resource, "urn" | "name">,
): T | undefined {
  return exemptions.find((each) => each.resource === resource.name || each.resource === resource.urn);
}

/** Pairs of exemptions that cover the same resource: which reason holds could not be told. */
export function overlapping(exemptions: readonly Exemption[]): [Exemption, Exemption][] {
  return exemptions.flatMap((one, index) =>
    exemptions
      .slice(index + 1)
      .flatMap((other): [Exemption, Exemption][] => (covers(one, other) ? [[one, other]] : [])),
  );
}

function covers(one: Exemption, other: Exemption): boolean {
  return (
    nameOf(one.resource) === nameOf(other.resource) &&
    !(isUrn(one.resource) && isUrn(other.resource) && one.resource !== other.resource)
  );
}

const isUrn = (resource: string): boolean => resource.startsWith("urn:pulumi:");

const nameOf = (resource: string): string =>
  isUrn(resource) ? resource.slice(resource.lastIndexOf("::") + 2) : resource;
