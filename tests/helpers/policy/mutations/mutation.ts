import { types } from "../../../../policies/types";
import { judge, urnOf, type TestResource } from "../harness";
import { listing, withProxmox } from "../house";

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

/** Changes the program's own connection to a machine. */
export const connecting =
  (change: object, type: string, name: string): Mutation["change"] =>
  (stack) => {
    const resource = find(stack, type, name);
    const connection = resource.inputs?.connection as object | { value: object };
    // A command's is a secret, whatever is in it.
    const plain = "value" in connection ? connection.value : connection;
    resource.inputs = { ...resource.inputs, connection: { ...plain, ...change } };
  };

/** Adds one more of a resource of the program's, with other inputs. */
export const another =
  (type: string, like: string, inputs: object = {}): Mutation["change"] =>
  (stack) => {
    const resource = find(stack, type, like);
    stack.push({ ...resource, name: `${like}-again`, inputs: { ...resource.inputs, ...inputs } });
  };

/** Has something of Docker's made by another provider, and so on another machine. */
export const providing =
  (type: string, name: string, provider: string): Mutation["change"] =>
  (stack) =>
    void (find(stack, type, name).provider = urnOf(types.dockerProvider, provider));

/** Changes the options with which a Docker provider runs `ssh`. */
export const sshOptions =
  (name: string, change: (options: string[]) => string[]): Mutation["change"] =>
  (stack) => {
    const provider = find(stack, types.dockerProvider, name);
    const { sshOpts } = provider.inputs as { sshOpts: string | string[] };
    const options = typeof sshOpts === "string" ? (JSON.parse(sshOpts) as string[]) : sshOpts;
    provider.inputs = { ...provider.inputs, sshOpts: JSON.stringify(change([...options])) };
  };

/** Adds a resource. */
export const adding =
  (type: string, inputs: Record<string, unknown> = {}) =>
  (stack: TestResource[]): void =>
    void stack.push({ type, name: "added", inputs });

/** Copies resources and their inputs, whose values stay what they are. */
export const copyOf = (stack: readonly TestResource[]): TestResource[] =>
  stack.map((resource) => ({ ...resource, inputs: { ...resource.inputs } }));

/** What the mutation's policy says of a stack that is changed by it, beside its Proxmox where the mutation has one. */
export async function refusals(program: readonly TestResource[], mutation: Mutation): Promise<string[]> {
  const { change, policy, proxmox } = mutation;
  const stack = copyOf(program);
  change(stack);
  const judged = () => judge(stack, houseSettings, { only: policy });
  const { violations } = proxmox
    ? await withProxmox(listing(proxmox), ({ endpoint }) => {
        setting(types.proxmoxProvider, "proxmox", { endpoint })(stack);
        return judged();
      })
    : await judged();
  return violations.map(({ message }) => message);
}

/** What the house says about the policies. */
export const houseSettings = {
  "sso-coverage": { exempt: ["ca", "auth"].map((resource) => ({ resource, reason: "has no login" })) },
};

/** What is changed, how, what is in the message, and what Proxmox lists. */
export type Row = readonly [what: string, change: Mutation["change"], message: string, proxmox?: Mutation["proxmox"]];

/** Mutations of one policy. */
export const rows = (policy: string, ...all: readonly Row[]): Mutation[] =>
  all.map(([what, change, message, proxmox]) => ({ policy, what, change, message, proxmox }));
