import * as pulumi from "@pulumi/pulumi";

import type { PkiConfig } from "../pki/config";
import type { Feature } from "../feature";
import { type Authority, type Home, loginsAt, offered, type Placement } from "../home";
import { memory } from "./static-config";
import { Edge } from "./edge";

/** The reverse proxy before every service of the catalogue (US1): one on each machine that serves some. */
export const edge: Feature<"edge", { pki: PkiConfig }> = {
  name: "edge",
  needs: ["pki"],
  names: [],
  memory,
  contributes: () => ({}),
  build(home, { pki, images, network: lan }) {
    const authority = offered(home, "authority");
    const edges: Edge[] = [];
    for (const placement of caFirst(home, authority)) {
      const { machine } = placement;
      const args = {
        machine,
        ...certificates(placement, authority),
        services: home.plan.served[machine.name] ?? [],
        ...logins(placement, home),
        rootCertificate: authority.rootCertificate,
        leafValidity: pki.leafValidity,
        image: images.traefik,
        dns: lan.dns,
      };
      // Whichever machine is the stack's own: an edge that was renamed would be in its own way.
      const name = machine.resource ? "edge" : `edge-${machine.name}`;
      edges.push(new Edge(name, args, { dependsOn: edges.slice(0, 1) }));
    }
    return {
      offers: { edges },
      outputs: { services: pulumi.all(edges.map(({ services }) => services)).apply((all) => all.flat()) },
    };
  },
};

/** The machines that serve something. The one beside the CA comes first: the others ask for certificates through it. */
function caFirst({ placements, plan }: Home, authority: Authority): Placement[] {
  const serving = placements.filter(({ machine }) => plan.served[machine.name]);
  const isBeside = ({ machine }: Placement): boolean => machine === authority.machine;
  return [...serving.filter(isBeside), ...serving.filter((each) => !isBeside(each))];
}

function certificates({ machine, network }: Placement, authority: Authority) {
  return machine === authority.machine
    ? { networks: [network, authority.network], acmeDirectory: authority.acmeDirectory }
    : { networks: [network], acmeDirectory: authority.publicAcmeDirectory };
}

function logins({ machine }: Placement, { plan, placements }: Home) {
  const { signOn, asking } = loginsAt(machine.name, plan);
  const passesOn = placements.flatMap((each) => (asking.includes(each.machine.name) ? each.machine.address : []));
  return { signOn, ...(passesOn.length > 0 && { passesOn }) };
}
