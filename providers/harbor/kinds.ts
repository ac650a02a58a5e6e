import { entriesOf, type Lifecycle } from "../dynamic/lifecycle";
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

const entry = entriesOf(harborService);

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
