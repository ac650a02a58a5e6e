"use strict";

// The whole product, and beside it for each policy a resource of its name that it forbids. Only previews get that far, so
// nothing here is ever made.

const command = require("@pulumi/command");
const docker = require("@pulumi/docker");
const proxmox = require("@pulumi/proxmoxve");
const pulumi = require("@pulumi/pulumi");
const random = require("@pulumi/random");
const tls = require("@pulumi/tls");

const { GroupMembership } = require("../../../../../dist/providers/authentik");
const { Project } = require("../../../../../dist/providers/harbor");
const { File } = require("../../../../../dist/providers/host");
const outputs = require("../../../../../dist/index.js");

/** A public key, which is looked at before anything is connected to. */
const nobody = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** A file on the stack's machine, changed. */
const file = (name, change) =>
  new File(name, {
    connection: { host: "198.18.60.60", user: "ops", hostKey: nobody },
    installation: "bad",
    path: "/srv/bad/file",
    content: "",
    ...change,
  });

const daemon = (name) => new docker.Provider(name, { host: "tcp://198.18.60.1:9", disableDockerDaemonCheck: true });

/** A container that every policy lets pass, changed. */
const container = (name, change) =>
  new docker.Container(
    name,
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
    { provider: daemon(name) },
  );

const node = (name) =>
  new proxmox.Provider(name, { endpoint: "https://198.18.60.1:8006/", apiToken: pulumi.secret("bad@pve!bad=none") });

const snippet = (name, fileName, data) =>
  new proxmox.FileLegacy(
    name,
    { nodeName: "pve-mon", datastoreId: "local", contentType: "snippets", sourceRaw: { fileName, data } },
    { provider: node(name) },
  );

const violations = {
  "pinned-images": (name) => new docker.RemoteImage(name, { name: "traefik:latest" }, { provider: daemon(name) }),
  "memory-limits": (name) => container(name, { memory: undefined, memorySwap: undefined }),
  "no-privileged-containers": (name) => container(name, { privileged: true }),
  "docker-over-ssh": daemon,
  "host-commands": (name) =>
    new command.remote.Command(name, {
      connection: { host: "198.18.60.1", user: "ops", hostKey: nobody },
      create: "sudo docker run alpine",
    }),
  "host-files": (name) => file(name, { path: "/etc/cron.d/bad" }),
  "own-machines": (name) => file(name, { connection: { host: "198.18.60.1", user: "ops", hostKey: nobody } }),
  "ca-and-edge-files": (name) => file(name, { path: "/srv/edge/routes/bad.yml", content: "http: {}" }),
  "known-types": (name) => new docker.Plugin(name, { name: "bad" }, { provider: daemon(name) }),
  "human-administrators": (name) =>
    new GroupMembership(name, {
      connection: pulumi.secret({ endpoint: "https://auth.lab.home.arpa", address: "198.18.60.1", token: "none" }),
      group: "authentik Admins",
      username: "anna",
    }),
  "service-access": (name) =>
    new Project(name, {
      connection: pulumi.secret({ endpoint: "https://registry.home.arpa", address: "198.18.60.60", password: "none" }),
      name: "bad",
      public: true,
    }),
  "health-checks": (name) => container(name, { healthcheck: undefined }),
  "restart-policy": (name) => container(name, { restart: "no" }),
  "protected-state": (name) => new docker.Volume(name, { name: "bad" }, { provider: daemon(name) }),
  "home-arpa-names": (name) => {
    const { privateKeyPem } = new tls.PrivateKey(name, { algorithm: "ED25519" });
    return new tls.CertRequest(name, { privateKeyPem, dnsNames: ["*.home.arpa"] });
  },
  "least-privilege": (name) =>
    new proxmox.Acl(name, { path: "/", roleId: "Administrator", userId: "bad@pve" }, { provider: node(name) }),
  "guest-hardware": (name) => snippet(name, "bad.sh", pulumi.secret("#!/bin/sh\n")),
  "secret-copies": (name) =>
    file(name, {
      path: "/srv/harbor/bad.txt",
      content: pulumi.unsecret(outputs.registryAdmin).apply(({ password }) => password),
    }),
  "secret-inputs": (name) => snippet(name, "bad.yaml", "password: in clear"),
  "strong-keys": (name) => new random.RandomPassword(name, { length: 8 }),
};

for (const [policy, violate] of Object.entries(violations)) violate(policy);

module.exports = outputs;
