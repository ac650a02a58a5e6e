import {
  type Parameters,
  refusal,
  TestNode,
  tokens,
  verificationFailed,
  vm160,
} from "../../../helpers/contract/proxmox-node";

const qemu = "/nodes/pve-mon/qemu";
const local = "/nodes/pve-mon/storage/local";
const unknownProperty = "property is not defined in schema and the schema does not allow additional properties";
const missingProperty = "property is missing and it is not optional";

const node = new TestNode();
beforeAll(() => node.startWithVm());
afterAll(() => node.remove());

describe("the Proxmox stand-in refuses wrong parameters in Proxmox's words", () => {
  const create = (change: Parameters) => node.call("POST", qemu, { ...vm160, vmid: 170, ...change }).then(refusal);

  test.each<[string, Parameters, Record<string, string>]>([
    ["an unknown parameter", { ram: 4 }, { ram: unknownProperty }],
    ["a device number that is too high", { net32: "virtio" }, { net32: unknownProperty }],
    ["a word for a number", { cores: "four" }, { cores: "type check ('integer') failed - got 'four'" }],
    ["a word for a boolean", { onboot: "yes" }, { onboot: "type check ('boolean') failed - got 'yes'" }],
    ["no cores", { cores: 0 }, { cores: "value must have a minimum value of 1" }],
    ["a low VM id", { vmid: 99 }, { vmid: "value must have a minimum value of 100" }],
    [
      "too little memory",
      { memory: 8 },
      { memory: "invalid format - format error\nmemory.current: value must have a minimum value of 16\n" },
    ],
    [
      "a value outside an enumeration",
      { bios: "uefi" },
      { bios: "value 'uefi' does not have a value in the enumeration 'seabios, ovmf'" },
    ],
    ["a bad name", { name: "tooling_vm" }, { name: "invalid format - value does not look like a valid DNS name\n" }],
    [
      "an unknown disk option",
      { scsi0: "local-lvm:8,fast=1" },
      { scsi0: `invalid format - format error\nscsi0.fast: ${unknownProperty}\n` },
    ],
    [
      "a multicast hardware address",
      { net0: "virtio=01:00:00:00:00:01" },
      {
        net0: "invalid format - format error\nnet0.macaddr: invalid format - value does not look like a valid unicast MAC address\n",
      },
    ],
    [
      "an address without a prefix",
      { ipconfig0: "ip=198.18.60.60" },
      {
        ipconfig0:
          "invalid format - format error\nipconfig0.ip: invalid format - value does not look like a valid ipv4 network configuration\n",
      },
    ],
    ["two mistakes", { cores: 0, ram: 4 }, { cores: "value must have a minimum value of 1", ram: unknownProperty }],
    [
      "an ISO as a disk to import",
      { scsi0: "local-lvm:0,import-from=local:iso/debian.iso" },
      { scsi0: "local:iso/debian.iso has wrong type 'iso' - needs to be 'images' or 'import'" },
    ],
    ["a disk where no disks are", { scsi0: "local:8" }, { storage: "storage 'local' does not support vm images" }],
  ])("%s", async (_, change, errors) => {
    expect(await create(change)).toEqual(verificationFailed(errors));
  });

  test("a missing parameter", async () => {
    expect(refusal(await node.call("POST", qemu, { name: "x" }))).toEqual(
      verificationFailed({ vmid: missingProperty }),
    );
  });

  test("the body of an answer has Proxmox's shape", async () => {
    const { data, message, errors } = await node.call("POST", qemu, {});
    expect({ data, message, errors }).toEqual({
      data: null,
      message: "Parameter verification failed.\n",
      errors: { vmid: missingProperty },
    });
  });

  test("JSON is read as well as a form", async () => {
    const answer = await node.raw("POST", `/api2/json${qemu}`, JSON.stringify({ vmid: 171, onboot: true, ram: 1 }), {
      "content-type": "application/json",
      authorization: `PVEAPIToken=${tokens.admin}=11111111-2222-3333-4444-555555555555`,
    });
    expect(refusal(answer)).toEqual(verificationFailed({ ram: unknownProperty }));
  });

  test.each<[string, string, string, Parameters, Record<string, string>]>([
    [
      "a checksum without its algorithm",
      "POST",
      `${local}/download-url`,
      { content: "import", filename: "x.qcow2", url: "http://x/x", checksum: "1" },
      { "checksum-algorithm": "missing property - 'checksum' requires this property" },
    ],
    [
      "a file name that leaves the folder",
      "POST",
      `${local}/download-url`,
      { content: "import", filename: "../x.qcow2", url: "http://x/x" },
      { filename: "invalid filename or wrong extension" },
    ],
    [
      "an image with the name of an archive",
      "POST",
      `${local}/download-url`,
      { content: "iso", filename: "x.zip", url: "http://x/x" },
      { filename: "wrong file extension" },
    ],
    ["a VM id in use", "GET", "/cluster/nextid", { vmid: 101 }, { vmid: "VM 101 already exists" }],
    [
      "a backup of everything and of one guest",
      "POST",
      "/cluster/backup",
      { id: "x1", schedule: "02:30", vmid: "101", all: 1 },
      { all: "option conflicts with option 'vmid'" },
    ],
    [
      "a backup of nothing",
      "POST",
      "/cluster/backup",
      { id: "x1", schedule: "02:30" },
      { vmid: "property is missing" },
    ],
    [
      "a backup at no time",
      "POST",
      "/cluster/backup",
      { id: "x1", vmid: "101" },
      { schedule: "neither 'starttime' nor 'schedule' were set" },
    ],
    ["an unknown backup job", "DELETE", "/cluster/backup/none", {}, { id: "No such job 'none'" }],
    [
      "an OpenID realm without an issuer",
      "POST",
      "/access/domains",
      { realm: "authentik", type: "openid", "client-id": "proxmox" },
      { "issuer-url": missingProperty },
    ],
  ])("%s", async (_, method, path, parameters, errors) => {
    expect(refusal(await node.call(method, path, parameters))).toEqual(verificationFailed(errors));
  });
});
