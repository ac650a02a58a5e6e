import { lockedUsers } from "./sso-people";
import { withSecondFactor } from "./sso-second-factor";
import type { Session } from "./sso-stack";

const heads = ["USER", "E-MAIL", "GROUPS", "ACTIVE", "SECOND FACTOR", "LOCKED", "LAST LOGIN"];

/** Prints a table of everybody who has an account. Authentik's own helpers, such as outposts, are no people. */
export async function printStatus({ api, print }: Session): Promise<void> {
  const subject = { action: "read", object: "users", name: "of the system" };
  const users = await api.list(subject, ({ core }, page) => core.coreUsersList({ includeGroups: true, ...page }));
  const secured = await withSecondFactor(api);
  const locked = await lockedUsers(api);
  const rows = users
    .filter(({ type }) => type !== "internal_service_account")
    .sort((one, other) => (one.username < other.username ? -1 : 1))
    .map(({ pk, username, email, groupsObj, isActive, lastLogin }) => [
      username,
      email || "-",
      (groupsObj ?? [])
        .map(({ name }) => name)
        .sort()
        .join(", ") || "-",
      isActive === false ? "no" : "yes",
      secured.has(pk) ? "yes" : "no",
      locked.has(username) ? "yes" : "no",
      lastLogin ? `${lastLogin.toISOString().slice(0, 16).replace("T", " ")} UTC` : "never",
    ]);
  print(table([heads, ...rows]));
}

/** Columns as wide as their widest cell, two spaces between them. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
