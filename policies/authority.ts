import { elements, entries, within } from "./plain-data";
import type { Problem } from "./routers";

/**
 * What is wrong with a `ca.json` of step-ca: whoever may ask it gets certificates, so its own policy is what keeps it to the
 * house's names. Source: https://smallstep.com/docs/step-ca/policies/
 */
export function authorityProblems(document: unknown): Problem[] {
  const authority = within(document, "authority");
  if (authority === undefined) return [];
  const allowed = within(authority, "policy", "x509", "allow");
  const problem = (place: string, why: string): Problem => ({ place: `\`authority.${place}\``, why });
  return [
    ...(elements(within(allowed, "dns")).length === 0
      ? [problem("policy.x509.allow.dns", "is not given, so any name is certified; list *.home.arpa")]
      : []),
    ...entries(allowed)
      .filter(([kind]) => kind !== "dns")
      .map(([kind]) => problem(`policy.x509.allow.${kind}`, "lets it certify what is no name; remove it")),
    ...(within(authority, "policy", "x509", "allowWildcardNames")
      ? [problem("policy.x509.allowWildcardNames", wildcards)]
      : []),
    ...(within(authority, "policy", "ssh") ? [problem("policy.ssh", "lets it certify SSH keys; remove it")] : []),
    ...(within(authority, "enableAdmin")
      ? [problem("enableAdmin", "lets others add provisioners; set it to false")]
      : []),
    ...elements(within(authority, "provisioners")).flatMap((provisioner) => {
      const place = `provisioners.${String(within(provisioner, "name"))}`;
      const type = String(within(provisioner, "type"));
      return [
        ...(type === "ACME" ? [] : [problem(place, `is of type ${type}, which proves no name; use ACME`)]),
        ...(within(provisioner, "options")
          ? [problem(`${place}.options`, "can put other names into a certificate; remove them")]
          : []),
      ];
    }),
  ];
}

const wildcards = "lets it certify wildcards; remove it";
