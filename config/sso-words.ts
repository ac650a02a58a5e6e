/** Bound to applications that no group may open, so nobody may be in it. */
export const closedGroup = "nobody";

/**
 * Slugs that no application may have: below `/application/o/` they are addresses that all applications share. Source:
 * `Application.reserved_slugs` in authentik/core/models.py.
 */
export const reservedSlugs: readonly string[] = ["authorize", "token", "device", "userinfo", "introspect", "revoke"];
