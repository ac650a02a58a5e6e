import * as docker from "@pulumi/docker";
import * as proxmox from "@pulumi/proxmoxve";
import * as pulumi from "@pulumi/pulumi";

import { Edge } from "./components/edge";
import { dashboardEntry } from "./components/edge/dashboard";
import { Inventory } from "./components/inventory";
import { Pki } from "./components/pki";
import { Registry } from "./components/registry";
import { RegistryContents } from "./components/registry/contents";
import { FindingsExporter } from "./components/registry/findings";
import { RegistryReady } from "./components/registry/ready";
import { Sso } from "./components/sso";
import { SsoAccess } from "./components/sso/access";
import { Applications } from "./components/sso/applications";
import { GrafanaLogin } from "./components/sso/clients/grafana-login";
import { ProxmoxLogin } from "./components/sso/clients/proxmox-login";
import { RegistryLogin } from "./components/sso/clients/registry-login";
import { People } from "./components/sso/people";
import { SsoReady } from "./components/sso/ready";
import { ToolingVm } from "./components/tooling-vm";
import { loadConfig } from "./config";
import { readOperatorKey } from "./config/operator-key";

const config = loadConfig();
const { domain, network: lan, sso: signOn } = config;
const operatorKey = readOperatorKey(config.operatorKeyFile);

const provider = new proxmox.Provider("proxmox", {
  endpoint: config.proxmox.endpoint,
  apiToken: config.proxmoxApiToken,
  ssh: {
    username: config.proxmox.ssh.user,
    agent: true,
    nodes: [{ name: config.proxmox.node, address: config.proxmox.ssh.address, port: config.proxmox.ssh.port }],
  },
});

const { node, endpoint, nodeMemory, nodeCores, ssh } = config.proxmox;
new Inventory("inventory", {
  domain,
  node: { name: node, endpoint, address: ssh.address, memory: nodeMemory, cores: nodeCores },
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
  domain,
  pki: config.pki,
  image: config.images.stepCa,
  dns: lan.dns,
});

const registry = new Registry("harbor", {
  machine,
  network,
  domain,
  images: config.images,
  groups: [signOn.adminGroup, ...signOn.registry.roles.map(({ group }) => group)],
  rootCertificate: pki.rootCertificate,
  dns: lan.dns,
});

const sso = new Sso("authentik", {
  machine,
  network,
  domain,
  images: config.images,
  rootCertificate: pki.rootCertificate,
  dns: lan.dns,
});

const catalogue = [
  ...config.services,
  pki.service,
  registry.service,
  sso.service,
  ...(signOn.phase === 2 ? [dashboardEntry(domain, [signOn.adminGroup])] : []),
];

const edge = new Edge("edge", {
  machine,
  networks: [network, pki.network],
  services: catalogue,
  signOn: sso.upstream,
  acmeDirectory: pki.acmeDirectory,
  rootCertificate: pki.rootCertificate,
  leafValidity: config.pki.leafValidity,
  image: config.images.traefik,
  dns: lan.dns,
});

const registryReady = new RegistryReady("harbor-ready", { machine, registry }, { dependsOn: [edge] });
const ssoReady = new SsoReady("authentik-ready", { machine, sso }, { dependsOn: [edge] });

const contents = new RegistryContents(
  "registry",
  { machine, connection: registry.connection, registryStore: registry.registryStore, registry: config.registry },
  { dependsOn: [registryReady] },
);

new FindingsExporter("harbor-findings", {
  machine,
  registry,
  image: config.images.node,
  robot: contents.findingsRobot,
});

const access = new SsoAccess(
  "sso",
  { machine, connection: sso.connection, url: sso.url, containerIds: sso.containerIds, sso: signOn },
  { dependsOn: [ssoReady] },
);

const people = new People(
  "people",
  { machine, authentik: access.authentik, recoveryFlow: access.recoveryFlow, sso: signOn },
  { dependsOn: [access.last] },
);

const applications = new Applications("applications", {
  machine,
  access,
  url: sso.url,
  services: catalogue,
  sso: signOn,
});

const { connection } = registry;
const { project } = config.registry;
applications.setUp(registry.service.name, (application) => {
  const args = { machine, connection, application, project, sso: signOn };
  return new RegistryLogin("registry-login", args, { dependsOn: [contents] });
});

const { grafana } = signOn;
if (grafana) {
  const administrator = { username: grafana.user, password: config.grafanaPassword };
  applications.setUp(grafana.service, (application) => {
    const args = { machine, rootCertificate: pki.rootCertificate, administrator, application, sso: signOn };
    return new GrafanaLogin("grafana-login", args, { dependsOn: [edge] });
  });
}

applications.setUp(
  signOn.proxmox.service,
  (application) => new ProxmoxLogin("proxmox-login", { application, sso: signOn }, { providers: [provider] }),
);

/** Each service with its URL and how long its certificate took. */
export const services = edge.services;

/** What the devices of the house need to trust it all. */
export const rootCertificate = pki.rootCertificate;
export const rootFingerprint = pki.rootFingerprint;
export const rootUrl = pki.rootUrl;

/** What another machine needs to pull: `npm run registry:client` sets it up. */
export const registryClient = pulumi.secret({
  host: registry.service.host,
  address: machine.address,
  rootCertificate: pki.rootCertificate,
  username: contents.pullRobot.name,
  password: contents.pullRobot.secret,
});

/** What a build logs in with to push, and the project it pushes to. */
export const registryPush = pulumi.secret({
  project: `${registry.service.host}/${config.registry.project}`,
  username: contents.pushRobot.name,
  password: contents.pushRobot.secret,
});

/** The administrator's login to Harbor's web page. The program uses it too, so the password has to stay. */
export const registryAdmin = pulumi.secret({ username: "admin", password: registry.adminPassword });

/** By service, what it is set up with by hand to ask the single sign-on. */
export const ssoClients = applications.clients();

/** By user, the link to choose a password with. It works once. */
export const ssoLinks = people.links;

/** How Authentik is administered, by `npm run sso` and, as `akadmin`, in its web page. The program uses the token too. */
export const ssoAdmin = pulumi.secret({
  url: sso.url,
  address: machine.address,
  rootCertificate: pki.rootCertificate,
  token: sso.connection.token,
  username: "akadmin",
  password: sso.adminPassword,
});
