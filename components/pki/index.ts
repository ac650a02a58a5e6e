import type { Feature } from "../feature";
import { Pki } from "./pki";
import { catalogueEntry, memory } from "./ca-config";
import { checkPki, type PkiConfig, pkiSchema } from "./config";

/** The house's certificate authority (EF-001 to EF-005). */
export const pki: Feature<"pki", { pki: PkiConfig }, typeof pkiSchema> = {
  name: "pki",
  needs: [],
  section: pkiSchema,
  check: checkPki,
  host: ({ pki }) => pki?.host,
  names: ["ca"],
  memory,
  contributes: ({ domain, edges }) => ({ services: [catalogueEntry(domain, edges)] }),
  build({ machine }, { pki: settings, domain, images, network: lan }) {
    const pki = new Pki("pki", { machine, domain, pki: settings, image: images.stepCa, dns: lan.dns });
    const { rootCertificate, rootFingerprint, rootUrl } = pki;
    return { offers: { authority: pki }, outputs: { rootCertificate, rootFingerprint, rootUrl } };
  },
};
