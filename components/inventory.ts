import * as pulumi from "@pulumi/pulumi";

import type { BaseConfig, VmConfig } from "../config/schema";
import { Size } from "../config/size";

/** Arguments of {@link Inventory}. */
export interface InventoryArgs {
  /** Below which every name is, `home.arpa`. */
  domain: string;
  /** The Proxmox node: where its API and its SSH are, and its memory in bytes. Default: the stack makes no VM. */
  node?: { name: string; endpoint: string; address: string; memory: Size; cores: number };
  /** Guests that run on it already: `homelab:guests`. Memory in bytes. Default: none. */
  guests?: VmConfig["guests"];
  /** Addresses and who has them: `homelab:network`. */
  network: BaseConfig["network"];
  /** Machines that were there before, on which features run: of `homelab:hosts`. Memory in bytes. Default: none. */
  hosts?: BaseConfig["hosts"];
}

/**
 * What the house has without this stack. It makes nothing; as a resource it shows in previews, and the policies measure
 * what the stack adds against it (the memory budget, the address plan, the domain).
 */
export class Inventory extends pulumi.ComponentResource {
  constructor(name: string, args: InventoryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:host:Inventory", name, args, opts);
    this.registerOutputs({});
  }
}
