import type { Outpost } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { outposts, providers } from "./lookup";
import { embeddedOutpost } from "./outpost";
import { checkText } from "./text-checks";

/** Which provider is served by which outpost. */
export interface OutpostMembershipValues {
  /** The managed id of the outpost, or its name. Default: the embedded one, in Authentik's own server. */
  readonly outpost?: string;
  /** The name of the {@link ProxyProvider}. */
  readonly provider: string;
  /**
   * The provider's `providerId`, where the program makes it: one that was replaced is then served again. Left out: not
   * managed.
   */
  readonly providerId?: number;
}

/** Arguments of {@link OutpostMembership}. */
export type OutpostMembershipArgs = Inputs<OutpostMembershipValues>;

/** A provider that an outpost serves, whichever others it serves. Id: `<outpost>/<provider>`. */
export class OutpostMembership extends DynamicResource {
  constructor(name: string, args: OutpostMembershipArgs, opts?: pulumi.CustomResourceOptions) {
    super(outpostMembership, name, args, opts);
  }
}

interface Membership extends OutpostMembershipValues {
  readonly providerId: number;
}

export const outpostMembership = kindOf<OutpostMembershipValues, Membership>(
  {
    token: "authentik:OutpostMembership",
    noun: "outpost membership",
    identity: ["outpost", "provider"],
    defaults: { outpost: embeddedOutpost },
    check(args, problems) {
      checkText("outpost", args.outpost, problems);
      checkText("provider", args.provider, problems);
    },
  },
  {
    async find(api, { outpost = embeddedOutpost, provider = "" }, subject) {
      const row = await outposts.row(api, outpost, subject);
      const pk = row && (await providers.row(api, provider, subject))?.pk;
      return pk !== undefined && row?.providers.includes(pk) ? { outpost, provider, providerId: pk } : undefined;
    },
    async create(api, { outpost = embeddedOutpost, provider }, subject) {
      const providerId = await providers.id(api, provider, subject);
      await change(api, outpost, subject, (served) => [...served.filter((each) => each !== providerId), providerId]);
      return { outpost, provider, providerId };
    },
    // A membership is no more than its names.
    update: (_api, row) => Promise.resolve(row),
    destroy: (api, { outpost = embeddedOutpost, providerId }, subject) =>
      change(api, outpost, subject, (served) => served.filter((each) => each !== providerId)),
    argsOf: (_api, { outpost, provider, providerId }) => ({ outpost, provider, providerId }),
    outsOf: () => ({}),
  },
);

/** Adds to or removes from what an outpost serves, as it is now, with no other resource in between. Writes nothing in vain. */
function change(
  api: Authentik,
  name: string,
  subject: Subject,
  edit: (served: Outpost["providers"]) => Outpost["providers"],
): Promise<void> {
  return api.exclusively(async () => {
    const uuid = await outposts.id(api, name, subject);
    const { providers } = await api.call(subject, ({ outposts }) => outposts.outpostsInstancesRetrieve({ uuid }));
    const edited = edit(providers);
    if (edited.length === providers.length) return;
    const patchedOutpostRequest = { providers: edited };
    await api.call(subject, ({ outposts }) => outposts.outpostsInstancesPartialUpdate({ uuid, patchedOutpostRequest }));
  });
}
