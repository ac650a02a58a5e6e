import { ok, type Route } from "./context";
import { applicationRoutes } from "./kinds/applications";
import { brandRoutes } from "./kinds/brands";
import { deviceRoutes } from "./kinds/devices";
import { eventRoutes } from "./kinds/events";
import { flowRoutes } from "./kinds/flows";
import { groupRoutes } from "./kinds/groups";
import { keypairRoutes } from "./kinds/keypairs";
import { mappingRoutes } from "./kinds/mappings";
import { outpostRoutes } from "./kinds/outposts";
import { policyRoutes } from "./kinds/policies";
import { providerRoutes } from "./kinds/providers";
import { sessionRoutes } from "./kinds/sessions";
import { settingsRoutes } from "./kinds/settings";
import { stageRoutes } from "./kinds/stages";
import { tokenRoutes } from "./kinds/tokens";
import { userRoutes } from "./kinds/users";

/** The version that the stand-in plays. */
export const version = "2026.8.5";

const versionRoute: Route = {
  method: "GET",
  path: "/admin/version/",
  handle: () =>
    ok({
      ...{ version_current: version, version_latest: version, version_latest_valid: false, build_hash: "" },
      ...{ outdated: false, outpost_outdated: false },
    }),
};

/** Every request that the stand-in answers. */
export const routes: readonly Route[] = [
  ...userRoutes,
  ...groupRoutes,
  ...applicationRoutes,
  ...providerRoutes,
  ...outpostRoutes,
  ...flowRoutes,
  ...stageRoutes,
  ...policyRoutes,
  ...mappingRoutes,
  ...keypairRoutes,
  ...brandRoutes,
  ...settingsRoutes,
  ...tokenRoutes,
  ...sessionRoutes,
  ...eventRoutes,
  ...deviceRoutes,
  versionRoute,
];
