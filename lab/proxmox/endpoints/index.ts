import { accessEndpoints } from "./access";
import { clusterEndpoints } from "./cluster";
import type { Endpoints } from "./endpoint";
import { nodeEndpoints } from "./nodes";
import { qemuEndpoints } from "./qemu";
import { storageEndpoints } from "./storage";

/** Every endpoint of the stand-in, in the terms of Proxmox's own API description. */
export const endpoints: Endpoints = {
  ...nodeEndpoints,
  ...storageEndpoints,
  ...qemuEndpoints,
  ...clusterEndpoints,
  ...accessEndpoints,
};
