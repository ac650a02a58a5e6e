import { parse, stringify } from "yaml";

import { types } from "../../../../policies/types";
import { notYetKnown, type TestResource } from "../harness";
import { nas } from "../hosts";
import { another, find, providing, rows, setting, type Mutation, type Row } from "./mutation";

type Change = Mutation["change"];

interface Entry {
  name: string;
  branches?: { clients?: string[] }[];
}

/** Changes the entries of an edge. */
const serving =
  (edge: string, change: (entries: Entry[], stack: TestResource[]) => unknown[]): Change =>
  (stack) => {
    const component = find(stack, types.edge, edge);
    component.inputs = { ...component.inputs, services: change(component.inputs?.services as Entry[], stack) };
  };

/** Changes the one entry of a name. */
const entry = (name: string, change: object): Change =>
  serving("edge", (all) => all.map((each) => (each.name === name ? { ...each, ...change } : each)));

const servedBy = (stack: readonly TestResource[], edge: string): Entry[] =>
  find(stack, types.edge, edge).inputs?.services as Entry[];

/** Changes a text of Traefik's. */
const written = (name: string, change: (text: string) => string): Change => {
  return (stack) => {
    const file = find(stack, types.hostFile, name);
    file.inputs = { ...file.inputs, content: change(String(file.inputs?.content)) };
  };
};

const directory = (from: string, to: string) => (text: string) => text.replace(from, to);
const [internal, byName] = ["https://step-ca:9000/acme/acme/directory", "https://ca.home.arpa/acme/acme/directory"];

const branch = { name: "acme", upstream: "https://step-ca:9000", paths: ["/acme/acme/"] };
const ofCa = "its entry ca has another `branches` than its feature gives it";

const nasTraefik = (inputs: object): Change => setting(types.container, "edge-nas-traefik", { ...inputs });

const entries: readonly Row[] = [
  ...[["192.168.1.54", "192.168.1.66"], ["192.168.1.0/24"], []].map((clients): Row => {
    return [
      `certificates for ${clients.join(", ") || "nobody"}`,
      entry("ca", { branches: [{ ...branch, clients }] }),
      ofCa,
    ];
  }),
  ["certificates for everybody", entry("ca", { branches: [branch] }), ofCa],
  ["more of step-ca", entry("ca", { paths: undefined }), "its entry ca has another `paths` than its feature gives it"],
  ["an entry that isn't known", entry("ca", { branches: notYetKnown }), ofCa],
  [
    "the house's entry on another machine",
    (stack) => {
      const [grafana] = servedBy(stack, "edge");
      serving("edge", (all) => all.slice(1))(stack);
      serving("edge-nas", (all) => [...all, grafana])(stack);
    },
    "it serves grafana on nas, which the config has on tooling; leave the entries to the plan (components/plan.ts)",
  ],
  [
    "an entry of two edges",
    serving("edge-nas", (all, stack) => [...all, servedBy(stack, "edge")[0]]),
    'it serves grafana, as homelab:Edge "edge" does',
  ],
  ["an entry twice", serving("edge", (all) => [...all, all[0]]), 'it serves grafana, as homelab:Edge "edge" does'],
  [
    "an entry that no edge has",
    serving("edge-nas", () => []),
    "no edge serves registry; leave the entries to the plan",
  ],
  [
    "a dashboard that phase 1 has not",
    (stack) => {
      const { inputs = {} } = find(stack, types.ssoAccess, "sso");
      setting(types.ssoAccess, "sso", { sso: { ...(inputs.sso as object), phase: 1 } })(stack);
    },
    "it serves traefik, the name of a service that the stack doesn't have",
  ],
  [
    "a machine whose entries nothing tells",
    setting(types.ssoAccess, "sso", { sso: undefined }),
    "what the config has served on nas is not told; make it with the inventory",
  ],
  [
    "an edge on two machines",
    (stack) => {
      another(types.container, "edge-traefik")(stack);
      providing(types.container, "edge-traefik-again", "nas-docker")(stack);
    },
    "its parts are on tooling and nas; make an edge on each",
  ],
  [
    "a route of the other machine's",
    (stack) => {
      const connection = find(stack, types.hostFile, "edge-nas-common").inputs?.connection as object;
      another(types.hostFile, "edge-route-grafana", { connection })(stack);
    },
    "it writes /srv/edge/routes/grafana.yml, which is no file of its component's; put it elsewhere",
  ],
  [
    "a route by which the other machine answers",
    written("edge-nas-route-registry", (text) => text.replaceAll(nas.address, "192.168.1.60")),
    "/srv/edge/routes/registry.yml is not what its component writes",
  ],
  [
    "a rule for another client",
    written("edge-route-ca", (text) => text.replace("ClientIP(`192.168.1.54`)", "ClientIP(`0.0.0.0/0`)")),
    "/srv/edge/routes/ca.yml is not what its component writes",
  ],
];

const traefik: readonly Row[] = [
  [
    "a CA that is asked on a network that isn't there",
    written("edge-nas-static", directory(byName, internal)),
    "/srv/edge/traefik.yml is not what its component writes",
  ],
  [
    "a CA beside it that is asked through itself",
    written("edge-static", directory(internal, byName)),
    "/srv/edge/traefik.yml is not what its component writes",
  ],
  [
    "an edge on the CA's network",
    nasTraefik({ networksAdvanced: [{ name: "tooling" }, { name: "pki" }] }),
    "its `networksAdvanced` are tooling, pki; set them to tooling",
  ],
  [
    "logins that are asked for where nobody answers",
    setting(types.edge, "edge-nas", { signOn: "http://authentik-server:9000" }),
    "it asks for logins at http://authentik-server:9000, which is no container of the stack",
  ],
  [
    "logins that are asked for at another container",
    setting(types.edge, "edge", { signOn: "http://harbor-core:8080" }),
    "it asks for logins at http://harbor-core:8080, which is no container of the stack",
  ],
  [
    "another machine that is believed",
    setting(types.edge, "edge", { passesOn: ["192.168.1.54"] }),
    "it believes 192.168.1.54 whose request it passes on; believe edges that ask through this one",
  ],
  [
    "everybody who is believed",
    written("edge-static", (text) => {
      const config = parse(text) as { entryPoints: { websecure: object } };
      Object.assign(config.entryPoints.websecure, { forwardedHeaders: { trustedIPs: ["0.0.0.0/0"] } });
      return stringify(config);
    }),
    "/srv/edge/traefik.yml is not what its component writes",
  ],
];

/** Ways to have something else served on two machines, asked for or reached there, than the config says. */
export const hostEdgeMutations: readonly Mutation[] = [
  ...rows("ca-and-edge-files", ...entries, ...traefik),
  ...rows("home-arpa-names", [
    "a name of others on the other machine",
    serving("edge-nas", (all) => all.map((each) => ({ ...each, host: "registry.example.org" }))),
    "`services[].host` has registry.example.org, which is not under home.arpa",
  ]),
  ...rows("sso-coverage", [
    "a service with accounts of its own on the other machine",
    serving("edge-nas", (all) => all.map((each) => ({ ...each, auth: "native" }))),
    "the service registry has auth native, so it is not behind single sign-on",
  ]),
  ...rows(
    "service-access",
    [
      "Harbor asked at the VM",
      setting(`${types.dynamic}/harbor:Project`, "registry-project", { connection: { address: "192.168.1.60" } }),
      "its `connection.address` has to be that of nas, which serves registry",
    ],
    [
      "Authentik asked at the other machine",
      setting(`${types.dynamic}/authentik:Settings`, "sso-settings", { connection: { address: nas.address } }),
      "its `connection.address` has to be that of tooling, which serves auth",
    ],
    [
      "Grafana asked at the other machine",
      setting(`${types.dynamic}/grafana:SsoSettings`, "grafana-login", { connection: { address: nas.address } }),
      "its `connection.address` has to be that of tooling, which serves grafana",
    ],
    [
      "Harbor asked at an address of nobody's",
      setting(`${types.dynamic}/harbor:Project`, "registry-project", { connection: { address: "203.0.113.9" } }),
      "its `connection.address` is no machine of the stack",
    ],
  ),
];
