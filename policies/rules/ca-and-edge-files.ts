import { route } from "../../components/edge/route";
import { commonConfig, staticConfig } from "../../components/edge/static-config";
import { acmeDirectory, caConfig, containerAlias, stepDefaults } from "../../components/pki/ca-config";
import type { Duration } from "../../config/duration";
import { hostName, type Service } from "../../config/services";
import { hostOf, isGuest, staticAddresses } from "../guests";
import { stackPolicy } from "../policy";
import { at, items, unknown, type Resource, type Value } from "../resource";
import { types } from "../types";

export default stackPolicy({
  name: "ca-and-edge-files",
  level: "mandatory",
  summary: "Traefik and step-ca are told what the project's components write, and nothing else.",
  doc: `A line of Traefik's configuration can load a plugin, take routes from somewhere else or open its API; one of step-ca's can
certify names of others. So the files below \`/srv/pki\` and \`/srv/edge\` are those that the components write, letter by letter:
\`ca.json\`, \`defaults.json\`, \`traefik.yml\`, what all routes share, and the route of each entry of the catalogue, made again
from what the edge was given. Certificates and keys may have any content; keys are readable for their owner alone. Any other
file there is refused. A change of one of these files is made where the component builds it.

What isn't known before the update is judged at its end.`,
  requirements: ["EF-001"],
  settings: {},
  judgeStack({ resources }, _settings, tell) {
    const [edge] = resources.filter(({ type }) => type === types.edge);
    const signOn = at(edge?.inputs, "signOn");
    if (typeof signOn === "string" && !/^http:\/\/[a-z0-9-]+:\d+$/.test(signOn))
      tell.violation(`it asks for logins at ${signOn}, which is no container of the stack; use \`sso.upstream\``, edge);
    const inventory = resources.find(({ type }) => type === types.inventory);
    const domain = at(inventory?.inputs, "domain");
    const house: House = {
      domain: String(domain),
      edge: edge?.inputs,
      machines: resources.filter(isGuest).flatMap(staticAddresses).map(hostOf),
    };
    for (const command of resources.filter(({ type }) => type === types.command)) {
      const problem = problemOf(command, house);
      if (problem !== undefined) tell.violation(problem, command);
    }
  },
});

/** What the files are made from. */
interface House {
  readonly domain: string;
  /** Inputs of the edge. */
  readonly edge: Value;
  /** Static addresses of the stack's machines: the connection to one that is not there yet is unknown as a whole. */
  readonly machines: readonly string[];
}

function problemOf({ inputs }: Resource, house: House): string | undefined {
  const create = at(inputs, "create");
  if (typeof create !== "string") return undefined;
  // The script that writes a file ends with its name, quoted twice.
  const [, path] = /mv -f "\$new" '\\''(\/srv\/(?:edge|pki)\/[^']*)'\\'''$/.exec(create) ?? [];
  if (path === undefined) return undefined;
  const text = at(inputs, "stdin");
  if (keys.test(path)) return create.includes(" 0400 ") ? undefined : `others may read ${path}; give it the mode 0400`;
  if (certificates.test(path) || text === unknown) return undefined;
  const host = at(inputs, "connection", "host");
  // Most files have no address in them.
  const addresses = typeof host === "string" ? [host] : ["", ...house.machines];
  const expected = addresses.map((address) => contentOf(path, house, address));
  if (expected.every((each) => each === undefined))
    return `it writes ${path}, which is no file of Traefik's or step-ca's; put it elsewhere`;
  return expected.some((each) => each === text)
    ? undefined
    : `${path} is not what its component writes; change it there (components/pki, components/edge)`;
}

const keys = /^\/srv\/pki\/secrets\/[^/]+$/;
const certificates = /^\/srv\/(edge\/root_ca\.crt|pki\/certs\/[^/]+\.crt)$/;

/** The content of a file; nothing where no component writes it. */
function contentOf(path: string, { domain, edge }: House, address: string): string | undefined {
  const leafValidity = Number(at(edge, "leafValidity")) as Duration;
  const signOn = String(at(edge, "signOn"));
  switch (path) {
    case "/srv/pki/config/ca.json":
      return caConfig({ domain, dnsNames: [hostName("ca", domain), containerAlias], leafValidity });
    case "/srv/pki/config/defaults.json":
      return stepDefaults(containerAlias);
    case "/srv/edge/traefik.yml":
      return staticConfig({ acmeDirectory, leafValidity });
    case "/srv/edge/routes/_common.yml":
      return commonConfig({ singleSignOn: signOn });
    default: {
      const [, name] = /^\/srv\/edge\/routes\/([a-z0-9-]+)\.yml$/.exec(path) ?? [];
      const service = items(at(edge, "services")).find((each) => name !== undefined && at(each, "name") === name);
      return service === undefined ? undefined : route(service as unknown as Service, { signOn, address });
    }
  }
}
