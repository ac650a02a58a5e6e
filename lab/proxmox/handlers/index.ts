import type { Handlers } from "../lab";
import { accessHandlers } from "./access";
import { acmeHandlers } from "./acme";
import { backupHandlers } from "./backup";
import { clusterHandlers } from "./cluster";
import { nodeHandlers } from "./nodes";
import { openidHandlers } from "./openid";
import { poolHandlers } from "./pools";
import { qemuChangeHandlers } from "./qemu-change";
import { qemuPowerHandlers } from "./qemu-power";
import { qemuReadHandlers } from "./qemu-read";
import { realmHandlers } from "./realms";
import { storageHandlers } from "./storage";

/** What every endpoint does. */
export const handlers: Handlers = {
  ...nodeHandlers,
  ...storageHandlers,
  ...qemuReadHandlers,
  ...qemuChangeHandlers,
  ...qemuPowerHandlers,
  ...clusterHandlers,
  ...backupHandlers,
  ...acmeHandlers,
  ...accessHandlers,
  ...realmHandlers,
  ...openidHandlers,
  ...poolHandlers,
};
