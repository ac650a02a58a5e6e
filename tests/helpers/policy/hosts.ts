import * as sdk from "@pulumi/policy";

import { types } from "../../../policies/types";
import { find } from "./mutations/mutation";
import type { TestResource } from "./harness";

/** A machine that was there before the stack. It is a guest of the house's node, too. */
export const nas = {
  name: "nas",
  address: "192.168.1.54",
  port: 2222,
  user: "ops",
  hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
  memory: "8 GiB",
};

/** A second one. */
export const box = {
  ...nas,
  name: "box",
  address: "192.168.1.55",
  port: 22,
  user: "root",
  hostKey: nas.hostKey.replace(/g$/, "w"),
};

/** Changes of the house's config by which the registry runs on {@link nas}. */
export const registryOnNas = { hosts: [nas], "registry.host": "nas" };

/** Changes by which the stack makes no VM. */
export const withoutVm = {
  guests: undefined,
  proxmox: undefined,
  proxmoxApiToken: undefined,
  toolingVm: undefined,
  "network.subnet": undefined,
  "network.gateway": undefined,
};

/** What is called otherwise on another machine than the stack's own. */
const twins: readonly (readonly [type: string, own: string, other: string])[] = [
  [types.dockerProvider, "tooling-docker", "nas-docker"],
  [types.network, "tooling", "nas-tooling"],
  [types.command, "authentik-ready", "harbor-ready"],
  [types.edge, "edge", "edge-nas"],
  [types.container, "edge-traefik", "edge-nas-traefik"],
  [types.remoteImage, "edge-traefik", "edge-nas-traefik"],
  [types.hostDirectory, "edge-acme", "edge-nas-acme"],
  ...["common", "root", "route-registry", "static"].map(
    (each) => [types.hostFile, `edge-${each}`, `edge-nas-${each}`] as const,
  ),
];

/**
 * Lets a change of what is on the VM be one of what is on {@link nas}: each has the name of its twin meanwhile, and then the
 * addresses of its own machine.
 */
export function onNas(change: (stack: TestResource[]) => void): (stack: TestResource[]) => void {
  return (stack) => {
    for (const [type, , other] of twins) find(stack, type, other);
    rename(stack);
    change(stack);
    rename(stack);
    for (const resource of stack)
      if (twins.some(([type, , other]) => type === resource.type && other === resource.name)) move(resource);
  };
}

/** Gives each resource that has a twin the twin's name. */
function rename(stack: TestResource[]): void {
  for (const resource of stack) {
    const isNamed = (name: string): boolean => name === resource.name;
    const [, own, other] = twins.find(([type, ...names]) => type === resource.type && names.some(isNamed)) ?? [];
    if (own !== undefined && other !== undefined) resource.name = isNamed(own) ? other : own;
  }
}

function move(resource: TestResource): void {
  const moved = (value: unknown): unknown => {
    if (typeof value === "string") return value.replaceAll(vmAddress, nas.address);
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== "object" || value === null || value instanceof sdk.Secret) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, moved(each)]));
  };
  resource.inputs = moved(resource.inputs) as TestResource["inputs"];
}

/** What the house's VM has. */
export const vmAddress = "192.168.1.60";
