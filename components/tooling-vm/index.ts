import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as proxmox from "@pulumi/proxmoxve";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import type { VmConfig } from "../../config/schema";
import { OperatorKey } from "../../config/operator-key";
import { toGiB, toMiB } from "../../config/size";
import { dockerOverSsh } from "../host/docker-over-ssh";
import { commandOptions, lastLine, Machine, MachineConnection } from "../host/machine";
import { backupJob } from "./backup-job";
import { userData } from "./cloud-init";
import { firstBootCommand } from "./first-boot";
import { forwardingCommand } from "./forwarding";
import { vmIdOfOurs } from "./vm-id";

/** Arguments of {@link ToolingVm}. */
export interface ToolingVmArgs {
  /** Size, place and image of the VM: `homelab:toolingVm`. */
  vm: VmConfig["toolingVm"];
  /** Node, bridge and datastores: `homelab:proxmox`. */
  proxmox: VmConfig["proxmox"];
  /** Gateway, subnet and DNS servers: `homelab:network`. */
  network: VmConfig["network"];
  /** Below which every name is, `home.arpa`. */
  domain: string;
  /** Key pair that may log in. */
  operatorKey: OperatorKey;
}

/**
 * The VM that carries the stack: a Debian cloud image, configured by cloud-init, reached over SSH with a host key that
 * is known before the machine exists. The VM is protected: `pulumi state unprotect` comes before a wanted deletion.
 *
 * Later changes of the user data do not touch a running VM; they apply when it is rebuilt.
 */
export class ToolingVm extends pulumi.ComponentResource implements Machine {
  readonly name: string;
  readonly address: string;
  readonly id: pulumi.Output<string>;
  readonly connection: MachineConnection;
  readonly docker: docker.Provider;
  readonly resource: proxmox.VmLegacy;

  constructor(name: string, args: ToolingVmArgs, opts: pulumi.ComponentResourceOptions) {
    super("homelab:host:ToolingVm", name, args, opts);
    const hostKey = new tls.PrivateKey(`${name}-host-key`, { algorithm: "ED25519" }, { parent: this });
    const image = cloudImage(this, name, args);
    const snippet = userDataSnippet(this, name, args, hostKey, image);

    this.name = args.vm.name;
    this.address = args.vm.address;
    this.resource = virtualMachine(this, name, args, image, snippet);
    // Proxmox takes a VM that it deletes out of every job, so the job comes after the VM.
    backupJob(name, args, { parent: this, dependsOn: [this.resource] });
    this.connection = {
      host: args.vm.address,
      user: args.vm.user,
      hostKey: hostKey.publicKeyOpenssh,
      dialErrorLimit: 8,
      perDialTimeout: 4,
    };
    this.id = firstBoot(this, name, this.connection, this.resource);
    new command.remote.Command(
      `${name}-forwarding`,
      { connection: this.connection, create: forwardingCommand, triggers: [this.id] },
      { parent: this, ...commandOptions(this.resource) },
    );
    const login = { address: args.vm.address, user: args.vm.user, keyFile: args.operatorKey.file };
    this.docker = dockerOverSsh(name, { ...login, hostKey: hostKey.publicKeyOpenssh }, this);
    this.registerOutputs({ address: this.address, id: this.id });
  }
}

function cloudImage(vm: ToolingVm, name: string, args: ToolingVmArgs): proxmox.download.File {
  const { url, checksum } = args.vm.image;
  return new proxmox.download.File(
    `${name}-image`,
    {
      nodeName: args.proxmox.node,
      datastoreId: args.proxmox.datastores.files,
      contentType: "import",
      url,
      fileName: url.slice(url.lastIndexOf("/") + 1),
      checksum: checksum.hex,
      checksumAlgorithm: checksum.algorithm,
      // The checksum already tells whether the file is the right one; sizes are not compared again.
      overwrite: false,
    },
    { parent: vm },
  );
}

function userDataSnippet(
  vm: ToolingVm,
  name: string,
  args: ToolingVmArgs,
  hostKey: tls.PrivateKey,
  image: proxmox.download.File,
): proxmox.FileLegacy {
  const data = pulumi.secret(
    pulumi.all([hostKey.privateKeyOpenssh, hostKey.publicKeyOpenssh]).apply(([privateKey, publicKey]) =>
      userData({
        hostname: args.vm.name,
        domain: args.domain,
        user: args.vm.user,
        authorizedKey: args.operatorKey.publicKey,
        hostKey: { private: privateKey, public: publicKey.trim() },
      }),
    ),
  );
  return new proxmox.FileLegacy(
    `${name}-user-data`,
    {
      nodeName: args.proxmox.node,
      datastoreId: args.proxmox.datastores.files,
      contentType: "snippets",
      fileMode: "0600",
      sourceRaw: { fileName: `${args.vm.name}-user-data.yaml`, data },
    },
    // Created first and deleted after, the new file would be the one that is deleted. It waits for the image, which says
    // at once when Proxmox can't be reached; this resource tries for a minute.
    { parent: vm, deleteBeforeReplace: true, dependsOn: [image] },
  );
}

function virtualMachine(
  vm: ToolingVm,
  name: string,
  args: ToolingVmArgs,
  image: proxmox.download.File,
  snippet: proxmox.FileLegacy,
): proxmox.VmLegacy {
  const { datastores, node, bridge, pool } = args.proxmox;
  return new proxmox.VmLegacy(
    name,
    {
      nodeName: node,
      vmId: vmIdOfOurs(vm, args.vm.vmId, pool),
      // What the token may do with the VM is granted on the pool: rights on the VM's own path go with it, and with them the
      // one to make it again. No tags: a new VM's need a right on its own path (qemu-server 9.2.0).
      poolId: pool,
      name: args.vm.name,
      description: "Certificate authority, image registry and single sign-on. Managed by Pulumi.",
      cpu: { cores: args.vm.cores, type: "x86-64-v2-AES" },
      memory: { dedicated: toMiB(args.vm.memory), floating: 0 },
      scsiHardware: "virtio-scsi-single",
      bootOrders: ["scsi0"],
      disks: [
        {
          interface: "scsi0",
          datastoreId: datastores.disks,
          importFrom: image.id,
          size: toGiB(args.vm.disk),
          iothread: true,
          discard: "on",
        },
      ],
      // Left out, the provider asks for the node's own drive, which takes a privilege on the whole host.
      cdrom: { fileId: "none" },
      networkDevices: [{ bridge, model: "virtio" }],
      initialization: {
        datastoreId: datastores.disks,
        // Debian's cloud kernel has no driver for the IDE drive Proxmox would use on q35.
        interface: "scsi1",
        ipConfigs: [
          { ipv4: { address: `${args.vm.address}/${args.network.subnet.prefix}`, gateway: args.network.gateway } },
        ],
        dns: { servers: args.network.dns, domain: args.domain },
        // A literal id: taken as an output, each change of the file would replace the VM.
        userDataFileId: `${datastores.files}:snippets/${args.vm.name}-user-data.yaml`,
      },
      agent: { enabled: true, timeout: "10m", waitForIp: { ipv4: true } },
      operatingSystem: { type: "l26" },
      serialDevices: [{ device: "socket" }],
      vga: { type: "serial0" },
      onBoot: true,
      stopOnDestroy: true,
      deleteUnreferencedDisksOnDestroy: false,
      // Purged, a VM that is replaced would lose its backup job and come back without one.
      purgeOnDestroy: false,
    },
    {
      parent: vm,
      dependsOn: [snippet],
      protect: true,
      deleteBeforeReplace: true,
      // The image is read at the first boot only; a running VM is not replaced for a newer one.
      ignoreChanges: ["disks[0].importFrom", "disks[0].speed"],
    },
  );
}

/** Resolves to the machine id once cloud-init has finished without an error. */
function firstBoot(
  vm: ToolingVm,
  name: string,
  connection: MachineConnection,
  resource: proxmox.VmLegacy,
): pulumi.Output<string> {
  const boot = new command.remote.Command(
    `${name}-first-boot`,
    {
      connection,
      create: firstBootCommand,
      // A new VM has new MAC addresses, whatever its VMID.
      triggers: [resource.macAddresses],
    },
    { parent: vm, ...commandOptions(resource) },
  );
  return boot.stdout.apply(lastLine);
}
