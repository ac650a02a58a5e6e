import type { Policy } from "./policy";
import addressPlan from "./rules/address-plan";
import backupCovered from "./rules/backup-covered";
import caAndEdgeFiles from "./rules/ca-and-edge-files";
import dockerOverSsh from "./rules/docker-over-ssh";
import guestHardware from "./rules/guest-hardware";
import guestInventory from "./rules/guest-inventory";
import healthChecks from "./rules/health-checks";
import homeArpaNames from "./rules/home-arpa-names";
import hostCommands from "./rules/host-commands";
import hostFiles from "./rules/host-files";
import humanAdministrators from "./rules/human-administrators";
import knownTypes from "./rules/known-types";
import leastPrivilege from "./rules/least-privilege";
import memoryLimits from "./rules/memory-limits";
import neededExemptions from "./rules/needed-exemptions";
import noPrivilegedContainers from "./rules/no-privileged-containers";
import ownMachines from "./rules/own-machines";
import pinnedImages from "./rules/pinned-images";
import protectedState from "./rules/protected-state";
import ramBudget from "./rules/ram-budget";
import ramWarning from "./rules/ram-warning";
import rebuildChecked from "./rules/rebuild-checked";
import rebuildRights from "./rules/rebuild-rights";
import restartPolicy from "./rules/restart-policy";
import secretCopies from "./rules/secret-copies";
import secretInputs from "./rules/secret-inputs";
import serviceAccess from "./rules/service-access";
import ssoCoverage from "./rules/sso-coverage";
import strongKeys from "./rules/strong-keys";

/** Every policy of the pack, in the order in which Pulumi and the README list them. */
export const policies: readonly Policy[] = [
  ramBudget,
  ramWarning,
  guestInventory,
  homeArpaNames,
  addressPlan,
  pinnedImages,
  memoryLimits,
  noPrivilegedContainers,
  guestHardware,
  dockerOverSsh,
  hostCommands,
  hostFiles,
  ownMachines,
  caAndEdgeFiles,
  knownTypes,
  healthChecks,
  restartPolicy,
  protectedState,
  rebuildRights,
  rebuildChecked,
  backupCovered,
  ssoCoverage,
  leastPrivilege,
  humanAdministrators,
  serviceAccess,
  secretInputs,
  secretCopies,
  strongKeys,
  neededExemptions,
];
