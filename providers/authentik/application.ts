import type { Application as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { applications, providers } from "./lookup";
import { checkSlug, checkText } from "./text-checks";
import { reservedSlugs } from "./words";

/** What an application is. Who may open it is the matter of {@link PolicyBinding}. */
export interface ApplicationValues {
  /** It is in the issuer of its tokens: **a change makes another application, which clients do not know yet.** */
  readonly slug: string;
  /** What people see. */
  readonly name: string;
  /** The name of the {@link OAuth2Provider} or {@link ProxyProvider} that logs people in. Left out: not managed. */
  readonly provider?: string;
  /**
   * The provider's `providerId`, where the program makes it: one that was replaced is then attached again. Left out: not
   * managed.
   */
  readonly providerId?: number;
  /** The heading that it is shown below. Default none. */
  readonly group?: string;
  /** Where it opens. Default: what its provider says. */
  readonly launchUrl?: string;
  /** The address or the path of a picture. Default none. */
  readonly icon?: string;
  /** What people read about it. Default none. */
  readonly description?: string;
  /** Whose application it is, as people read it. Default none. */
  readonly publisher?: string;
  /** Whether it is left out of the list people see. Default `false`. */
  readonly hidden?: boolean;
  /** Default `false`. */
  readonly openInNewTab?: boolean;
  /** Whether one binding that lets a user in is enough, or all must. Default `any`. */
  readonly policyEngineMode?: "any" | "all";
}

interface ApplicationOuts {
  readonly uuid: string;
}

/** Arguments of {@link Application}. */
export type ApplicationArgs = Inputs<ApplicationValues>;

/** An application that people log in to. Id: its slug. One that exists is taken over, with its bindings. */
export class Application extends DynamicResource {
  declare readonly slug: pulumi.Output<string>;
  /** Authentik's id of it. */
  declare readonly uuid: pulumi.Output<string>;

  constructor(name: string, args: ApplicationArgs, opts?: pulumi.CustomResourceOptions) {
    super(application, name, args, opts);
  }
}

export const application = kindOf<ApplicationValues, Row, ApplicationOuts>(
  {
    token: "authentik:Application",
    noun: "application",
    identity: ["slug"],
    outputs: ["uuid"],
    defaults: {
      group: "",
      launchUrl: "",
      icon: "",
      description: "",
      publisher: "",
      hidden: false,
      openInNewTab: false,
      policyEngineMode: "any",
    },
    check(args, problems) {
      checkSlug("slug", args.slug, problems);
      const isFree = (slug: string): boolean => !reservedSlugs.includes(slug);
      problems.expect("slug", args.slug, isFree, "{value} is an address of Authentik's own; choose another");
      checkText("name", args.name, problems);
      problems.expect("provider", args.provider, (name) => name.trim() !== "", "is empty; give the provider's name");
      const isUrl = (url: string): boolean => url === "" || URL.canParse(url);
      problems.expect("launchUrl", args.launchUrl, isUrl, "{value} is no URL; write it as https://wiki.home.arpa");
      problems.oneOf("policyEngineMode", args.policyEngineMode, ["any", "all"]);
    },
  },
  {
    find: (api, { slug = "" }, subject) => api.find(subject, ({ core }) => core.coreApplicationsRetrieve({ slug })),
    look: (api, { slug = "" }, subject) => applications.row(api, slug, subject),
    async create(api, args, subject) {
      const applicationRequest = await body(api, args, subject);
      const row = await api.call(subject, ({ core }) => core.coreApplicationsCreate({ applicationRequest }));
      return applications.made(api, row);
    },
    async update(api, { slug }, args, subject) {
      const patchedApplicationRequest = await body(api, args, subject);
      return api.call(subject, ({ core }) => core.coreApplicationsPartialUpdate({ slug, patchedApplicationRequest }));
    },
    destroy: (api, { slug }, subject) => api.call(subject, ({ core }) => core.coreApplicationsDestroy({ slug })),
    argsOf: (_api, row) => ({
      slug: row.slug,
      name: row.name,
      provider: row.providerObj?.name,
      providerId: row.provider ?? undefined,
      group: row.group,
      launchUrl: row.metaLaunchUrl,
      icon: row.metaIcon,
      description: row.metaDescription,
      publisher: row.metaPublisher,
      hidden: row.metaHide,
      openInNewTab: row.openInNewTab,
      policyEngineMode: row.policyEngineMode as ApplicationValues["policyEngineMode"],
    }),
    outsOf: ({ pk }) => ({ uuid: pk }),
  },
);

async function body(api: Authentik, args: ApplicationValues, subject: Subject) {
  return {
    slug: args.slug,
    name: args.name,
    provider: args.provider === undefined ? undefined : await providers.id(api, args.provider, subject),
    group: args.group,
    metaLaunchUrl: args.launchUrl,
    metaIcon: args.icon,
    metaDescription: args.description,
    metaPublisher: args.publisher,
    metaHide: args.hidden,
    openInNewTab: args.openInNewTab,
    policyEngineMode: args.policyEngineMode,
  };
}
