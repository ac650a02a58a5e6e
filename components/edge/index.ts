import type { PkiConfig } from "../pki/config";
import type { Feature } from "../feature";
import { offered } from "../home";
import { memory } from "./static-config";
import { Edge } from "./edge";

/** The reverse proxy before every service of the catalogue (US1). */
export const edge: Feature<"edge", { pki: PkiConfig }> = {
  name: "edge",
  needs: ["pki"],
  names: [],
  memory,
  contributes: () => ({}),
  build(home, { pki, images, network: lan }) {
    const { machine, network, plan } = home;
    const authority = offered(home, "authority");
    const edge = new Edge("edge", {
      machine,
      networks: [network, authority.network],
      services: [...plan.services],
      signOn: plan.forwardAuth,
      acmeDirectory: authority.acmeDirectory,
      rootCertificate: authority.rootCertificate,
      leafValidity: pki.leafValidity,
      image: images.traefik,
      dns: lan.dns,
    });
    return { offers: { edge }, outputs: { services: edge.services } };
  },
};
