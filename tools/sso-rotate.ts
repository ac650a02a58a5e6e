import type { Report } from "./run";
import type { SsoStack } from "./sso-stack";
import { readState } from "./stack";

/** The secret of a service's client: a child of its `OidcApplication`, named after the service. */
const secretUrn = /homelab:sso:OidcApplication\$random:index\/randomPassword:RandomPassword::applications-(.+)-secret$/;

/**
 * Gives a service a new client secret. Authentik takes the old and the new one until the service has the new one, so that
 * no login fails in between.
 */
export async function rotate(
  stack: SsoStack,
  service: string,
  args: readonly string[],
  report: Report,
): Promise<number> {
  const secrets = new Map(
    (await readState(stack.pulumi)).resources.flatMap(({ urn }) => {
      const name = secretUrn.exec(urn)?.[1];
      return name === undefined ? [] : [[name, urn] as const];
    }),
  );
  const found = secrets.get(service);
  if (!found) {
    const known = [...secrets.keys()].sort();
    const remedy = known.length > 0 ? `those that have one: ${known.join(", ")}` : "no service of this stack has one";
    throw new Error(`the service "${service}" has no client secret; ${remedy}`);
  }
  const code = await stack.up(["--replace", found, ...args]);
  report(
    code === 0
      ? `${service} has a new client secret, and the old one is refused.`
      : `The update did not end well. Unless you said no to it, the old and the new secret of ${service} may both be ` +
          `accepted until it does: ${stack.commands.up}`,
  );
  return code;
}
