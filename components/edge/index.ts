import * as pulumi from "@pulumi/pulumi";

import type { PkiConfig } from "../pki/config";
import type { Feature } from "../feature";
import { offered } from "../home";
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
    const { plan } = home;
    const authority = offered(home, "authority");
    const edges: Edge[] = [];
    for (const { machine, network } of home.places) {
      const served = plan.served[machine.name];
      if (!served) continue;
      const isBesideCa = machine === authority.machine;
      const args = {
        machine,
        networks: isBesideCa ? [network, authority.network] : [network],
        services: plan.services.filter(({ name }) => served.includes(name)),
        signOn: machine === home.machine ? plan.forwardAuth : undefined,
        acmeDirectory: isBesideCa ? authority.acmeDirectory : authority.publicAcmeDirectory,
        rootCertificate: authority.rootCertificate,
        leafValidity: pki.leafValidity,
        image: images.traefik,
        dns: lan.dns,
      };
      // The others get their certificates through the first.
      const [first] = edges;
      edges.push(new Edge(first ? `edge-${machine.name}` : "edge", args, first && { dependsOn: [first] }));
    }
    return {
      offers: { edges },
      outputs: { services: pulumi.all(edges.map(({ services }) => services)).apply((all) => all.flat()) },
    };
  },
};
