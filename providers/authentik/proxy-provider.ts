import type { ProxyProvider as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { flows, Lookup, providers } from "./lookup";
import { checkHttps, checkText } from "./text-checks";
import { checkDuration } from "./words";

/** What a login in front of a service is that has none of its own. */
export interface ProxyProviderValues {
  /** No other provider may have it, of whatever type. **A change makes another provider.** */
  readonly name: string;
  /** Where browsers reach the service: `https://whoami.home.arpa`. */
  readonly externalHost: string;
  /** Only `forward_single`, the default: the reverse proxy asks before each request, and each host has cookies of its own. */
  readonly mode?: "forward_single";
  /** The slug of the flow that asks for consent. Default: the one that does not ask. */
  readonly authorizationFlow?: string;
  /** The slug of the flow that logs out. Default `default-provider-invalidation-flow`, which ends nothing at Authentik. */
  readonly invalidationFlow?: string;
  /** Paths that need no login, as regular expressions. Default none. */
  readonly skipPaths?: string[];
  /** Whether a login in the header `Authorization` is taken, and kept from the service. Default `true`. */
  readonly interceptHeaderAuth?: boolean;
  /** How long a login is good. Default `hours=24`. */
  readonly accessTokenValidity?: string;
}

interface ProxyProviderOuts {
  readonly providerId: number;
}

/** Arguments of {@link ProxyProvider}. */
export type ProxyProviderArgs = Inputs<ProxyProviderValues>;

/**
 * A login in front of a service that has none of its own. Id: its name. Nobody can use it before an {@link Application}
 * has it, and an {@link OutpostMembership}.
 */
export class ProxyProvider extends DynamicResource {
  declare readonly name: pulumi.Output<string>;
  /** Authentik's id of it; one that was replaced has another. */
  declare readonly providerId: pulumi.Output<number>;

  constructor(name: string, args: ProxyProviderArgs, opts?: pulumi.CustomResourceOptions) {
    super(proxyProvider, name, args, opts);
  }
}

const proxyProviders = new Lookup({
  noun: "proxy provider",
  area: "/providers/proxy",
  page: ({ providers }, page) => providers.providersProxyList(page),
  names: ({ name }) => [name],
  id: ({ pk }) => pk,
});

export const proxyProvider = kindOf<ProxyProviderValues, Row, ProxyProviderOuts>(
  {
    token: "authentik:ProxyProvider",
    noun: "proxy provider",
    identity: ["name"],
    outputs: ["providerId"],
    defaults: {
      mode: "forward_single",
      authorizationFlow: "default-provider-authorization-implicit-consent",
      invalidationFlow: "default-provider-invalidation-flow",
      skipPaths: [],
      interceptHeaderAuth: true,
      accessTokenValidity: "hours=24",
    },
    check(args, problems) {
      checkText("name", args.name, problems);
      checkHttps("externalHost", args.externalHost, problems);
      problems.oneOf("mode", args.mode, ["forward_single"]);
      const isLine = (path: string): boolean => /^\S.*$/.test(path);
      args.skipPaths?.forEach((path, index) =>
        problems.expect(`skipPaths[${index}]`, path, isLine, "{value} is empty or has a line break; write one a path"),
      );
      checkDuration("accessTokenValidity", args.accessTokenValidity, problems);
    },
  },
  {
    async find(api, { name = "" }, subject) {
      const { results } = await api.call(subject, ({ providers }) =>
        providers.providersProxyList({ nameIexact: name, pageSize: 100 }),
      );
      return results.find((row) => row.name === name);
    },
    look: (api, { name = "" }, subject) => proxyProviders.row(api, name, subject),
    async create(api, args, subject) {
      const proxyProviderRequest = await body(api, args, subject);
      const row = await api.call(subject, ({ providers }) => providers.providersProxyCreate({ proxyProviderRequest }));
      providers.made(api, row);
      return row;
    },
    // PATCH without the mode is checked as if it were another.
    async update(api, { pk: id }, args, subject) {
      const proxyProviderRequest = await body(api, args, subject);
      return api.call(subject, ({ providers }) => providers.providersProxyUpdate({ id, proxyProviderRequest }));
    },
    destroy: (api, { pk: id }, subject) =>
      api.call(subject, ({ providers }) => providers.providersProxyDestroy({ id })),
    argsOf: async (api, row, subject) => ({
      name: row.name,
      externalHost: row.externalHost,
      mode: row.mode as "forward_single",
      authorizationFlow: await flows.name(api, row.authorizationFlow, subject),
      invalidationFlow: await flows.name(api, row.invalidationFlow, subject),
      skipPaths: (row.skipPathRegex ?? "").split(/\r?\n/).filter(Boolean),
      interceptHeaderAuth: row.interceptHeaderAuth,
      accessTokenValidity: row.accessTokenValidity,
    }),
    outsOf: ({ pk }) => ({ providerId: pk }),
  },
);

async function body(api: Authentik, args: ProxyProviderValues, subject: Subject) {
  return {
    name: args.name,
    externalHost: args.externalHost,
    mode: args.mode,
    authorizationFlow: await flows.id(api, args.authorizationFlow ?? "", subject),
    invalidationFlow: await flows.id(api, args.invalidationFlow ?? "", subject),
    skipPathRegex: args.skipPaths?.join("\n"),
    interceptHeaderAuth: args.interceptHeaderAuth,
    accessTokenValidity: args.accessTokenValidity,
  };
}
