import { at, isOff, items, unknown, type Resource, type Value } from "./resource";
import { types } from "./types";

/** What a certificate authority's certificate is for (components/pki/certificate-authority.ts). */
const uses: readonly Value[] = ["cert_signing", "crl_signing", "digital_signature", unknown];

/**
 * What is wrong with the certificates of certificate authorities, in a stack where a server's live for so many hours: whoever has
 * one more of them is the house's authority, and without one that lasts nobody gets a certificate.
 */
export function caProblems(resources: readonly Resource[], leafHours: number): [Resource, string][] {
  const [roots = [], intermediates = []] = [types.selfSignedCert, types.locallySignedCert].map((wanted) =>
    resources.filter(({ type, inputs }) => type === wanted && at(inputs, "isCaCertificate") === true),
  );
  const further = [...roots.slice(1), ...intermediates.slice(1)];
  return [
    ...further.map((each): [Resource, string] => [each, "it is one more certificate authority; leave it out"]),
    ...[...roots, ...intermediates].flatMap((each) =>
      certificateProblems(each, leafHours).map((problem): [Resource, string] => [each, problem]),
    ),
  ];
}

function certificateProblems({ type, inputs }: Resource, leafHours: number): string[] {
  const [hours, early] = ["validityPeriodHours", "earlyRenewalHours"].map((each) => at(inputs, each));
  const others = items(at(inputs, "allowedUses")).filter((use) => !uses.includes(use));
  const isShort = typeof hours === "number" && hours < 2 * leafHours;
  const isIntermediate = type === types.locallySignedCert;
  const isKept = typeof hours === "number" && early !== unknown && !(Number(early) >= Math.floor(hours / 2));
  return [
    ...others.map((use) => `it may be used for ${String(use)} too; set \`allowedUses\` as its component does`),
    ...(isIntermediate && isShort
      ? [`it lives for ${hours} h, less than twice as long as what it signs; lengthen it`]
      : []),
    ...(isIntermediate && isKept ? ["it isn't renewed in time; set `earlyRenewalHours` to half its life"] : []),
    ...(isIntermediate || isOff(early) || early === 0 || early === unknown
      ? []
      : ["a new root has to reach every device; leave `earlyRenewalHours` out"]),
  ];
}
