import { types } from "../../../../policies/types";
import type { TestResource } from "../harness";

/** A change of the program that one policy is there to refuse. */
export interface Mutation {
  readonly policy: string;
  readonly what: string;
  /** Changes a copy of the program's resources. */
  readonly change: (stack: TestResource[]) => void;
  /** What is in the policy's message. */
  readonly message: string;
  /** What Proxmox lists; it is not asked where there is nothing. */
  readonly proxmox?: readonly object[];
}

/** The resource of a type with a name. */
export function find(stack: readonly TestResource[], type: string, name: string): TestResource {
  const found = stack.find((each) => each.type === type && each.name === name);
  if (found) return found;
  throw new Error(`the program has no ${type} "${name}"`);
}

/** Changes a resource's inputs. */
export const setting =
  (type: string, name: string, inputs: Record<string, unknown>) =>
  (stack: TestResource[]): void => {
    const resource = find(stack, type, name);
    resource.inputs = { ...resource.inputs, ...inputs };
  };

/** Changes inputs of a file of the program's, but for its text. */
export const placing = (name: string, inputs: { path?: string; owner?: string; mode?: string }): Mutation["change"] =>
  setting(types.hostFile, name, inputs);

/** Adds a resource. */
export const adding =
  (type: string, inputs: Record<string, unknown> = {}) =>
  (stack: TestResource[]): void =>
    void stack.push({ type, name: "added", inputs });

/** What is changed, how, what is in the message, and what Proxmox lists. */
export type Row = readonly [what: string, change: Mutation["change"], message: string, proxmox?: Mutation["proxmox"]];

/** Mutations of one policy. */
export const rows = (policy: string, ...all: readonly Row[]): Mutation[] =>
  all.map(([what, change, message, proxmox]) => ({ policy, what, change, message, proxmox }));
