import { setTimeout as pause } from "node:timers/promises";

import type * as pulumi from "@pulumi/pulumi";

import { ApiError, type Subject } from "../dynamic/http";
import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import type { AuthentikArgs } from "./connection";
import { flows, keyPairs, outposts, scopeMappings, stages, type Lookup } from "./lookup";
import { embeddedOutpost } from "./outpost";

/** How long a first boot may take, and how often to ask. Milliseconds. */
export const boot = { limit: 600_000, pause: 3_000 };

/** What Authentik makes by itself after its first boot, in no fixed order, and the program builds on. */
const needed = {
  flows: [
    "default-authentication-flow",
    "default-invalidation-flow",
    "default-provider-authorization-implicit-consent",
    "default-provider-authorization-explicit-consent",
    "default-provider-invalidation-flow",
    "default-user-settings-flow",
    "default-password-change",
    "default-authenticator-totp-setup",
    "default-authenticator-static-setup",
    "default-authenticator-webauthn-setup",
    // Nothing builds on these, but they are closed, and so have to be there.
    "default-source-authentication",
    "default-source-enrollment",
    "initial-setup",
  ],
  stages: ["default-authenticator-totp-setup", "default-authenticator-static-setup"],
  scopeMappings: ["openid", "email", "profile", "offline_access"].map(
    (scope) => `goauthentik.io/providers/oauth2/scope-${scope}`,
  ),
  keyPairs: ["authentik Self-signed Certificate"],
  outposts: [embeddedOutpost],
};

/**
 * That Authentik is ready: it answers to the API token, and has what it makes by itself after its first boot. Waits up to
 * ten minutes. Whatever else is made in Authentik depends on this. Deleting it changes nothing.
 */
export class Defaults extends DynamicResource {
  constructor(name: string, args: AuthentikArgs, opts?: pulumi.CustomResourceOptions) {
    super(defaults, name, args, opts);
  }
}

export const defaults: Kind<Authentik, object> = {
  token: "authentik:Defaults",
  noun: "default objects",
  identity: [],
  check: () => undefined,

  async create(api) {
    const end = Date.now() + boot.limit;
    for (let said = ""; ;) {
      const waiting = await missing(api);
      if (waiting === "") return {};
      if (Date.now() >= end) throw late(waiting);
      if (waiting !== said) console.error(`Waiting for Authentik: ${waiting}`);
      said = waiting;
      await pause(boot.pause);
    }
  },

  adopt: () => Promise.resolve(undefined),
  sync: () => Promise.resolve({}),
  read: () => Promise.resolve({ args: {}, outs: {} }),
  delete: () => Promise.resolve(),
};

const subject: Subject = { action: "read", object: "default objects", name: "of the system" };

/** What is not there yet, in words; empty when all is. */
async function missing(api: Authentik): Promise<string> {
  try {
    const brands = await api.list(subject, ({ core }, page) => core.coreBrandsList({ ...page, _default: true }));
    return [
      ...(await absent(api, flows, needed.flows)),
      ...(await absent(api, stages, needed.stages)),
      ...(await absent(api, scopeMappings, needed.scopeMappings)),
      ...(await absent(api, keyPairs, needed.keyPairs)),
      ...(await absent(api, outposts, needed.outposts)),
      ...(brands.length > 0 ? [] : ["default brand"]),
    ].join(", ");
  } catch (error) {
    if (!(error instanceof ApiError) || !isBooting(error)) throw error;
    return `its API (${error.status === 0 ? "no answer" : `status ${error.status}`}: ${error.detail})`;
  }
}

/** Until the first boot is over, what is in front of Authentik answers, and nobody knows the API token. */
const isBooting = ({ isOutage, status }: ApiError): boolean => isOutage || [403, 404, 429, 500].includes(status);

async function absent<Row>(api: Authentik, lookup: Lookup<Row, string>, names: readonly string[]): Promise<string[]> {
  const rows = await lookup.fresh(api, subject);
  const there = new Set(rows.flatMap((row) => lookup.namesOf(row)));
  return names.filter((name) => !there.has(name)).map((name) => `${lookup.noun} ${name}`);
}

function late(waiting: string): ApiError {
  const remedy =
    `Look in the log of the worker, which makes them: sudo docker logs --tail 50 authentik-worker. Where the API says 403 ` +
    `for good, the token is another one than Authentik was first started with.`;
  const remedies = { 504: remedy };
  const detail = `after ${boot.limit / 60_000} minutes there is still missing: ${waiting}`;
  return new ApiError("Authentik", 504, { ...subject, action: "find", remedies }, detail);
}
