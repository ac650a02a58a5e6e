import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import { loadConfig, parseConfig } from "../../../config";
import { gib, sumSizes } from "../../../config/size";
import { projectRoot } from "../../../tools/versions";
import { images } from "../../../versions";
import {
  changed,
  configOf,
  homelab,
  problems,
  problemsOf,
  read,
  secretKeys,
  token,
  vmOf,
} from "../../helpers/unit/config-fixture";

describe("the house's config", () => {
  test("is valid, and its numbers are the mission's: 22.5 of 32 GiB, 15 vCPUs", () => {
    const config = read(homelab());
    const { guests, toolingVm, proxmox } = vmOf(config);
    expect(sumSizes(guests.map((guest) => guest.memory))).toBe(gib(16.5));
    expect(guests.reduce((sum, guest) => sum + guest.cores, 0)).toBe(11);
    expect(toolingVm).toMatchObject({
      address: "192.168.1.60",
      cores: 4,
      memory: gib(6),
      disk: gib(62),
      backup: { schedule: "02:30", keepDaily: 7, keepWeekly: 4 },
    });
    expect(proxmox).toMatchObject({
      endpoint: "https://192.168.1.10:8006",
      node: "pve-mon",
      nodeMemory: gib(32),
    });
    expect(config.operatorKeyFile).toBe(join(homedir(), ".ssh", "homelab_ed25519"));
    expect(toolingVm.image.checksum).toMatchObject({
      algorithm: "sha512",
      hex: expect.stringMatching(/^.{128}$/),
    });
  });

  test("becomes the service catalogue: each entry with its host", () => {
    const config = read(changed({ "services.0.host": "dash.home.arpa" }));
    expect(config.services.map(({ name, host }) => `${name} ${host}`)).toEqual([
      "grafana dash.home.arpa",
      "prometheus prometheus.home.arpa",
      "alertmanager alertmanager.home.arpa",
      "proxmox proxmox.home.arpa",
    ]);
  });

  test("has the token as a secret", async () => {
    const { proxmoxApiToken } = vmOf(read(homelab()));
    await expect(pulumi.isSecret(proxmoxApiToken)).resolves.toBe(true);
    expect(JSON.stringify(Object.keys(proxmoxApiToken))).not.toContain(token);
  });
});

test.each(readdirSync(projectRoot).filter((name) => /^Pulumi\.(?!lab\.)[^.]+\.yaml$/.test(name)))(
  "%s is accepted",
  (name) => {
    expect(problemsOf(configOf(join(projectRoot, name)))).toEqual([]);
  },
);

describe("defaults", () => {
  test("fill in what most homelabs share", () => {
    const config = read(
      changed({
        domain: undefined,
        pki: undefined,
        services: undefined,
        sso: undefined,
        "proxmox.bridge": undefined,
        "proxmox.datastores": undefined,
        "proxmox.ssh": { address: "192.168.1.10" },
        "network.inUse": undefined,
        "toolingVm.backup": {},
      }),
    );
    expect(config).toMatchObject({
      domain: "home.arpa",
      images,
      registry: {
        disk: gib(50),
        project: "homelab",
        quota: gib(40),
        keepTags: 10,
        schedule: { retention: "0 0 2 * * *", garbageCollection: "0 0 3 * * 0", scan: "0 0 4 * * *" },
        robotLifetime: "365 days",
        caches: [],
      },
      sso: {
        phase: 1,
        adminGroup: "admins",
        groups: ["admins", "family", "friends"],
        users: [],
        secondFactor: { groups: ["admins"], everyone: false },
        eventRetention: "90 days",
        linkValidity: "3 days",
        registry: { roles: [] },
        proxmox: { service: "proxmox", realm: "sso", origins: [], roles: [] },
      },
      services: [],
      network: { inUse: [] },
      vm: {
        proxmox: {
          bridge: "vmbr0",
          datastores: { files: "local", disks: "local-lvm", backups: "local" },
          ssh: { user: "root", port: 22 },
        },
        toolingVm: { backup: { schedule: "02:30", keepDaily: 7, keepWeekly: 4 } },
      },
      pki: {
        organization: "Homelab",
        rootValidity: 630720000,
        intermediateValidity: 157680000,
        leafValidity: 31536000,
      },
    });
  });

  test("US5.3: a VM is backed up unless the config says otherwise", () => {
    const backup = { enabled: true, schedule: "02:30", keepDaily: 7, keepWeekly: 4 };
    expect(vmOf(read(changed({ "toolingVm.backup": undefined }))).toolingVm.backup).toEqual(backup);
    const off = { enabled: false };
    expect(vmOf(read(changed({ "toolingVm.backup": off }))).toolingVm.backup).toEqual({ ...backup, ...off });
    expect(problems({ "toolingVm.backup": { enabled: "no" } })).toEqual([
      'homelab:toolingVm.backup.enabled: "no" is not true or false; write it like true',
    ]);
  });
});

describe("one error names every problem", () => {
  test("and Pulumi prints it without a stack trace", () => {
    const run = (): unknown =>
      read(changed({ domain: "example.com", "toolingVm.cores": 64, "toolingVm.memroy": "6 GiB" }));
    expect(run).toThrow(pulumi.RunError);
    expect(run).toThrow(
      new Error(
        [
          "The stack's config has 3 problems:",
          "  homelab:toolingVm.memroy: unknown key; did you mean homelab:toolingVm.memory?",
          '  homelab:domain: "example.com" is not home.arpa or a name below it, of labels of at most 63 letters, 189 in all; write it like home.arpa',
          "  homelab:toolingVm.cores: 64 is more than the node's 12 (homelab:proxmox.nodeCores); give the VM fewer cores",
        ].join("\n"),
      ),
    );
  });

  test("contradictions are found beside a broken setting of the same block", () => {
    expect(problems({ "toolingVm.memory": "6 GB", "toolingVm.vmId": 103, "guests.0.cores": 0 })).toEqual([
      "homelab:guests[0].cores: 0 is not a whole number from 1 to 128; write it like 4",
      'homelab:toolingVm.memory: "6 GB" is not an amount of memory in whole MiB, from 16 MiB to 4 TiB; write it like 6 GiB',
      'homelab:toolingVm.vmId: 103 is the VMID of the guest "monitoring" (homelab:guests[2].vmId); choose another',
    ]);
  });

  test("an empty config gets a command for each setting it needs", () => {
    const stack = "--stack homelab";
    const set = "missing; set it: npm run pulumi -- config set";
    expect(problemsOf({})).toEqual([
      `homelab:proxmox.endpoint: ${set} --path 'homelab:proxmox.endpoint' https://192.168.1.10:8006 ${stack}`,
      `homelab:proxmox.node: ${set} --path 'homelab:proxmox.node' pve-mon ${stack}`,
      `homelab:proxmox.nodeMemory: ${set} --path 'homelab:proxmox.nodeMemory' '32 GiB' ${stack}`,
      `homelab:proxmox.nodeCores: ${set} --path 'homelab:proxmox.nodeCores' 12 ${stack}`,
      `homelab:proxmox.ssh.address: ${set} --path 'homelab:proxmox.ssh.address' 192.168.1.10 ${stack}`,
      `homelab:proxmoxApiToken: ${set} --secret homelab:proxmoxApiToken ${stack}`,
      `homelab:operatorKeyFile: ${set} --path 'homelab:operatorKeyFile' '~/.ssh/homelab_ed25519' ${stack}`,
      `homelab:network.subnet: ${set} --path 'homelab:network.subnet' 192.168.1.0/24 ${stack}`,
      `homelab:network.gateway: ${set} --path 'homelab:network.gateway' 192.168.1.1 ${stack}`,
      `homelab:network.dns: ${set} --path 'homelab:network.dns[0]' 192.168.1.1 ${stack}`,
      "homelab:guests: missing; list each guest that runs on the node with name, vmId, memory and cores; " +
        `if none does, set it to []: npm run pulumi -- config set homelab:guests '[]' ${stack}`,
      `homelab:toolingVm.name: ${set} --path 'homelab:toolingVm.name' tooling ${stack}`,
      `homelab:toolingVm.vmId: ${set} --path 'homelab:toolingVm.vmId' 160 ${stack}`,
      `homelab:toolingVm.address: ${set} --path 'homelab:toolingVm.address' 192.168.1.60 ${stack}`,
      `homelab:toolingVm.cores: ${set} --path 'homelab:toolingVm.cores' 4 ${stack}`,
      `homelab:toolingVm.memory: ${set} --path 'homelab:toolingVm.memory' '6 GiB' ${stack}`,
      `homelab:toolingVm.disk: ${set} --path 'homelab:toolingVm.disk' '62 GiB' ${stack}`,
      `homelab:toolingVm.user: ${set} --path 'homelab:toolingVm.user' ops ${stack}`,
      `homelab:toolingVm.image.url: ${set} --path 'homelab:toolingVm.image.url' ` +
        "'https://cloud.debian.org/images/cloud/trixie/<build>/debian-13-genericcloud-amd64-<build>.qcow2' --stack homelab",
      `homelab:toolingVm.image.checksum: ${set} --path 'homelab:toolingVm.image.checksum' 'sha512:<128 hex digits>' ${stack}`,
    ]);
  });
});

describe("loadConfig", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  test("reads the running stack's config, secrets included, and leaves other packages' keys alone", async () => {
    const texts = Object.entries({ ...homelab(), "proxmoxve:insecure": "true" }).map(([key, value]) => {
      return [key, typeof value === "string" ? value : JSON.stringify(value)];
    });
    pulumi.runtime.setAllConfig(Object.fromEntries(texts) as Record<string, string>, secretKeys);
    const config = loadConfig();
    expect(config.domain).toBe("home.arpa");
    await expect(pulumi.isSecret(vmOf(config).proxmoxApiToken)).resolves.toBe(true);
  });

  test("a text that only looks like JSON is reported as it stands", () => {
    const run = (): unknown =>
      parseConfig({ "homelab:network": "{subnet" }, { secretKeys: [], project: "homelab", stack: "homelab" });
    expect(run).toThrow('homelab:network: "{subnet" is not a block of settings (subnet, gateway, dns, inUse)');
  });
});
