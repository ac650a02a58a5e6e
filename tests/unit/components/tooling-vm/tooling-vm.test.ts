import * as proxmox from "@pulumi/proxmoxve";
import { parse } from "yaml";

import { ToolingVm } from "../../../../components/tooling-vm";
import { firstBootCommand } from "../../../../components/tooling-vm/first-boot";
import { requireOurs } from "../../../../components/tooling-vm/vm-id";
import { homelab, read, vmOf } from "../../../helpers/unit/config-fixture";
import { Sandbox } from "../../../helpers/unit/machine-stub";
import { deploy, keyText, resolved, types } from "../../../helpers/unit/pulumi-mocks";

const config = read(homelab());
const { toolingVm, proxmox: place, network } = vmOf(config);

function program() {
  const provider = new proxmox.Provider("proxmox", { endpoint: place.endpoint });
  const operatorKey = {
    file: "/home/me/.ssh/id",
    publicKey: "ssh-ed25519 me",
  };
  const args = { vm: toolingVm, proxmox: place, network, domain: config.domain, operatorKey };
  return new ToolingVm("tooling", args, { providers: [provider] });
}

test("the VM has the size, place and address of the config (US5)", async () => {
  const { inputs } = (await deploy(program)).get(types.vm, "tooling");
  expect(inputs).toEqual({
    nodeName: "pve-mon",
    vmId: 160,
    name: "tooling",
    description: "Certificate authority, image registry and single sign-on. Managed by Pulumi.",
    poolId: "homelab",
    cpu: { cores: 4, type: "x86-64-v2-AES" },
    memory: { dedicated: 6144, floating: 0 },
    scsiHardware: "virtio-scsi-single",
    bootOrders: ["scsi0"],
    disks: [
      {
        interface: "scsi0",
        datastoreId: "local-lvm",
        importFrom: "id-of-tooling-image",
        size: 62,
        iothread: true,
        discard: "on",
      },
    ],
    cdrom: { fileId: "none" },
    networkDevices: [{ bridge: "vmbr0", model: "virtio" }],
    initialization: {
      datastoreId: "local-lvm",
      interface: "scsi1",
      ipConfigs: [{ ipv4: { address: "192.168.1.60/24", gateway: "192.168.1.1" } }],
      dns: { servers: ["192.168.1.1"], domain: "home.arpa" },
      userDataFileId: "local:snippets/tooling-user-data.yaml",
    },
    agent: { enabled: true, timeout: "10m", waitForIp: { ipv4: true } },
    operatingSystem: { type: "l26" },
    serialDevices: [{ device: "socket" }],
    vga: { type: "serial0" },
    onBoot: true,
    stopOnDestroy: true,
    deleteUnreferencedDisksOnDestroy: false,
    purgeOnDestroy: false,
  });
});

test("the VM is protected, and is not replaced for a newer image, which only its first boot reads (US5)", async () => {
  const { options } = (await deploy(program)).get(types.vm, "tooling");
  expect(options.protect).toBe(true);
  expect(options.deleteBeforeReplace).toBe(true);
  expect(options.ignoreChanges).toEqual(["disks[0].importFrom", "disks[0].speed"]);
});

test("A1: a VM with the VMID is ours where it is in the pool, and no other is taken over", () => {
  const taken = [{ vmId: 160, name: "nas", nodeName: "pve-mon" }];
  expect(() => requireOurs(160, "homelab", taken, [{ vmId: 160 }])).not.toThrow();
  expect(() => requireOurs(161, "homelab", taken, [])).not.toThrow();
  expect(() => requireOurs(160, "homelab", taken, [{ vmId: 161 }])).toThrow(
    'homelab:toolingVm.vmId: VM 160 already exists on node "pve-mon": "nas", and is not in the pool homelab; choose a free ' +
      "VMID or, if it is this stack's VM, put it there, on the node: pveum pool modify homelab --vms 160",
  );
});

test("the image is downloaded by the node and checked against its pinned checksum (US5)", async () => {
  const { image } = toolingVm;
  expect((await deploy(program)).get(types.download, "tooling-image").inputs).toEqual({
    nodeName: "pve-mon",
    datastoreId: "local",
    contentType: "import",
    url: image.url,
    fileName: "debian-13-genericcloud-amd64-20261001-2618.qcow2",
    checksum: image.checksum.hex,
    checksumAlgorithm: "sha512",
    overwrite: false,
  });
});

test("the user data carries the host key, so it is a secret and no other user of the node can read it", async () => {
  const deployment = await deploy(program);
  const { inputs, secrets, options } = deployment.get(types.file, "tooling-user-data");
  const { data, ...sourceRaw } = inputs.sourceRaw as { fileName: string; data: string };
  expect(sourceRaw).toEqual({ fileName: "tooling-user-data.yaml" });
  expect(secrets).toEqual(["sourceRaw"]);
  expect(inputs).toMatchObject({
    nodeName: "pve-mon",
    datastoreId: "local",
    contentType: "snippets",
    fileMode: "0600",
  });
  expect(options.deleteBeforeReplace).toBe(true);
  expect(parse(data)).toMatchObject({
    fqdn: "tooling.home.arpa",
    users: [{ name: "ops", ssh_authorized_keys: ["ssh-ed25519 me"] }],
    ssh_keys: {
      ed25519_private: keyText("tooling-host-key"),
      ed25519_public: "ssh-ed25519 public-key-of-tooling-host-key",
    },
  });
  expect(deployment.get(types.vm, "tooling").options.dependsOn).toHaveLength(1);
});

test("the file that Proxmox is told to use is the one that is uploaded", async () => {
  const deployment = await deploy(program);
  const { datastoreId, contentType, sourceRaw } = deployment.get(types.file, "tooling-user-data").inputs;
  const { initialization } = deployment.get(types.vm, "tooling").inputs as {
    initialization: { userDataFileId: string };
  };
  const { fileName } = sourceRaw as { fileName: string };
  expect(initialization.userDataFileId).toBe(`${String(datastoreId)}:${String(contentType)}/${fileName}`);
});

test("nothing is done on the machine before its first boot has ended, and a new machine boots anew", async () => {
  const { inputs, secrets, options } = (await deploy(program)).get(types.command, "tooling-first-boot");
  expect(inputs).toEqual({
    connection: {
      host: "192.168.1.60",
      user: "ops",
      hostKey: "ssh-ed25519 public-key-of-tooling-host-key\n",
      port: 22,
      dialErrorLimit: 8,
      perDialTimeout: 4,
    },
    create: firstBootCommand,
    triggers: [["BC:24:11:00:00:01"]],
  });
  expect(secrets).toEqual(["connection"]);
  expect(options.deletedWith).toBeDefined();
});

test("A6: each machine forwards only what Docker allows, from its first boot on", async () => {
  const { inputs, options } = (await deploy(program)).get(types.command, "tooling-forwarding");
  expect(inputs.create).toBe(`sudo sh -c 'set -eu
wanted=$(printf "%s\\n" "[Service]" "ExecStartPost=/usr/sbin/iptables --wait --policy FORWARD DROP")
if [ "$(cat /etc/systemd/system/docker.service.d/10-homelab-forwarding.conf 2>/dev/null || true)" != "$wanted" ]; then
  install -d -m 0755 /etc/systemd/system/docker.service.d
  printf "%s\\n" "$wanted" > /etc/systemd/system/docker.service.d/10-homelab-forwarding.conf
  systemctl daemon-reload
fi
/usr/sbin/iptables --wait --policy FORWARD DROP'`);
  expect(inputs.triggers).toEqual(["0123456789abcdef0123456789abcdef"]);
  expect(options.deletedWith).toBeDefined();
});

test("Docker is reached over SSH with one key and one known host, whatever ~/.ssh holds", async () => {
  const { inputs } = (await deploy(program)).get(types.dockerProvider, "tooling-docker");
  expect(inputs.host).toBe("ssh://ops@192.168.1.60");
  expect(JSON.parse(String(inputs.sshOpts))).toEqual([
    ...["-F", "/dev/null", "-i", "/home/me/.ssh/id"],
    ...[
      "-o",
      "IdentitiesOnly=yes",
      "-o",
      "BatchMode=yes",
      "-o",
      "ConnectTimeout=10",
      "-o",
      "StrictHostKeyChecking=yes",
    ],
    ...["-o", "UserKnownHostsFile=/dev/null", "-o", "GlobalKnownHostsFile=/dev/null"],
    ...["-o", "KnownHostsCommand=/bin/echo 192.168.1.60 ssh-ed25519 public-key-of-tooling-host-key"],
  ]);
});

test("before the first update the machine's id is unknown, and Docker on it can be previewed without it", async () => {
  const deployment = await deploy(program, { preview: true });
  expect(await (deployment.result.id as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(false);
  expect(deployment.get(types.dockerProvider, "tooling-docker").inputs).toMatchObject({
    host: "ssh://ops@192.168.1.60",
    disableDockerDaemonCheck: "true",
  });
});

test("the machine's id is what its first boot prints", async () => {
  expect(await resolved((await deploy(program)).result.id)).toBe("0123456789abcdef0123456789abcdef");
});

describe("the wait for the first boot, run for real", () => {
  const cloudInit = `case "$*" in "status --wait") exit "$STATUS";; "status --long") echo "detail: no route to mirror";; esac`;
  const sandbox = new Sandbox({ "cloud-init": cloudInit, cat: `[ "$1" = /etc/machine-id ] && echo the-machine-id` });
  afterAll(() => sandbox.remove());
  const boot = (status: number) => sandbox.run(firstBootCommand, { env: { STATUS: String(status) } });

  test.each([0, 2])("ends with the machine's id where cloud-init ends with status %i", async (status) => {
    expect(await boot(status)).toEqual({ status: 0, stdout: "the-machine-id\n", stderr: "" });
  });

  test.each([1, 124])("fails with cloud-init's own report where it ends with status %i", async (status) => {
    expect(await boot(status)).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `cloud-init ended with status ${status}; see /var/log/cloud-init-output.log on the machine:\n` +
        "detail: no route to mirror\n",
    });
  });
});

test("US5.3: a nightly backup job names the VM and thins out what it keeps", async () => {
  const { inputs } = (await deploy(program)).get(types.backupJob, "tooling-backup");
  expect(inputs).toEqual({
    resourceId: "tooling",
    enabled: true,
    schedule: "02:30",
    vmids: ["160"],
    storage: "local",
    mode: "snapshot",
    compress: "zstd",
    notesTemplate: "{{guestname}}",
    pruneBackups: { "keep-daily": "7", "keep-weekly": "4" },
    repeatMissed: true,
  });
});
