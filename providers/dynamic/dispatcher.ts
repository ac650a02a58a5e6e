/** A type of resource: the service's module and the object's type, `harbor:Project`. */
export type Token = `${string}:${string}`;

/**
 * The text that goes into the state as a resource's provider: a module that finds the real one when it is run. It
 * depends on the type alone, so that a change of the code is never a change of a resource, and reading or deleting an old
 * resource runs the code of today.
 *
 * It is written out, rather than serialised by Pulumi from a function, to be the same whatever compiles this file.
 */
export function dispatcher(token: Token): string {
  const [module, type] = split(token);
  return `exports.handler=()=>require("homelab-providers").provider("${module}","${type}")`;
}

/** The type in the state. Pulumi finds the host of dynamic providers by the first part, which is therefore fixed. */
export function resourceType(token: Token): string {
  return `pulumi-nodejs:dynamic/${split(token).join(":")}`;
}

function split(token: Token): [module: string, type: string] {
  const [module, type] = token.split(":");
  if (!module || !type || !/^[a-z]+:[A-Za-z]+$/.test(token))
    throw new Error(`${token} is no type such as harbor:Project`);
  return [module, type];
}
