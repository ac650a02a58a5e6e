import type { Draft } from "./draft";
import type { Report } from "./report";
import type { ParsedBase } from "./schema";
import { hostLabel, hostName } from "./services";

/** The catalogue's contradictions: names and hosts given twice, reserved, or outside what the CA may sign. */
export function checkServices(
  { services = [], domain }: Draft<ParsedBase>,
  own: { readonly names: readonly string[]; readonly hasEdge: boolean; readonly hasSignOn: boolean },
  report: Report,
): void {
  const reserved = `{value} is kept for the stack's own services (${own.names.join(", ")}); choose another`;
  const names = new Map<string, number>();
  const hosts = new Map<string, number>();
  if (services.length > 0 && !own.hasEdge) {
    report.add(
      ["services"],
      `served by nobody without the edge; add edge to ${report.key(["features"])}, or set it to []`,
    );
  }
  services.forEach((service, index) => {
    const { name, auth, groups } = service ?? {};
    const namePath = ["services", index, "name"];
    const hostPath = ["services", index, "host"];
    const repeated = name === undefined ? undefined : names.get(name);
    if (name !== undefined) {
      if (own.names.includes(name)) report.add(namePath, reserved, name);
      if (repeated === undefined) names.set(name, index);
      else
        report.add(namePath, `{value} is the name of ${report.key(["services", repeated])} too; choose another`, name);
    }
    if ((auth === "oidc" || auth === "proxy") && !own.hasSignOn) {
      const text = `{value} needs single sign-on; add sso to ${report.key(["features"])}, or use native or none`;
      report.add(["services", index, "auth"], text, auth);
    }
    if (groups && (auth === "none" || auth === "native")) {
      const text = `{value} can't be enforced with auth ${report.shown(["services"], auth)}; use oidc or proxy, or remove the groups`;
      report.add(["services", index, "groups"], text, groups);
    }
    if (!groups && (auth === "oidc" || auth === "proxy")) {
      report.addMissing(
        ["services", index, "groups"],
        "; name the groups that may in, such as [family], or write [] to close the service to everybody",
      );
    }
    if (domain === undefined) return;

    const host = service?.host ?? (name === undefined ? undefined : hostName(name, domain));
    if (host === undefined) return;
    if (service?.host !== undefined) {
      const label = hostLabel(host, domain);
      const example = report.shown(["services"], hostName(name ?? "grafana", domain));
      if (label === undefined) {
        report.add(
          hostPath,
          `{value} is not one label below the domain, which is all the CA may sign; write it like ${example}`,
          host,
        );
      } else if (own.names.includes(label)) report.add(hostPath, reserved, host);
    }
    const sharer = hosts.get(host);
    if (sharer === undefined) hosts.set(host, index);
    else if (repeated === undefined || service?.host !== undefined) {
      report.add(hostPath, `{value} is the host of ${report.key(["services", sharer])} too; choose another`, host);
    }
  });
}
