import { PolicyPack } from "@pulumi/policy";

import { toCrossGuard } from "./crossguard";
import { policies } from "./pack";
import { Session } from "./session";

new PolicyPack("homelab", { policies: toCrossGuard(policies, new Session()), enforcementLevel: "mandatory" });
