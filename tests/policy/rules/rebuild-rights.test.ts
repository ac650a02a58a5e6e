import { messages, notYetKnown, secret } from "../../helpers/policy/harness";
import {
  apiToken,
  listing,
  machine,
  provider,
  reported,
  withProxmox,
  type TokenRights,
} from "../../helpers/policy/house";

/** The VM as the program makes it. */
const vm = (inputs: Record<string, unknown> = {}) =>
  machine(6144, {
    poolId: "homelab",
    disks: [{ interface: "scsi0", datastoreId: "local-lvm", importFrom: "local:import/debian.qcow2" }],
    networkDevices: [{ bridge: "vmbr0" }],
    initialization: { datastoreId: "local-lvm" },
    agent: { enabled: true },
    ...inputs,
  });

const given = (privileges: string): Record<string, 0 | 1> =>
  Object.fromEntries(privileges.split(" ").map((each) => [each, 1]));

const ofVm =
  "VM.Allocate VM.Audit VM.PowerMgmt VM.Config.CPU VM.Config.Memory VM.Config.Disk VM.Config.CDROM VM.Config.HWType " +
  "VM.Config.Options VM.Config.Cloudinit VM.Config.Network VM.GuestAgent.Audit";

/** What the README tells to give. */
const readme: TokenRights = {
  "/pool/homelab": given(`${ofVm} Pool.Audit`),
  "/storage/local": given("Datastore.Allocate Datastore.AllocateTemplate Datastore.Audit"),
  "/storage/local-lvm": given("Datastore.AllocateSpace Datastore.Audit"),
  "/sdn/zones/localnetwork/vmbr0": given("SDN.Use"),
  "/vms": given("VM.Audit"),
};

const tooling = reported({ name: "tooling", vmId: 160, memory: 6144, cores: 4 }, { pool: "homelab" });

/** What the policy says where Proxmox has these guests, and the token these rights. */
const judged = (rights: TokenRights, inputs: Record<string, unknown> = {}, guests: readonly object[] = [tooling]) =>
  withProxmox(listing(guests, rights), ({ endpoint }) =>
    messages("rebuild-rights", [provider({ endpoint, apiToken: secret(apiToken) }), vm(inputs)]),
  );

const may = (path: string, missing: string, all: string, role: string): string =>
  `the API token may not do on ${path} what making the VM again takes (${missing}); give it to the token and to its user, on ` +
  `the node:\npveum role add ${role} --privs "${all}"\n` +
  `pveum acl modify ${path} --roles ${role} --users pulumi@pve --tokens 'pulumi@pve!homelab'`;

test("A1: the rights that the README tells to give are enough, before the VM is there and afterwards", async () => {
  expect(await judged(readme)).toEqual([]);
  expect(await judged(readme, {}, [])).toEqual([]);
});

test("A1: rights on the VM's own path do not count, as they go with it", async () => {
  const { "/pool/homelab": onPool = {}, ...others } = readme;
  const all = `${ofVm} Pool.Audit`;
  expect(await judged({ ...others, "/vms/160": onPool })).toEqual([
    may("/pool/homelab", all.replace("VM.Audit ", ""), all, "Rebuild-pool-homelab"),
  ]);
});

test("A1: rights on /vms count where they reach what is below", async () => {
  const below = { ...readme, "/pool/homelab": given("Pool.Audit"), "/vms": given(ofVm) };
  expect(await judged(below)).toEqual([]);
  expect(await judged(below, { poolId: undefined })).toEqual([]);
  const here = Object.fromEntries(ofVm.split(" ").map((each) => [each, 0 as const]));
  expect(await judged({ ...below, "/vms": here }, { poolId: undefined })).toEqual([
    may("/vms", ofVm, ofVm, "Rebuild-vms"),
  ]);
});

test.each<[string, string, string]>([
  ["/storage/local-lvm", "Datastore.AllocateSpace", "Rebuild-storage-local-lvm"],
  ["/storage/local", "Datastore.Audit", "Rebuild-storage-local"],
  ["/sdn/zones/localnetwork/vmbr0", "SDN.Use", "Rebuild-sdn-zones-localnetwork-vmbr0"],
])("A1: what lacks on %s is named, with the commands that give it", async (path, privilege, role) => {
  expect(await judged({ ...readme, [path]: {} })).toEqual([may(path, privilege, privilege, role)]);
});

test("A1: a right that a pool has for itself alone counts", async () => {
  const own = Object.fromEntries(Object.keys(readme["/pool/homelab"] ?? {}).map((each) => [each, 0 as const]));
  expect(await judged({ ...readme, "/pool/homelab": own })).toEqual([]);
});

test("A1: tags take a right on /vms, and a start order one on /", async () => {
  expect(await judged(readme, { tags: ["homelab"], startup: { order: 1 } })).toEqual([
    may("/vms", "VM.Config.Options", "VM.Config.Options", "Rebuild-vms"),
    `${may("/", "Sys.Modify", "Sys.Modify", "Rebuild")} --propagate 0`,
  ]);
});

test("A1: a VM that is in another pool, or in none, is to be moved first", async () => {
  const outside = (more: object) => reported({ name: "tooling", vmId: 160, memory: 6144, cores: 4 }, more);
  const move =
    "VM 160 is there, but not in the pool homelab, on which the token has its rights; choose a free VMID or, if it is this " +
    "stack's VM, put it there, on the node: pveum pool modify homelab --vms 160";
  expect(await judged(readme, {}, [outside({})])).toEqual([move]);
  expect(await judged(readme, {}, [outside({ pool: "old" })])).toEqual([`${move} --allow-move 1`]);
});

test("A1: a pool that is not there, or not known", async () => {
  const elsewhere = { ...readme, "/pool/other": readme["/pool/homelab"] ?? {} };
  expect(await judged(elsewhere, { poolId: "other" }, [])).toEqual([
    "there is no pool other; make it, on the node: pveum pool add other",
  ]);
  expect(await judged(readme, { poolId: notYetKnown })).toEqual([
    "its pool is not known before the update; give it a name that is known now",
  ]);
});

test("A1: where Proxmox can't be asked, the preview passes, and an advisory tells that nobody knows", async () => {
  const closed = await withProxmox(listing([]), ({ endpoint }) => Promise.resolve(endpoint));
  const stack = [provider({ endpoint: closed, apiToken }), vm()];
  expect(await messages("rebuild-rights", stack)).toEqual([]);
  expect(await messages("rebuild-checked", stack)).toEqual([
    `whether the VM could be made again was not checked: ${closed} cannot be reached (ECONNREFUSED); check that it is on and ` +
      "`homelab:proxmox.endpoint`",
  ]);
  const odd = await withProxmox(
    (response, { url = "" }) => void response.end(url.includes("/access/") ? "{}" : '{"data": []}'),
    ({ endpoint }) => messages("rebuild-checked", [provider({ endpoint, apiToken }), vm()]),
  );
  expect(odd).toEqual([expect.stringMatching(/^whether the VM .* did not answer like Proxmox; check that/)]);
});

test("A1: without a VM nothing is asked about rights", async () => {
  await withProxmox(listing([]), async ({ endpoint, requests }) => {
    const stack = [provider({ endpoint, apiToken })];
    expect(await messages("rebuild-rights", stack)).toEqual([]);
    expect(await messages("rebuild-checked", stack)).toEqual([]);
    expect(requests.filter(({ url }) => url?.includes("/access/"))).toEqual([]);
  });
});

test("A1: no message holds the token's secret", async () => {
  const [, value = ""] = apiToken.split("=");
  for (const message of await judged({})) expect(message).not.toContain(value);
});
