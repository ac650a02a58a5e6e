/** What a user may be in Grafana. `GrafanaAdmin` administers the server, and needs `allowAssignGrafanaAdmin`. */
export type GrafanaRole = "GrafanaAdmin" | "Admin" | "Editor" | "Viewer" | "None";

/** What the members of a group are. */
export interface GroupRole {
  readonly group: string;
  readonly role: GrafanaRole;
}

/** From the most to the least that a user may do. */
const ranks: readonly GrafanaRole[] = ["GrafanaAdmin", "Admin", "Editor", "Viewer", "None"];

/**
 * The expression (JMESPath) that gives a user the highest role of the groups in its claim `groups`, and no role where it is in
 * none of them: with `roleAttributeStrict` such a user is refused.
 */
export function roleAttributePath(roles: readonly GroupRole[]): string {
  if (roles.length === 0) return "''";
  const byRank = [...roles].sort((one, other) => ranks.indexOf(one.role) - ranks.indexOf(other.role));
  return byRank.map(({ group, role }) => `contains(groups[*], ${literal(group)}) && '${role}'`).join(" || ");
}

/**
 * A text in an expression. Implementations of JMESPath differ in what a backslash means between single quotes, and a backtick
 * would end the other form: such names are written as JSON without either.
 */
function literal(text: string): string {
  if (!/['\\]/.test(text)) return `'${text}'`;
  return `\`${JSON.stringify(text).replaceAll("`", "\\u0060")}\``;
}
