import { keep, type Row } from "../../kit/rows";
import { type Account, badRequest, conflict, done, notFound, now, ok, only, page, Refusal, type Route } from "../rows";
import type { Tables } from "../tables";

/** The group type of single sign-on. */
const oidcGroup = 3;

const shownFields = ["user_id", "username", "realname", "email", "comment", "creation_time", "update_time"];

const admin: Row = { user_id: 1, username: "admin", realname: "system admin", sysadmin_flag: true };

/** People who came by single sign-on. There are no local users but the administrator, whose row is not kept. */
export const userRoutes = (objects: Tables): Route[] => [
  [/^GET \/users$/, ({ query }) => page(objects.users.map(shown), query)],
  [/^GET \/users\/current$/, ({ account }) => ok(current(objects, account))],
  [/^GET \/users\/1$/, () => ok(admin)],
  [/^GET \/users\/(\d+)$/, (_, [id]) => ok(withSecret(userOf(objects, id)))],
  [
    /^DELETE \/users\/(\d+)$/,
    (_, [id]) => {
      const user = userOf(objects, id);
      keep(objects.users, (row) => row !== user);
      return done();
    },
  ],
  [
    /^PUT \/users\/(\d+)\/cli_secret$/,
    ({ body }, [id]) => {
      const mode = String(objects.configuration.auth_mode);
      if (mode !== "oidc_auth") throw precondition(`unable to update CLI secret under authmode: ${mode}`);
      userOf(objects, id).secret = validSecret(body.secret || objects.newSecret());
      return done();
    },
  ],
];

/** Keeps somebody who logged in for the first time. */
export function onboard(objects: Tables, user: { username: string; email: string; subiss: string }): Row {
  const isTaken = ({ username, email }: Row): boolean =>
    username === user.username || (email !== "" && email === user.email);
  if ([...objects.users, admin].some(isTaken)) throw conflict(`user ${user.username}`);
  const row = {
    ...user,
    user_id: Math.max(2, ...objects.users.map(({ user_id }) => user_id as number)) + 1,
    realname: user.username,
    comment: "Onboarded via OIDC provider",
    secret: objects.newSecret(),
    creation_time: now(),
    update_time: now(),
  };
  objects.users.push(row);
  return row;
}

/** Makes the groups that are not there yet. */
export function onboardGroups(objects: Tables, names: readonly string[]): void {
  for (const group_name of names) {
    if (objects.groups.some((row) => row.group_name === group_name)) continue;
    objects.groups.push({ id: ++objects.lastId, group_name, group_type: oidcGroup });
  }
}

function userOf({ users }: Tables, id = ""): Row {
  const row = users.find(({ user_id }) => `${user_id}` === id);
  if (row) return row;
  throw notFound(`user ${id}`);
}

function current(objects: Tables, account: Account | undefined): Row {
  if (account?.robot) throw precondition("get current user not available for security context: robot");
  if (!account?.person) return admin;
  const row = userOf(objects, `${account.person.userId}`);
  return { ...withSecret(row), admin_role_in_auth: account.person.isAdmin };
}

const shown = (row: Row): Row => ({ ...only(row, shownFields), sysadmin_flag: false });

const withSecret = (row: Row): Row => ({
  ...shown(row),
  oidc_user_meta: { user_id: row.user_id, subiss: row.subiss, secret: row.secret },
});

const precondition = (text: string): Refusal => new Refusal(412, "PRECONDITION", text);

/** What people and robots may choose as a secret. */
export function validSecret(secret: string): string {
  const isValid = /^.{8,128}$/.test(secret) && [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(secret));
  if (isValid) return secret;
  throw badRequest(
    "the password or secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number",
  );
}
