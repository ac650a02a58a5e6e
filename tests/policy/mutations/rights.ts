import { types } from "../../../policies/types";
import { notYetKnown } from "../harness";
import { adding, rows, type Mutation } from "./mutation";

const grant = (path: string, roleId: string) => adding(types.acls[0], { path, roleId, userId: "x@pve" });

/** Ways to have more of Proxmox than one should. */
export const rightsMutations: readonly Mutation[] = rows(
  "least-privilege",
  ["a role of one's own on everything", grant("/", "Everything"), "it grants Everything on /"],
  ["Administrator on everything", grant("/", "Administrator"), "it grants Administrator on /"],
  ["everything in another spelling", grant("//", "PVEAdmin"), "it grants PVEAdmin on //"],
  ["Administrator on accounts", grant("/access", "Administrator"), "with which one can get every other right"],
  ["PVEUserAdmin on a realm", grant("/access/realm/pve", "PVEUserAdmin"), "with which one can get every other right"],
  ["Administrator on guests", grant("/vms", "Administrator"), "every privilege there is"],
  ["Administrator on a guest", grant("/vms/101", "Administrator"), "every privilege there is"],
  ["Administrator on nodes", grant("/nodes", "Administrator"), "with which one can get every other right"],
  ["PVESysAdmin on a node", grant("/nodes/pve-mon", "PVESysAdmin"), "with which one can get every other right"],
  ["a role of one's own on all guests", grant("/vms", "Everything"), "nothing tells what that role may do"],
  [
    "a role with every right",
    adding(types.roles[0], { roleId: "X", privileges: ["VM.Audit", "Permissions.Modify"] }),
    "Permissions.Modify",
  ],
  [
    "a role with unknown rights",
    adding(types.roles[0], { roleId: "X", privileges: notYetKnown }),
    "not known before the update",
  ],
);
