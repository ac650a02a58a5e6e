import * as pulumi from "@pulumi/pulumi";

import { dispatcher, resourceType, type Token } from "./dispatcher";

/** What a type needs to be declared: which of its inputs and outputs are secret, and what it adds to its inputs. */
export interface Shape {
  readonly token: Token;
  /** Outputs that are not inputs: unknown until the object exists. */
  readonly outputs?: readonly string[];
  /** Inputs and outputs that are encrypted in the state, whatever the program passes. */
  readonly secrets?: readonly string[];
  /** Nothing in its connection is a secret. */
  readonly isConnectionPublic?: boolean;
}

/** A resource whose provider is in this package. Its inputs are checked, and secret ones made secret, here. */
export abstract class DynamicResource extends pulumi.CustomResource {
  constructor(shape: Shape, name: string, args: object, opts: pulumi.CustomResourceOptions = {}) {
    const secrets = [...(shape.isConnectionPublic ? [] : ["connection"]), ...(shape.secrets ?? [])];
    const inputs: Record<string, unknown> = {};
    for (const output of shape.outputs ?? []) inputs[output] = undefined;
    for (const [key, value] of Object.entries(args)) {
      inputs[key] = secrets.includes(key) && value !== undefined ? pulumi.secret(value) : value;
    }
    inputs.__provider = dispatcher(shape.token);
    super(resourceType(shape.token), name, inputs, {
      ...opts,
      additionalSecretOutputs: [...secrets, ...(opts.additionalSecretOutputs ?? [])],
    });
  }
}
