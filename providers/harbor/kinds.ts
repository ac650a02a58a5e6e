import type { Kind } from "../dynamic/kind";
import { lifecycle, type Lifecycle } from "../dynamic/lifecycle";
import type { Harbor } from "./api";
import { auditPurge } from "./audit-purge";
import { configuration } from "./configuration";
import { harborService } from "./connection";
import { garbageCollection } from "./garbage-collection";
import { immutableTags } from "./immutable-tags";
import { label } from "./label";
import { groupMember } from "./member";
import { project } from "./project";
import { registryEndpoint } from "./registry";
import { retention } from "./retention";
import { robotAccount } from "./robot";
import { scanAll } from "./scan-all";
import { userGroup } from "./user-group";
import { webhook } from "./webhook";

const entry = <Args extends object, Outs extends object>(kind: Kind<Harbor, Args, Outs>): [string, Lifecycle] => [
  kind.token.replace("harbor:", ""),
  lifecycle(harborService, kind),
];

/** Every kind of object of Harbor, by its type. */
export const harbor: Readonly<Record<string, Lifecycle>> = Object.fromEntries([
  entry(auditPurge),
  entry(configuration),
  entry(garbageCollection),
  entry(groupMember),
  entry(immutableTags),
  entry(label),
  entry(project),
  entry(registryEndpoint),
  entry(retention),
  entry(robotAccount),
  entry(scanAll),
  entry(userGroup),
  entry(webhook),
]);
