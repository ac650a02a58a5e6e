import type { Outpost as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { outposts } from "./lookup";
import { checkHttps } from "./text-checks";

/** The managed id of the outpost in Authentik's own server. */
export const embeddedOutpost = "goauthentik.io/outposts/embedded";

/** Settings of the embedded outpost. What is left out is not managed. */
export interface EmbeddedOutpostValues {
  /**
   * Where browsers reach Authentik: `https://auth.home.arpa`. Without it, logins in front of services work only after an
   * administrator has opened Authentik's web page.
   */
  readonly authentikHost: string;
}

interface EmbeddedOutpostOuts {
  readonly uuid: string;
}

/** Arguments of {@link EmbeddedOutpost}. */
export type EmbeddedOutpostArgs = Inputs<EmbeddedOutpostValues>;

/** The outpost in Authentik's own server, of which there is one. Deleting this leaves it as it is. */
export class EmbeddedOutpost extends DynamicResource {
  declare readonly uuid: pulumi.Output<string>;

  constructor(name: string, args: EmbeddedOutpostArgs, opts?: pulumi.CustomResourceOptions) {
    super(embedded, name, args, opts);
  }
}

export const embedded = kindOf<EmbeddedOutpostValues, Row, EmbeddedOutpostOuts>(
  {
    token: "authentik:EmbeddedOutpost",
    noun: "embedded outpost",
    identity: [],
    outputs: ["uuid"],
    check(args, problems) {
      checkHttps("authentikHost", args.authentikHost, problems);
    },
  },
  {
    find: (api, _names, subject) => outposts.row(api, embeddedOutpost, subject),
    async create(api, args, subject) {
      const uuid = await outposts.id(api, embeddedOutpost, subject);
      return write(api, uuid, args, subject);
    },
    update: (api, { pk }, args, subject) => write(api, pk, args, subject),
    // Authentik would make it again.
    destroy: () => Promise.resolve(),
    argsOf: (_api, { config }) => ({ authentikHost: config.authentik_host as string | undefined }),
    outsOf: ({ pk }) => ({ uuid: pk }),
  },
);

/** Authentik takes the settings as a whole: those of others stay. */
function write(api: Authentik, uuid: string, { authentikHost }: EmbeddedOutpostValues, subject: Subject): Promise<Row> {
  return api.exclusively(async () => {
    const row = await api.call(subject, ({ outposts }) => outposts.outpostsInstancesRetrieve({ uuid }));
    if (row.config.authentik_host === authentikHost) return row;
    const patchedOutpostRequest = { config: { ...row.config, authentik_host: authentikHost } };
    return api.call(subject, ({ outposts }) =>
      outposts.outpostsInstancesPartialUpdate({ uuid, patchedOutpostRequest }),
    );
  });
}
