import * as pulumi from "@pulumi/pulumi";

import type { Facts, Feature } from "../feature";
import { offered } from "../home";
import type { SsoConfig } from "../sso/config";
import { HarborContainers } from "./containers";
import { catalogueEntry, loginOf } from "./catalogue";
import { registrySchema, type RegistryConfig } from "./config";
import { checkRegistry } from "./config-checks";
import { RegistryContents } from "./contents";
import { HarborFindings } from "./findings";
import { RegistryLogin } from "./login";
import { memory } from "./workload";
import { HarborReady } from "./ready";

/** The groups that may log in to its web page; nothing without the single sign-on, which has them. */
const groupsOf = ({ features, sso }: Pick<Facts, "features" | "sso">): string[] | undefined =>
  features.includes("sso") ? [sso.adminGroup, ...sso.registry.roles.map(({ group }) => group)] : undefined;

/** The house's image registry (US2). */
export const registry: Feature<"registry", { registry: RegistryConfig; sso: SsoConfig }, typeof registrySchema> = {
  name: "registry",
  needs: ["pki", "edge"],
  section: registrySchema,
  check: checkRegistry,
  host: ({ registry }) => registry?.host,
  names: ["registry"],
  memory,
  contributes: (facts) => {
    const groups = groupsOf(facts);
    const entry = catalogueEntry(facts.domain, groups);
    return { services: [entry], logins: groups ? [loginOf(entry)] : [] };
  },
  build(home, config) {
    const { machine, network } = home;
    const { domain, images, network: lan, registry: settings, sso } = config;
    const edges = offered(home, "edges");
    const { rootCertificate } = offered(home, "authority");
    const harbor = new HarborContainers("harbor", {
      machine,
      network,
      domain,
      images,
      groups: groupsOf(config),
      rootCertificate,
      dns: lan.dns,
    });
    const ready = new HarborReady("harbor-ready", { machine, harbor }, { dependsOn: edges });
    const { connection, registryStore, service } = harbor;
    const contents = new RegistryContents(
      "registry",
      { machine, connection, registryStore, registry: settings },
      { dependsOn: [ready] },
    );
    new HarborFindings("harbor-findings", { machine, harbor, image: images.node, robot: contents.findingsRobot });
    const application = home.signOn?.application(service.name);
    if (application) {
      const login = { machine, connection, application, project: settings.project, sso };
      new RegistryLogin("registry-login", login, { dependsOn: [contents] });
    }

    return {
      outputs: {
        /** What another machine needs to pull: `npm run registry:client` sets it up. */
        registryClient: pulumi.secret({
          host: service.host,
          address: machine.address,
          rootCertificate,
          username: contents.pullRobot.name,
          password: contents.pullRobot.secret,
        }),
        /** What a build logs in with to push, and the project it pushes to. */
        registryPush: pulumi.secret({
          project: `${service.host}/${settings.project}`,
          username: contents.pushRobot.name,
          password: contents.pushRobot.secret,
        }),
        /** The administrator's login to Harbor's web page. The program uses it too, so the password has to stay. */
        registryAdmin: pulumi.secret({ username: "admin", password: harbor.adminPassword }),
      },
    };
  },
};
