import { askProxmox, type Live } from "../../../policies/proxmox-guests";
import { TestNode, tokens, vm160 } from "../../helpers/contract/proxmox-node";

const secret = "11111111-2222-3333-4444-555555555555";
const vmRights = ["VM.Allocate", "VM.Audit", "VM.Config.CPU", "VM.Config.Memory"];

/** What the policies are told by a stand-in whose token `pulumi` has these rights. */
async function asked(rights: Record<string, readonly string[]>, token: string = tokens.pulumi): Promise<Live> {
  const node = new TestNode(rights);
  await node.startWithVm();
  try {
    return await node.relayed((endpoint) => askProxmox(endpoint, `${token}=${secret}`));
  } finally {
    await node.remove();
  }
}

const monitoring = {
  vmId: 101,
  name: "monitoring",
  node: "pve-mon",
  running: true,
  template: false,
  memory: 4 * 2 ** 30,
  cores: 2,
};
const tooling = {
  vmId: 160,
  name: vm160["name"],
  node: "pve-mon",
  running: false,
  template: false,
  memory: 6 * 2 ** 30,
  cores: 4,
};

test("a token with VM.Audit on /vms sees every guest", async () => {
  expect(await asked({ "/vms": ["VM.Audit"] })).toMatchObject({ guests: [monitoring, tooling] });
});

test("a token without VM.Audit on /vms sees an empty list, or its own VM alone, and no error", async () => {
  expect(await asked({})).toMatchObject({ guests: [] });
  expect(await asked({ "/vms/160": vmRights })).toMatchObject({ guests: [tooling] });
});

test("a token that Proxmox does not know is refused, and its secret is not told", async () => {
  const told = await asked({}, "pulumi@pve!other");
  expect(told).toEqual({
    failure: expect.stringMatching(
      /^http:\/\/127\.0\.0\.1:\d+ refused the API token \(401\); check `homelab:proxmoxApiToken`, and that the token has not expired$/,
    ) as string,
  });
});
