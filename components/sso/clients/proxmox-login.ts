import * as proxmox from "@pulumi/proxmoxve";
import * as pulumi from "@pulumi/pulumi";

import type { SignOnApplication } from "../../home";
import type { SsoConfig } from "../config";

/** Arguments of {@link ProxmoxLogin}. */
export interface ProxmoxLoginArgs {
  /** Its client at the single sign-on, which hears when Proxmox has a new client secret. */
  application: SignOnApplication;
  /** The realm's name, the administrators' group, and roles by group: `homelab:sso`. */
  sso: SsoConfig;
}

/**
 * Proxmox asks the single sign-on (EF-015, phase 2): a realm of its own, and rights by group. `root@pam` and the realm `pve`
 * stay as they are (EC-7); removing this leaves them alone.
 *
 * The API token needs `Realm.Allocate`, `Group.Allocate` and `Permissions.Modify` for this, and the node has to trust the
 * private root.
 */
export class ProxmoxLogin extends pulumi.ComponentResource {
  constructor(name: string, args: ProxmoxLoginArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:ProxmoxLogin", name, {}, opts);
    const { application, sso } = args;
    const { client } = application;
    // A change of what names one replaces it, under the same name.
    const child = { parent: this, deleteBeforeReplace: true };
    const realm = new proxmox.realm.Openid(
      `${name}-realm`,
      {
        realm: sso.proxmox.realm,
        comment: "Single sign-on",
        issuerUrl: client.issuer,
        clientId: client.clientId,
        clientKey: client.clientSecret,
        usernameClaim: "username",
        autocreate: true,
        groupsClaim: "groups",
        // Only the groups below. Who leaves one at Authentik leaves it here, at the next login.
        groupsAutocreate: false,
        groupsOverwrite: true,
        // What is left out is sent as nothing, and then nothing is asked for.
        scopes: "email profile",
        queryUserinfo: true,
      },
      child,
    );
    const members = [{ group: sso.adminGroup, grants: administration }, ...sso.proxmox.roles.map(granted)];
    for (const { group, grants } of members) {
      const { groupId } = new proxmox.GroupLegacy(
        `${name}-${group}`,
        { groupId: pulumi.interpolate`${group}-${realm.realm}`, comment: "Members come from single sign-on" },
        child,
      );
      for (const { path, roleId } of grants) {
        const acl = { path, roleId, groupId, propagate: true };
        new proxmox.Acl(`${name}-${group}-${path === "/" ? "all" : path.slice(1)}`, acl, child);
      }
    }
    application.accept([realm]);
    this.registerOutputs({});
  }
}

/** A role of Proxmox on a path and what is below. */
interface Grant {
  readonly path: string;
  readonly roleId: string;
}

/** Guests and storages are theirs, everything else they see. Nobody gets all of Proxmox but `root@pam`. */
const administration: readonly Grant[] = [
  { path: "/", roleId: "PVEAuditor" },
  { path: "/storage", roleId: "PVEAdmin" },
  { path: "/vms", roleId: "PVEAdmin" },
];

const granted = ({ group, role }: SsoConfig["proxmox"]["roles"][number]) => ({
  group,
  grants: [{ path: role === "PVEAuditor" ? "/" : "/vms", roleId: role }],
});
