/**
 * US3.4: so many failures lock a user for so long, counted from the first of them. A wrong password is one failure, a wrong
 * code of a second factor two. Nobody's earlier logins count in favour. Authentik removes what has ended every five minutes,
 * and until then a lock holds: `most` is the longest that it takes.
 */
export const lockout = { failures: 5, minutes: 15, most: 20 } as const;
