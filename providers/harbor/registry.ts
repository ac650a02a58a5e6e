import { X509Certificate } from "node:crypto";

import type * as pulumi from "@pulumi/pulumi";

import { ApiError, type Subject } from "../dynamic/http";
import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import { defined } from "../dynamic/values";
import type { Harbor } from "./api";
import type { Inputs } from "./connection";

/** What a registry endpoint is. What is left out, and has no default here, is not managed. */
export interface RegistryEndpointValues {
  /** **A change replaces the endpoint**, which Harbor refuses while a project caches it. */
  readonly name: string;
  /** `docker-hub`, `docker-registry`, `github-ghcr`, `harbor`... as this Harbor allows. **A change replaces it.** */
  readonly type: string;
  /** `https://hub.docker.com`, `https://ghcr.io`. Harbor must be able to reach it when this is made or changed. */
  readonly url: string;
  /** What it is for, as Harbor's pages show it. Default none. */
  readonly description?: string;
  /** Whether its certificate is checked. Default `true`. */
  readonly verifyCertificate?: boolean;
  /** A login there, which gives higher limits. Default: no login. */
  readonly username?: string;
  /** Goes with `username`. Harbor never gives it back: a change made there is not noticed. Default: no login. A secret. */
  readonly password?: string;
  /** The CA of its certificate, PEM. Harbor's default: the CAs of its own system. */
  readonly ca?: string;
}

interface RegistryOuts {
  readonly registryId: number;
}

/** Arguments of {@link RegistryEndpoint}. */
export type RegistryEndpointArgs = Inputs<RegistryEndpointValues>;

/** Another registry, to be the source of a pull-through cache. Id: its name. */
export class RegistryEndpoint extends DynamicResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly registryId: pulumi.Output<number>;

  constructor(name: string, args: RegistryEndpointArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...registryEndpoint, secrets: ["password"] }, name, args, opts);
  }
}

interface RegistryRow {
  id: number;
  name: string;
  type: string;
  url: string;
  description?: string;
  insecure?: boolean;
  ca_certificate?: string;
  credential?: { access_key?: string } | null;
}

export const registryEndpoint: Kind<Harbor, RegistryEndpointValues, RegistryOuts> = {
  token: "harbor:RegistryEndpoint",
  noun: "registry endpoint",
  identity: ["name"],
  replace: ["type"],
  writeOnly: ["password"],
  outputs: ["registryId"],
  defaults: { description: "", verifyCertificate: true },

  // As Harbor keeps it.
  normalise: (args) => ({ ...args, ...(args.url !== undefined && { url: args.url.trim().replace(/\/+$/, "") }) }),

  check(args, problems) {
    const isName = (name: string): boolean => name.trim() !== "" && Buffer.byteLength(name) <= 64;
    problems.expect("name", args.name, isName, "{value} is no name of an endpoint; give it 1 to 64 letters");
    problems.expect(
      "url",
      args.url,
      (url) => /^\s*https?:\/\/[^/\s?#]+[^\s?#]*\s*$/.test(url),
      "{value} is no URL, or has a query; write https://ghcr.io",
    );
    problems.expect("ca", args.ca, isCertificate, "is no certificate in PEM; give the CA's, with its BEGIN line");
    if ((args.username === undefined) !== (args.password === undefined)) {
      problems.add("username", "goes with `password`; give both, or neither for no login");
    }
  },

  async create(api, args) {
    const { url, name, type } = args;
    const credential =
      args.username === undefined
        ? undefined
        : { type: "basic", access_key: args.username, access_secret: args.password };
    await api.post("/registries", { name, type, url, ...common(args), credential }, about("create", name));
    return { registryId: (await registryByName(api, name, about("read", name))).id };
  },

  async adopt(api, { name }) {
    const row = await findRegistry(api, name);
    return row && { registryId: row.id };
  },

  async sync(api, args) {
    const { id } = await registryByName(api, args.name, about("update", args.name));
    const credential = {
      credential_type: "basic",
      access_key: args.username ?? "",
      access_secret: args.password ?? "",
    };
    const body = { name: args.name, url: args.url, ...common(args), ...credential };
    await api.put(`/registries/${id}`, body, about("update", args.name));
    return { registryId: id };
  },

  async read(api, { name = "" }) {
    const row = await findRegistry(api, name);
    if (!row) return undefined;
    const args = {
      name,
      type: row.type,
      url: row.url,
      description: row.description ?? "",
      verifyCertificate: row.insecure !== true,
      username: row.credential?.access_key || undefined,
      ca: row.ca_certificate || undefined,
    };
    return { args: defined(args), outs: { registryId: row.id } };
  },

  async delete(api, { name }) {
    const row = await findRegistry(api, name);
    if (row) await api.delete(`/registries/${row.id}`, about("delete", name));
  },
};

/** The endpoint with exactly this name, which must exist. */
export async function registryByName(api: Harbor, name: string, subject: Subject): Promise<{ id: number }> {
  const row = await findRegistry(api, name);
  if (row) return row;
  const remedy = "Declare the RegistryEndpoint and pass its `name` output as `registry`, so that it is made first.";
  throw new ApiError("Harbor", 404, { ...subject, remedies: { 404: remedy } }, `there is no registry "${name}"`);
}

async function findRegistry(api: Harbor, name: string): Promise<RegistryRow | undefined> {
  const rows = await api.list<RegistryRow>("/registries", {}, about("read", name));
  return rows.find((row) => row.name === name);
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

const common = ({ description, verifyCertificate, ca }: RegistryEndpointValues) => ({
  description: description ?? "",
  insecure: verifyCertificate === false,
  ...(ca !== undefined && { ca_certificate: ca }),
});

const about = (action: string, name: string) => ({
  action,
  object: "registry endpoint",
  name,
  remedies: {
    400: "Harbor tries the address at once: check that it can reach it, the login, and that it allows this `type`.",
    412: "A project is a cache of it: delete that project first.",
  },
});
