import { features } from "../components/features";
import type { Size } from "../config/size";
import { at, type Resource } from "./resource";

/** The memory limits of the containers of the project's own features, by name. */
const ownMemory: ReadonlyMap<string, Size> = new Map(features.flatMap(({ memory }) => Object.entries(memory)));

/** The containers of the project's own features. */
const own: readonly string[] = [...ownMemory.keys()];

/** What a container is called on its machine. */
export function containerName({ inputs, name }: Resource): string {
  const given = at(inputs, "name");
  return typeof given === "string" ? given : name;
}

/** The feature that a container belongs to: the first word of its name. */
export const featureOf = (container: Resource): string => firstWord(containerName(container));

/** Whether a container has a name like those of a feature of the project's, and is none of them. */
export function isPosing(container: Resource): boolean {
  const feature = featureOf(container);
  return own.some((each) => firstWord(each) === feature) && !own.includes(containerName(container));
}

/** The container of the project's whose folder a path is in: `harbor-core` has `/srv/harbor/core`. */
export function ownerOf(path: string): string | undefined {
  return own.find((each) => `${path}/`.startsWith(`/srv/${each.replace("-", "/")}/`));
}

/** Whether a volume or a command with this name belongs to a feature: it is called like it, or begins with it. */
export const isOfFeature = (name: string, feature: string): boolean =>
  name === feature || name.startsWith(`${feature}-`);

/** Of a name such as `harbor-core`, the feature. */
export const firstWord = (name: string): string => name.replace(/-.*$/s, "");
