import * as docker from "@pulumi/docker";
import * as proxmox from "@pulumi/proxmoxve";
import * as pulumi from "@pulumi/pulumi";

/**
 * A Pulumi program for measuring the policies: a house of 200 guests and a stack of 1,000 resources, in which every policy
 * finds all well. It is only ever previewed; its providers reach nobody.
 */
const gib = 1024 ** 3;
const guests = Array.from({ length: 200 }, (_, index) => ({
  name: `guest-${index}`,
  vmId: 1000 + index,
  memory: gib,
  cores: 1,
  address: `10.0.1.${index + 1}`,
}));

const subnet = { cidr: "10.0.0.0/16", first: 10 * 2 ** 24, last: 10 * 2 ** 24 + 2 ** 16 - 1, prefix: 16 };
const inventory = {
  domain: "home.arpa",
  node: { name: "node", address: "10.0.0.1", memory: 1024 * gib, cores: 64 },
  guests,
  network: { subnet, gateway: "10.0.0.254", dns: ["10.0.0.254"], inUse: [] },
};
new pulumi.ComponentResource("homelab:host:Inventory", "inventory", inventory);

const node = new proxmox.Provider("node", {
  endpoint: "https://127.0.0.1:9/",
  apiToken: pulumi.secret("synthetic@pve!none=none"),
});
const vm = new proxmox.VmLegacy(
  "vm",
  {
    nodeName: "node",
    vmId: 100,
    memory: { dedicated: 64 * 1024 },
    initialization: { ipConfigs: [{ ipv4: { address: "10.0.2.1/16", gateway: "10.0.0.254" } }] },
  },
  { provider: node, protect: true },
);
new proxmox.backup.Job(
  "backup",
  { resourceId: "backup", schedule: "02:30", storage: "local", vmids: ["100"], pruneBackups: { "keep-daily": "7" } },
  { provider: node, dependsOn: [vm] },
);

const daemon = new docker.Provider("daemon", { host: "tcp://127.0.0.1:9", disableDockerDaemonCheck: true });
for (let index = 0; index < 994; index += 1) {
  new docker.Container(
    `container-${index}`,
    {
      name: `container-${index}`,
      image: `registry.home.arpa/synthetic@sha256:${"0".repeat(64)}`,
      memory: 32,
      memorySwap: 64,
      restart: "unless-stopped",
      healthcheck: { tests: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"] },
    },
    { provider: daemon },
  );
}
