import { PolicyPack } from "@pulumi/policy";

import { toCrossGuard } from "./crossguard";
import { policies } from "./pack";
import { readOnce } from "./sdk-view";
import { Session } from "./session";

readOnce();
new PolicyPack("homelab", { policies: toCrossGuard(policies, new Session()), enforcementLevel: "mandatory" });

/** Pulumi stops the pack when it is done. A Pulumi that was killed can't; the pack then ends by itself. */
const pulumi = process.ppid;
setInterval(() => {
  if (process.ppid !== pulumi) process.exit();
}, 2_000).unref();
