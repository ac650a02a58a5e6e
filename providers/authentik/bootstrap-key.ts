import { createHmac } from "node:crypto";

/** What Authentik calls the token that it makes at its first start, and anew where the worker starts and finds none. */
export const bootstrapToken = "authentik-bootstrap-token";

/**
 * The key to start Authentik with, as `AUTHENTIK_BOOTSTRAP_TOKEN`, where the connection has `token`: the first call puts that
 * in its place, and what stands in the machine's files opens nothing from then on. It follows from `token`, which does not
 * follow from it. The token itself has to stay, without an end, or Authentik makes it with this key again. Source:
 * blueprints/system/bootstrap.yaml in Authentik's repository.
 */
export const bootstrapKey = (token: string): string => createHmac("sha256", token).update(bootstrapToken).digest("hex");
