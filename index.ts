import * as docker from "@pulumi/docker";
import * as proxmox from "@pulumi/proxmoxve";

import { Edge } from "./components/edge";
import { Inventory } from "./components/inventory";
import { Pki } from "./components/pki";
import { ToolingVm } from "./components/tooling-vm";
import { loadConfig } from "./config";
import { readOperatorKey } from "./config/operator-key";
import { images } from "./versions";

const config = loadConfig();
const { domain, network: lan } = config;
const operatorKey = readOperatorKey(config.operatorKeyFile);

const provider = new proxmox.Provider("proxmox", {
  endpoint: config.proxmox.endpoint,
  apiToken: config.proxmoxApiToken,
  ssh: {
    username: config.proxmox.ssh.user,
    privateKey: operatorKey.privateKey,
    nodes: [{ name: config.proxmox.node, address: config.proxmox.ssh.address, port: config.proxmox.ssh.port }],
  },
});

const { node, nodeMemory, nodeCores, ssh } = config.proxmox;
new Inventory("inventory", {
  domain,
  node: { name: node, address: ssh.address, memory: nodeMemory, cores: nodeCores },
  guests: config.guests,
  network: lan,
});

const machine = new ToolingVm(
  "tooling",
  { vm: config.toolingVm, proxmox: config.proxmox, network: lan, domain, operatorKey },
  { providers: [provider] },
);

const network = new docker.Network(
  "tooling",
  { name: "tooling", labels: [{ label: "arpa.home.machine", value: machine.id }] },
  { parent: machine, provider: machine.docker, deletedWith: machine.resource, deleteBeforeReplace: true },
);

const pki = new Pki("pki", {
  machine,
  network,
  domain,
  pki: config.pki,
  image: config.images.stepCa ?? images.stepCa,
  dns: lan.dns,
});

const edge = new Edge("edge", {
  machine,
  network,
  services: [...config.services, pki.service],
  acmeDirectory: pki.acmeDirectory,
  rootCertificate: pki.rootCertificate,
  leafValidity: config.pki.leafValidity,
  image: config.images.traefik ?? images.traefik,
  dns: lan.dns,
});

/** Each service with its URL and how long its certificate took. */
export const services = edge.services;

/** What the devices of the house need to trust it all. */
export const rootCertificate = pki.rootCertificate;
export const rootFingerprint = pki.rootFingerprint;
export const rootUrl = pki.rootUrl;
