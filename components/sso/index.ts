import * as pulumi from "@pulumi/pulumi";

import type { BaseConfig } from "../../config/schema";
import { dashboardEntry } from "../edge/dashboard";
import type { Feature } from "../feature";
import { offered, type Home, type Placement, type SignOn } from "../home";
import { AuthentikContainers } from "./containers";
import { SsoAccess } from "./access";
import { Applications } from "./applications";
import { catalogueEntry, upstream } from "./catalogue";
import { existingLogins } from "./client";
import { GrafanaLogin } from "./clients/grafana-login";
import { ProxmoxLogin } from "./clients/proxmox-login";
import { type SsoConfig, ssoSchema } from "./config";
import { checkSso } from "./config-checks";
import { memory } from "./workload";
import { People } from "./people";
import { AuthentikReady } from "./ready";

type Config = BaseConfig & { sso: SsoConfig };

/** One login for every service of the house (US3). */
export const sso: Feature<"sso", { sso: SsoConfig }, typeof ssoSchema> = {
  name: "sso",
  needs: ["pki", "edge"],
  section: ssoSchema,
  check: checkSso,
  host: ({ sso }) => sso?.host,
  names: ["auth", "traefik"],
  memory,
  contributes: ({ domain, services, sso, hasProxmox }) => ({
    services: [catalogueEntry(domain), ...(sso.phase === 2 ? [dashboardEntry(domain, [sso.adminGroup])] : [])],
    logins: existingLogins(services, sso, hasProxmox),
    forwardAuth: { upstream, url: `https://${catalogueEntry(domain).host}` },
  }),
  build(home, config) {
    const { machine, network, plan } = home;
    const { domain, images, network: lan, sso: settings } = config;
    const edges = offered(home, "edges");
    const { rootCertificate } = offered(home, "authority");

    const containers = new AuthentikContainers("authentik", {
      machine,
      network,
      domain,
      images,
      rootCertificate,
      dns: lan.dns,
    });
    const ready = new AuthentikReady("authentik-ready", { machine, authentik: containers }, { dependsOn: edges });
    const { connection, url, containerIds } = containers;
    const access = new SsoAccess(
      "sso",
      { machine, connection, url, containerIds, sso: settings },
      { dependsOn: [ready] },
    );
    const { authentik, recoveryFlow } = access;
    const people = new People(
      "people",
      { machine, authentik, recoveryFlow, sso: settings },
      { dependsOn: [access.last] },
    );
    const { services, logins } = plan;
    const applications = new Applications("applications", { machine, access, url, services, logins, sso: settings });
    existingServices(home, config, applications);

    return {
      offers: { signOn: applications },
      outputs: {
        /** By service, what it is set up with by hand to ask the single sign-on. */
        ssoClients: applications.clients,
        /** By user, the link to choose a password with. It works once. */
        ssoLinks: people.links,
        /** How Authentik is administered, by `npm run sso` and, as `akadmin`, in its web page. The program uses the token too. */
        ssoAdmin: pulumi.secret({
          url,
          address: machine.address,
          rootCertificate,
          token: connection.token,
          username: "akadmin",
          password: containers.adminPassword,
        }),
      },
    };
  },
};

/** Sets up the services that were there before the stack. */
function existingServices(home: Home, { sso, grafanaPassword }: Config, signOn: SignOn): void {
  const { grafana, proxmox } = sso;
  const dashboards = grafana && signOn.application(grafana.service);
  if (dashboards) {
    const administrator = { username: grafana.user, password: grafanaPassword };
    const { rootCertificate } = offered(home, "authority");
    const { machine } = servingPlacement(home, grafana.service) ?? home;
    const args = { machine, rootCertificate, administrator, application: dashboards, sso };
    new GrafanaLogin("grafana-login", args, { dependsOn: offered(home, "edges") });
  }
  const node = signOn.application(proxmox.service);
  if (node && home.proxmox)
    new ProxmoxLogin("proxmox-login", { application: node, sso }, { providers: [home.proxmox] });
}

/** Where an entry of the catalogue is served. */
const servingPlacement = ({ placements, plan }: Home, entry: string): Placement | undefined =>
  placements.find(({ machine }) => plan.served[machine.name]?.some(({ name }) => name === entry));
