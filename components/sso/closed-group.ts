/** Bound to applications that no group may open, so nobody may be in it. */
export const closedGroup = "nobody";
