import type * as pulumi from "@pulumi/pulumi";

import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Harbor } from "./api";
import type { Inputs } from "./connection";
import {
  about,
  bodyOf,
  disable,
  findRobot,
  gone,
  ordered,
  permissionOf,
  setSecret,
  type RobotAccountValues,
  type RobotRow,
} from "./robot-api";
import { checkRobot } from "./robot-checks";
import { dayWords, parseDays } from "./words";

interface RobotOuts {
  readonly robotId: number;
  readonly login: string;
  readonly secret: string;
  readonly expiresAt: number;
}

/** Arguments of {@link RobotAccount}. */
export type RobotAccountArgs = Inputs<RobotAccountValues>;

/**
 * A login for machines. Id: `<project>/<name>`, or `<name>` for a robot of the system. A robot that exists is taken over
 * and **gets a new secret**, because Harbor tells a secret only once.
 *
 * ```ts
 * const ci = new RobotAccount("ci", {
 *   connection, name: "ci", project: media.name, expires: "365 days",
 *   permissions: [{ project: media.name, access: ["repository:pull", "repository:push"] }],
 * });
 * ```
 */
export class RobotAccount extends DynamicResource {
  declare readonly robotId: pulumi.Output<number>;
  /** The user name for `docker login`: `robot$media+ci`. */
  declare readonly login: pulumi.Output<string>;
  /** The password for `docker login`. A secret. */
  declare readonly secret: pulumi.Output<string>;
  /** When the login ends, in seconds since 1970; -1 for never. */
  declare readonly expiresAt: pulumi.Output<number>;

  constructor(name: string, args: RobotAccountArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...robotAccount, secrets: ["secret", "chosenSecret"] }, name, args, opts);
  }
}

export const robotAccount: Kind<Harbor, RobotAccountValues, RobotOuts> = {
  token: "harbor:RobotAccount",
  noun: "robot account",
  identity: ["project", "name"],
  writeOnly: ["chosenSecret"],
  outputs: ["robotId", "login", "secret", "expiresAt"],
  defaults: { description: "", disabled: false },
  normalise: (args) => ({
    ...args,
    ...(args.permissions && { permissions: ordered(args.permissions) }),
    ...(args.expires !== undefined && { expires: dayWords(parseDays(args.expires) ?? -1) }),
  }),
  check: checkRobot,

  async create(api, args) {
    const subject = about("create", args);
    if (args.project !== undefined) await api.projectId(args.project, subject);
    const made = await api.post<{ id: number; name: string; secret: string; expires_at: number }>(
      "/robots",
      bodyOf(args, args.name),
      subject,
    );
    const outs = { robotId: made.id, login: made.name, secret: made.secret, expiresAt: made.expires_at };
    if (args.disabled) await disable(api, args, outs);
    if (args.chosenSecret === undefined) return outs;
    return { ...outs, secret: await setSecret(api, args, made.id) };
  },

  async adopt(api, args) {
    const row = await findRobot(api, args);
    if (!row) return undefined;
    return { robotId: row.id, login: row.name, secret: await setSecret(api, args, row.id), expiresAt: row.expires_at };
  },

  async sync(api, args, outs, before) {
    const subject = about("update", args);
    const row = await findRobot(api, args);
    if (!row || (outs.robotId !== undefined && outs.robotId !== row.id)) throw gone(args);
    await api.put(`/robots/${row.id}`, { id: row.id, ...bodyOf(args, row.name) }, subject);
    const { expires_at } = await api.get<RobotRow>(`/robots/${row.id}`, subject);
    const chosen = args.chosenSecret !== undefined && args.chosenSecret !== (before.chosenSecret ?? outs.secret);
    const secret = chosen ? { secret: await setSecret(api, args, row.id) } : {};
    return { robotId: row.id, login: row.name, expiresAt: expires_at, ...secret };
  },

  async read(api, names, known) {
    const row = await findRobot(api, names);
    // Another robot of the same name: the secret in the state is not its secret.
    if (!row || (known.robotId !== undefined && known.robotId !== row.id)) return undefined;
    const args = {
      ...names,
      description: row.description ?? "",
      expires: dayWords(row.duration),
      permissions: ordered(row.permissions.map(permissionOf)),
      disabled: row.disable ?? false,
    };
    // The secret that is known stays; of a robot that is merely looked up there is none.
    return { args, outs: { robotId: row.id, login: row.name, expiresAt: row.expires_at, secret: known.secret ?? "" } };
  },

  async delete(api, args, { robotId }) {
    const id = robotId ?? (await findRobot(api, args))?.id;
    if (id !== undefined) await api.delete(`/robots/${id}`, about("delete", args));
  },
};
