"use strict";

// The whole product, and beside it one resource that a policy forbids: the one that HOMELAB_VIOLATION names. Only previews
// get that far, so nothing here is ever made.

const command = require("@pulumi/command");
const docker = require("@pulumi/docker");
const proxmox = require("@pulumi/proxmoxve");
const pulumi = require("@pulumi/pulumi");
const random = require("@pulumi/random");
const tls = require("@pulumi/tls");

const { GroupMembership } = require("../../../../dist/providers/authentik");
const { Project } = require("../../../../dist/providers/harbor");
const { File } = require("../../../../dist/providers/host");
const outputs = require("../../../../dist/index.js");

/** A public key, which is looked at before anything is connected to. */
const nobody = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** A file on the stack's machine, changed. */
const file = (change) =>
  new File("bad", {
    connection: { host: "198.18.60.60", user: "ops", hostKey: nobody },
    installation: "bad",
    path: "/srv/bad/file",
    content: "",
    ...change,
  });

const daemon = () => new docker.Provider("bad", { host: "tcp://198.18.60.1:9", disableDockerDaemonCheck: true });

/** A container that every policy lets pass, changed. */
const container = (change) =>
  new docker.Container(
    "bad",
    {
      name: "bad",
      image: `registry.home.arpa/bad@sha256:${"0".repeat(64)}`,
      memory: 64,
      memorySwap: 128,
      restart: "unless-stopped",
      healthcheck: { tests: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"] },
      user: "65532:65532",
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      ...change,
    },
    { provider: daemon() },
  );

const node = () =>
  new proxmox.Provider("bad", { endpoint: "https://198.18.60.1:8006/", apiToken: pulumi.secret("bad@pve!bad=none") });

const snippet = (fileName, data) =>
  new proxmox.FileLegacy(
    "bad",
    { nodeName: "pve-mon", datastoreId: "local", contentType: "snippets", sourceRaw: { fileName, data } },
    { provider: node() },
  );

const violations = {
  "pinned-images": () => new docker.RemoteImage("bad", { name: "traefik:latest" }, { provider: daemon() }),
  "memory-limits": () => container({ memory: undefined, memorySwap: undefined }),
  "no-privileged-containers": () => container({ privileged: true }),
  "docker-over-ssh": daemon,
  "host-commands": () =>
    new command.remote.Command("bad", {
      connection: { host: "198.18.60.1", user: "ops", hostKey: "ssh-ed25519 AAAA" },
      create: "sudo docker run alpine",
    }),
  "host-files": () => file({ path: "/etc/cron.d/bad" }),
  "own-machines": () => file({ connection: { host: "198.18.60.1", user: "ops", hostKey: nobody } }),
  "ca-and-edge-files": () => file({ path: "/srv/edge/routes/bad.yml", content: "http: {}" }),
  "known-types": () => new docker.Plugin("bad", { name: "bad" }, { provider: daemon() }),
  "human-administrators": () =>
    new GroupMembership("bad", {
      connection: pulumi.secret({ endpoint: "https://auth.lab.home.arpa", address: "198.18.60.1", token: "none" }),
      group: "authentik Admins",
      username: "anna",
    }),
  "service-access": () =>
    new Project("bad", {
      connection: pulumi.secret({ endpoint: "https://registry.home.arpa", address: "198.18.60.60", password: "none" }),
      name: "bad",
      public: true,
    }),
  "health-checks": () => container({ healthcheck: undefined }),
  "restart-policy": () => container({ restart: "no" }),
  "protected-state": () => new docker.Volume("bad", { name: "bad" }, { provider: daemon() }),
  "home-arpa-names": () => {
    const { privateKeyPem } = new tls.PrivateKey("bad", { algorithm: "ED25519" });
    return new tls.CertRequest("bad", { privateKeyPem, dnsNames: ["*.home.arpa"] });
  },
  "least-privilege": () =>
    new proxmox.Acl("bad", { path: "/", roleId: "Administrator", userId: "bad@pve" }, { provider: node() }),
  "guest-hardware": () => snippet("bad.sh", pulumi.secret("#!/bin/sh\n")),
  "secret-copies": () =>
    file({
      path: "/srv/harbor/bad.txt",
      content: pulumi.unsecret(outputs.registryAdmin).apply(({ password }) => password),
    }),
  "secret-inputs": () => snippet("bad.yaml", "password: in clear"),
  "strong-keys": () => new random.RandomPassword("bad", { length: 8 }),
};

violations[process.env.HOMELAB_VIOLATION]();

module.exports = outputs;
