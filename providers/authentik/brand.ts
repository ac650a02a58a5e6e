import type { Brand as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { ApiError } from "../dynamic/http";
import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { applications, flows } from "./lookup";
import { withIds, withNames } from "./references";
import { checkText } from "./text-checks";

/** How Authentik looks, and which flows it uses. What is left out is not managed; an empty name is none. */
export interface BrandValues {
  /** What people read in the window's title. Authentik's default `authentik`. */
  readonly brandingTitle?: string;
  /** The picture on its pages: a URL, or a path in Authentik's own files. Authentik's default is such a path. */
  readonly brandingLogo?: string;
  /** The picture in the browser's tab: a URL, or a path in Authentik's own files. Authentik's default is such a path. */
  readonly brandingFavicon?: string;
  /** CSS that its pages get besides their own. Authentik's default: none. */
  readonly brandingCustomCss?: string;
  /** The slug of the flow by which people log in. Authentik's default `default-authentication-flow`. */
  readonly flowAuthentication?: string;
  /** The slug of the flow by which they log out. Authentik's default `default-invalidation-flow`. */
  readonly flowInvalidation?: string;
  /** The slug of the flow a recovery link leads to. Authentik's default: none, and no such links. */
  readonly flowRecovery?: string;
  /** The slug of the flow by which people change their own settings. Authentik's default `default-user-settings-flow`. */
  readonly flowUserSettings?: string;
  /** The slug of the application that external users are sent to. Authentik's default: none. */
  readonly defaultApplication?: string;
}

/** Arguments of {@link Brand}. */
export type BrandArgs = Inputs<BrandValues>;

/**
 * The brand for every name that has none of its own; Authentik makes it at its first start. Deleting this leaves it as it
 * is; a flow that is deleted is taken out by Authentik.
 */
export class Brand extends DynamicResource {
  constructor(name: string, args: BrandArgs, opts?: pulumi.CustomResourceOptions) {
    super(brand, name, args, opts);
  }
}

const inputs: readonly (keyof BrandValues)[] = [
  "brandingTitle",
  "brandingLogo",
  "brandingFavicon",
  "brandingCustomCss",
  "flowAuthentication",
  "flowInvalidation",
  "flowRecovery",
  "flowUserSettings",
  "defaultApplication",
];

const references = {
  flowAuthentication: flows,
  flowInvalidation: flows,
  flowRecovery: flows,
  flowUserSettings: flows,
  defaultApplication: applications,
};

export const brand: Kind<Authentik, BrandValues> = {
  observeFirst: true,
  ...kindOf<BrandValues, Row>(
    {
      token: "authentik:Brand",
      noun: "default brand",
      identity: [],
      check(args, problems) {
        checkText("brandingTitle", args.brandingTitle, problems);
        for (const field of ["brandingLogo", "brandingFavicon"] as const) {
          const remedy =
            "is empty, which Authentik refuses; leave it out, or give a URL or a path in Authentik's files";
          problems.expect(field, args[field], (file) => file !== "", remedy);
        }
      },
    },
    {
      async find(api, _names, subject) {
        const rows = await api.list(subject, ({ core }, page) => core.coreBrandsList({ _default: true, ...page }));
        return rows.find((row) => row._default);
      },
      create(_api, _args, subject) {
        const remedies = {
          412: "Wait until Authentik has made its defaults, or mark one of its brands as the default.",
        };
        return Promise.reject(new ApiError("Authentik", 412, { ...subject, remedies }, "no brand is the default one"));
      },
      async update(api, { brandUuid }, args, subject) {
        const patchedBrandRequest = await withIds(api, args, references, subject);
        return api.call(subject, ({ core }) => core.coreBrandsPartialUpdate({ brandUuid, patchedBrandRequest }));
      },
      destroy: () => Promise.resolve(),
      argsOf: (api, row, subject) => withNames<BrandValues>(api, row, inputs, references, subject),
      outsOf: () => ({}),
    },
  ),
};
