// Which way imports point, those of types included: `npm run lint` refuses any other. CONTRIBUTING.md has the map.

/** Files in `from` import of this repository, or of what is `within` it, only what is in `to`. */
function only({ name, why, from, within = "", to }) {
  const at = (path) => `^(?:${path})`;
  const refused = { dependencyTypes: ["local"], path: at(within), pathNot: at(to) };
  return { name, comment: why, severity: "error", from: { path: at(from) }, to: refused };
}

module.exports = {
  forbidden: [
    {
      name: "no-circles",
      comment: "A file is read, tested and moved with what it imports. In a circle each has all the others.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "tests-on-top",
      comment: "What runs in the house is built without the tests.",
      severity: "error",
      from: { pathNot: "^tests/" },
      to: { path: "^tests/" },
    },

    only({
      name: "config-at-the-bottom",
      why: "Units and the form of the config are words that every other part is written in.",
      from: "config/|versions\\.ts",
      to: "config/|versions\\.ts",
    }),
    only({
      name: "providers-below-components",
      why: "Pulumi loads them by what a state says, where no program runs.",
      from: "providers/",
      to: "providers/|config/",
    }),
    only({
      name: "services-apart",
      why: "Whoever changes how one service is asked need not know another: they share dynamic/.",
      from: "providers/([^/]+)/",
      within: "providers/",
      to: "providers/($1|dynamic)/",
    }),
    only({
      name: "components-know-no-stack",
      why: "A component gets all it needs as arguments, and cannot ask whether it runs in the lab.",
      from: "components/",
      to: "components/|config/|providers/|versions\\.ts",
    }),
    only({
      name: "features-apart",
      why: "Any may be left out of a stack, so others know of it no more than how its section of the config is read.",
      from: "components/(?!host/|tooling-vm/)([^/]+)/",
      within: "components/",
      // Traefik's dashboard is an entry only where there are logins: the single sign-on adds it.
      to: "components/($1/|host/|feature\\.ts|home\\.ts|[^/]+/config\\.ts|edge/dashboard\\.ts)",
    }),
    only({
      name: "machine-below-features",
      why: "A machine, and files and containers on it, are the same to every feature.",
      from: "components/(host|tooling-vm)/",
      within: "components/",
      to: "components/($1|host)/",
    }),
    only({
      name: "program-on-components",
      why: "The program reads the config and wires components. Who runs and who judges it, it does not know.",
      from: "index\\.ts|config\\.ts",
      to: "components/|config/|config\\.ts|versions\\.ts",
    }),

    only({
      name: "policies-on-components",
      why: "Policies compare with what components would make, wherever Pulumi runs: no tool is there, and no lab.",
      from: "policies/",
      to: "policies/|components/|config/|providers/|versions\\.ts",
    }),
    only({
      name: "exporters-alone",
      why: "Each is bundled into one file, which runs in a container.",
      from: "exporters/",
      to: "exporters/",
    }),
    only({
      name: "tools-without-the-lab",
      why: "Tools run against the house. Of components they need what makes no resource.",
      from: "tools/",
      to: "tools/|components/registry/client\\.ts|config/|config\\.ts|policies/|providers/",
    }),
    only({
      name: "lab-without-the-program",
      why: "The lab proves nothing about code that it shares. It deploys as a person does, with tools/.",
      from: "lab/",
      to: "lab/|components/registry/client\\.ts|config/|tools/|versions\\.ts",
    }),
    only({
      name: "kit-below-stand-ins",
      why: "What stand-ins are made of knows none of them.",
      from: "lab/(kit|openid)/",
      to: "lab/$1/",
    }),
    only({
      name: "stand-ins-apart",
      why: "Each plays a product that knows the others by their APIs alone.",
      from: "lab/(authentik|grafana|harbor|proxmox)/",
      to: "lab/($1|kit|openid)/",
    }),
  ],
  options: {
    tsPreCompilationDeps: true,
    exclude: { path: "(^|/)(node_modules|dist|\\.lab)/" },
  },
};
