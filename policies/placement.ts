import { features } from "../components/features";
import { containerName, firstWord } from "./features";
import { templateOf } from "./host-templates";
import { untold, type House } from "./house";
import { isHost, type Machine } from "./machines";
import { at, type Resource } from "./resource";
import { types } from "./types";

/** Features, by the word that the names of their containers begin with, which is that of their folder below `/srv`. */
const byWord: ReadonlyMap<string, string> = new Map(
  features.flatMap(({ name, memory }) => Object.keys(memory).map((container) => [firstWord(container), name])),
);

/** Why something may not be on a machine of the stack: the config says which one each feature runs on. */
export function misplaced(resource: Resource, machine: Machine, house: House | undefined): string | undefined {
  const feature = byWord.get(wordOf(resource));
  if (feature === undefined) return setUp(resource, machine);
  if (!house) return isHost(machine) ? `which feature runs on ${machine.name} is not told; ${untold}` : undefined;
  const { hosts, served } = house.plan;
  if (feature === "edge" ? served[machine.name] : hosts[feature] === machine.name) return undefined;
  const place = feature === "edge" ? Object.keys(served).join(" and ") : hosts[feature];
  if (!place && !isHost(machine)) return undefined;
  return `it is on ${machine.name}, and the config has ${feature} on ${place || "no machine"}; make it there`;
}

/** The first word of a container's name, or the folder below `/srv` of a file or a folder. */
function wordOf(resource: Resource): string {
  if (resource.type === types.container) return firstWord(containerName(resource));
  return /^\/srv\/([^/]+)\//.exec(String(at(resource.inputs, "path")))?.[1] ?? "";
}

/** A VM is set up by the stack, and others may use a machine that was there before. */
function setUp({ type, inputs }: Resource, machine: Machine): string | undefined {
  if (type !== types.command) return undefined;
  const template = templateOf(String(at(inputs, "create")));
  if (isHost(machine) && (template === "firstBoot" || template === "forwarding"))
    return `it sets up a VM, and ${machine.name} was there before the stack; leave it to SshHost (components/host)`;
  if (!isHost(machine) && template === "prepare")
    return `it prepares a machine of homelab:hosts, and ${machine.name} is none; leave it to ToolingVm (components/tooling-vm)`;
  return undefined;
}
