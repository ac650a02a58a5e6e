import { types } from "../../../../policies/types";
import { notYetKnown } from "../harness";
import { adding, find, rows, setting, type Mutation, type Row } from "./mutation";

const grant = (path: string, roleId: string, groupId: unknown = "family-sso") =>
  adding(types.acls[0], { path, roleId, groupId });
const realm = (inputs: Record<string, unknown>) => setting(types.openIdRealms[0], "proxmox-login-realm", inputs);
const provider = (inputs: Record<string, unknown>) => setting(types.proxmoxProvider, "proxmox", inputs);

/** The first node of the provider's with something else. */
const node =
  (change: object): Mutation["change"] =>
  (stack) => {
    const { ssh } = find(stack, types.proxmoxProvider, "proxmox").inputs as { ssh: string };
    const { nodes, ...rest } = JSON.parse(ssh) as { nodes: object[] };
    provider({ ssh: JSON.stringify({ ...rest, nodes: [{ ...nodes[0], ...change }] }) })(stack);
  };

/** More than a component grants. */
const grants: readonly Row[] = [
  ["a role of one's own on everything", grant("/", "Everything"), "it grants Everything on /"],
  ["Administrator on everything", grant("/", "Administrator"), "it grants Administrator on /"],
  ["everything in another spelling", grant("//", "PVEAdmin"), "it grants PVEAdmin on //"],
  ["Administrator on accounts", grant("/access", "Administrator"), "with which one can get every other right"],
  ["PVEUserAdmin on a realm", grant("/access/realm/pve", "PVEUserAdmin"), "with which one can get every other right"],
  ["Administrator on nodes", grant("/nodes", "Administrator"), "with which one can get every other right"],
  ["PVESysAdmin on a node", grant("/nodes/pve-mon", "PVESysAdmin"), "with which one can get every other right"],
  ...["/vms", "/vms/101", "/storage", "/storage/local", "/pool", "/pool/homelab", "/sdn", "/mapping"].flatMap(
    (path): Row[] =>
      ["Administrator", "PVEAdmin", "PVESysAdmin", "Everything"].map((role) => [
        `${role} on ${path}`,
        grant(path, role),
        `it grants ${role} on ${path}, which is more than anybody needs, or nothing tells what it is`,
      ]),
  ),
  ["PVEPoolAdmin on a pool", grant("/pool/homelab", "PVEPoolAdmin"), "it grants PVEPoolAdmin on /pool/homelab"],
  ["PVEDatastoreAdmin on all", grant("/storage", "PVEDatastoreAdmin"), "it grants PVEDatastoreAdmin on /storage"],
  [
    "a role that the config gives to nobody",
    grant("/vms", "PVEVMAdmin", "family-sso"),
    "it grants PVEVMAdmin to family-sso, which homelab:sso.proxmox.roles doesn't",
  ],
  ["all to see for whom nobody named", grant("/", "PVEAuditor", "family-sso"), "it grants PVEAuditor to family-sso"],
  [
    "an account among the administrators",
    adding(types.accounts[0], { userId: "x@pve", groups: ["admins-sso"] }),
    "it is in admins-sso, whose members come from the single sign-on",
  ],
  ["PVEVMAdmin for a stranger", grant("/vms", "PVEVMAdmin", "guests"), "it grants rights to guests"],
  [
    "a right for an account that is there",
    adding(types.acls[0], { path: "/vms", roleId: "PVEVMUser", userId: "x@pve" }),
    "it grants rights to x@pve",
  ],
  [
    "a right for a token that is there",
    adding(types.acls[0], { path: "/vms", roleId: "PVEVMUser", tokenId: "root@pam!x" }),
    "it grants rights to root@pam",
  ],
  [
    "a right in an account",
    adding(types.accounts[1], { groupId: "x", acls: [{ path: "/vms", roleId: "PVEAdmin" }] }),
    "it grants PVEAdmin on /vms",
  ],
];

/** Ways to have more of Proxmox than one should. */
export const rightsMutations: readonly Mutation[] = rows(
  "least-privilege",
  ...grants,
  ...["Permissions.Modify", "VM.Monitor", "VM.GuestAgent.Unrestricted", "Sys.Modify", "Mapping.Modify", "New.One"].map(
    (privilege): Row => [
      `a role with ${privilege}`,
      adding(types.roles[0], { roleId: "X", privileges: ["VM.Audit", privilege] }),
      `it has the privilege ${privilege}`,
    ],
  ),
  [
    "a role with unknown rights",
    adding(types.roles[0], { roleId: "X", privileges: notYetKnown }),
    "not known before the update",
  ],
  [
    "an account in a group that is there",
    adding(types.accounts[0], { userId: "x@pve", groups: ["admins"] }),
    "it is in the group admins",
  ],
  ["an account of the node's", adding(types.accounts[0], { userId: "x@pam" }), "x@pam is an account of the node's own"],
  [
    "a token of root's",
    adding(types.apiTokens[0], { userId: "root@pam", tokenName: "x" }),
    "it is a token of root@pam, which this stack doesn't make",
  ],
  ["another Proxmox", provider({ endpoint: "https://198.51.100.1:8006/" }), "its Proxmox is https://198.51.100.1:8006"],
  ["a Proxmox of the environment's", provider({ endpoint: undefined }), "its Proxmox is undefined"],
  [
    "a second Proxmox",
    adding(types.proxmoxProvider, { endpoint: "https://198.51.100.1/", apiToken: "x" }),
    "its Proxmox is https://198.51.100.1",
  ],
  ["SSH to another machine", node({ address: "198.51.100.1" }), "it logs in over SSH to 198.51.100.1"],
  ["SSH to another node", node({ name: "pve-other" }), "as the node pve-other"],
  ["SSH with a key of its own", provider({ ssh: JSON.stringify({ privateKey: "key" }) }), "it sets `ssh.privateKey`"],
  [
    "SSH through a proxy",
    provider({ ssh: JSON.stringify({ socks5Server: "198.51.100.1:1080" }) }),
    "it sets `ssh.socks5Server`",
  ],
  ["a login with a ticket's token", provider({ csrfPreventionToken: "x" }), "it sets `csrfPreventionToken`"],
  ["users by their e-mail address", realm({ usernameClaim: "email" }), "its `usernameClaim` is email"],
  ["users by what nobody says", realm({ usernameClaim: undefined }), "its `usernameClaim` is undefined"],
  ["groups that stay", realm({ groupsOverwrite: false }), "its `groupsOverwrite` is false"],
  ["groups as they come", realm({ groupsAutocreate: true }), "its `groupsAutocreate` is true"],
  ["groups of another claim", realm({ groupsClaim: "roles" }), "its `groupsClaim` is roles"],
  ["more scopes", realm({ scopes: "email profile offline_access" }), "its `scopes` is email profile offline_access"],
  [
    "another issuer",
    realm({ issuerUrl: "https://auth.example.org/application/o/proxmox/" }),
    "it lets in whom https://auth.example.org/application/o/proxmox/ names",
  ],
  [
    "the issuer of another application",
    realm({ issuerUrl: "https://auth.home.arpa/application/o/grafana/" }),
    "it lets in whom https://auth.home.arpa/application/o/grafana/ names",
  ],
  ["another application", realm({ clientId: "grafana" }), "its `clientId` is not homelab:sso.proxmox.service"],
  ["another realm", realm({ realm: "other" }), "its `realm` is not homelab:sso.proxmox.realm"],
  ["the realm as the default", realm({ default: true }), "it sets `default`"],
);
