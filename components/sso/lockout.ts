/**
 * US3.4: so many failed logins lock a user for so long. Authentik counts from the first failure of a row, so the lock ends
 * that long after it. Nobody's earlier logins count in favour.
 */
export const lockout = { failures: 5, minutes: 15 } as const;
