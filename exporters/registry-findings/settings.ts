import { readFileSync } from "node:fs";

import type { Access } from "./harbor";

/** What the container's environment says. */
export interface Settings extends Access {
  /** Where first-seen dates are kept. */
  readonly file: string;
  readonly port: number;
  /** Milliseconds between the starts of two rounds. */
  readonly interval: number;
}

/** Reads the environment, and the robot's secret from its file. */
export function settings(env: NodeJS.ProcessEnv): Settings {
  const url = env.HARBOR_URL ?? "http://core:8080";
  if (!/^http:\/\/[^/]+\/?$/.test(url)) throw new Error(`HARBOR_URL must be http://<host>[:<port>], not ${url}`);
  const robot = env.ROBOT_NAME;
  if (!robot) throw new Error("ROBOT_NAME is missing: the name the robot logs in with");
  const file = env.ROBOT_SECRET_FILE ?? "/run/homelab/robot-secret";
  const secret = readFileSync(file, "utf8").trim();
  if (!secret) throw new Error(`${file} is empty: the robot's secret is missing`);
  return {
    url,
    robot,
    secret,
    file: `${env.DATA_FOLDER ?? "/data"}/first-seen.json`,
    port: positive(env, "PORT", 9100),
    interval: positive(env, "INTERVAL_SECONDS", 300) * 1000,
  };
}

export function positive(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const value = Number(env[name] ?? otherwise);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${name} must be a whole number above 0, not ${env[name]}`);
}
