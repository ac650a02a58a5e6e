import type { User as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { ApiError, type Subject } from "../dynamic/http";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { users } from "./lookup";
import { checkText } from "./text-checks";

/** Who a user is. There is no password here: people choose their own, with a {@link RecoveryLink}. */
export interface UserValues {
  /** What they log in with. **A change makes another user, and deletes this one with password and devices.** */
  readonly username: string;
  /** What people call them. */
  readonly name: string;
  /** Services such as Grafana want one. Default none. */
  readonly email?: string;
  /** `external` users see their applications, and nothing of Authentik. Default `internal`. */
  readonly type?: "internal" | "external" | "service_account";
  /** The folder they are in, without slashes at its ends or two together. Default `users`. */
  readonly path?: string;
  /** Whether they may log in. `false` ends their sessions. Default `true`. */
  readonly active?: boolean;
}

interface UserOuts {
  readonly userId: number;
}

/** Arguments of {@link User}. */
export type UserArgs = Inputs<UserValues>;

/** A person, or an account for a machine. Id: the user name. A user that exists is taken over, password and all. */
export class User extends DynamicResource {
  declare readonly username: pulumi.Output<string>;
  declare readonly userId: pulumi.Output<number>;

  constructor(name: string, args: UserArgs, opts?: pulumi.CustomResourceOptions) {
    super(user, name, args, opts);
  }
}

export const user = kindOf<UserValues, Row, UserOuts>(
  {
    token: "authentik:User",
    noun: "user",
    identity: ["username"],
    outputs: ["userId"],
    defaults: { email: "", type: "internal", path: "users", active: true },
    check(args, problems) {
      checkText("username", args.username, problems);
      checkText("name", args.name, problems);
      const isAddress = (email: string): boolean => email === "" || /^[^\s@]+@[^\s@]+$/.test(email);
      problems.expect("email", args.email, isAddress, "{value} is no e-mail address; write it as anna@home.arpa");
      problems.oneOf("type", args.type, ["internal", "external", "service_account"]);
      const isPath = (path: string): boolean => path.split("/").every((folder) => folder !== "");
      problems.expect(
        "path",
        args.path,
        isPath,
        "{value} is empty, or has a slash at an end or two together; write it as users/family",
      );
    },
  },
  {
    find: (api, { username = "" }, subject) => findUser(api, username, subject),
    look: (api, { username = "" }, subject) => users.row(api, username, subject),
    async create(api, args, subject) {
      const row = await api.call(subject, ({ core }) => core.coreUsersCreate({ userRequest: body(args) }));
      return users.made(api, row);
    },
    // PUT would take the user out of all groups.
    update: (api, { pk }, args, subject) =>
      api.call(subject, ({ core }) => core.coreUsersPartialUpdate({ id: pk, patchedUserRequest: body(args) })),
    destroy: (api, { pk }, subject) => api.call(subject, ({ core }) => core.coreUsersDestroy({ id: pk })),
    argsOf: (_api, { username, name, email, type, path, isActive }) => ({
      username,
      name,
      email,
      type: type as UserValues["type"],
      path,
      active: isActive,
    }),
    outsOf: ({ pk }) => ({ userId: pk }),
  },
);

/** The user as it is now, by one call. */
export async function findUser(api: Authentik, username: string, subject: Subject): Promise<Row | undefined> {
  const { results } = await api.call(subject, ({ core }) => core.coreUsersList({ username, includeGroups: false }));
  return results.find((row) => row.username === username);
}

/** That something needs a user who is not there. */
export function noUser(username: string, subject: Subject): ApiError {
  const remedies = { 412: "Correct the user name, or make the user first and let this resource depend on it." };
  return new ApiError("Authentik", 412, { ...subject, remedies }, `there is no user "${username}"`);
}

const body = ({ username, name, email, type, path, active }: UserValues) => ({
  username,
  name,
  email,
  type,
  path,
  isActive: active,
});
