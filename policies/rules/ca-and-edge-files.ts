import { toHours, type Duration } from "../../config/duration";
import { caProblems } from "../ca-certificates";
import { containerProblems } from "../guarded-containers";
import { hostOf, isGuest, staticAddresses } from "../guests";
import { stackPolicy } from "../policy";
import { at, unknown, type Resource, type Stack, type Value } from "../resource";
import { types } from "../types";
import { dataOwner, isGuarded, writtenFile, type FileSources, type WrittenFile } from "../written-files";

export default stackPolicy({
  name: "ca-and-edge-files",
  level: "mandatory",
  summary: "Traefik, step-ca, Harbor and Authentik are told what the project's components write, and nothing else.",
  doc: `A line of Traefik's configuration can load a plugin, take routes from somewhere else or open its API; one of step-ca's can
certify names of others; a variable of Authentik's lets everybody say from where they come. So the files below \`/srv/pki\` and
\`/srv/edge\` are those that the components write, letter by letter and with the same owner and mode: \`ca.json\`,
\`defaults.json\`, \`traefik.yml\`, what all routes share, and the route of each entry of the catalogue, made again from what the
edge was given. So are those of Harbor's and Authentik's containers (\`/srv/harbor/core\`), but for the text of those with
secrets, of which only core's login to the registry is judged: a hash of a random password, with the cost of 5 that Harbor's own
installer has. So are the folders of their data. Keys and certificates, also the root that Harbor and Authentik trust (\`/srv/harbor/roots\`, \`/srv/authentik/roots\`),
come from those of this stack; the root's own key goes nowhere. Any other file there is refused. A change of one of these files is made where the component builds it.

The containers of these four run what their components run (\`entrypoints\`, \`command\`, \`healthcheck.tests\`, \`envs\`), and
mount what these mount: without its folder on the machine a database would lose its data with its container. Harbor's exporter of
findings is not among them.

There is one root and one intermediate, for signing alone. The intermediate lives for twice as long as a server's certificate at
least and is renewed in the second half of its life; the root is not renewed by itself.

What isn't known before the update is judged at its end.`,
  requirements: ["EF-001"],
  settings: {},
  judgeStack(stack, _settings, tell) {
    const { resources } = stack;
    const [edge] = resources.filter(({ type }) => type === types.edge);
    const signOn = at(edge?.inputs, "signOn");
    if (typeof signOn === "string" && !/^http:\/\/[a-z0-9-]+:\d+$/.test(signOn))
      tell.violation(
        `it asks for logins at ${signOn}, which is no container of the stack; use the \`forwardAuth\` of the plan`,
        edge,
      );
    const inventory = resources.find(({ type }) => type === types.inventory);
    const pki = resources.find(({ type }) => type === types.pki);
    const given = at(pki?.inputs, "pki", "leafValidity") ?? at(edge?.inputs, "leafValidity");
    const sources: Omit<FileSources, "address"> = {
      domain: String(at(inventory?.inputs, "domain")),
      leafValidity: (typeof given === "number" ? given : 0) as Duration,
      edge: edge?.inputs,
    };
    const machines = resources.filter(isGuest).flatMap(staticAddresses).map(hostOf);
    for (const directory of resources.filter(({ type }) => type === types.hostDirectory)) {
      const problem = folderProblem(directory.inputs);
      if (problem !== undefined) tell.violation(problem, directory);
    }
    for (const file of resources.filter(({ type }) => type === types.hostFile)) {
      const host = at(file.inputs, "connection", "host");
      // Of a machine that is not there yet the connection is unknown as a whole. Most files have no address in them.
      const addresses = typeof host === "string" ? [host] : ["", ...machines];
      const problem = fileProblem(
        file,
        addresses.map((address) => ({ ...sources, address })),
        stack,
      );
      if (problem !== undefined) tell.violation(problem, file);
    }
    for (const [certificate, problem] of caProblems(resources, toHours(sources.leafValidity))) {
      tell.violation(problem, certificate);
    }
    for (const container of resources.filter(({ type }) => type === types.container)) {
      for (const problem of containerProblems(container, sources)) tell.violation(problem, container);
    }
  },
});

function fileProblem(resource: Resource, sources: readonly FileSources[], stack: Stack): string | undefined {
  const path = at(resource.inputs, "path");
  const [one] = sources;
  if (typeof path !== "string" || !one || !isGuarded(path, one)) return undefined;
  const files = sources.flatMap((each) => writtenFile(path, each) ?? []);
  const [file] = files;
  if (!file) return `it writes ${path}, which is no file of its component's; put it elsewhere`;
  if (at(resource.inputs, "owner") !== file.owner || at(resource.inputs, "mode") !== file.mode)
    return `others may read or change ${path}; give it the owner ${file.owner} and the mode ${file.mode}`;
  return files.some(({ content }) => isContent(content, resource, stack))
    ? undefined
    : `${path} is not what its component writes; change it there (components/)`;
}

/** A folder of Harbor's or Authentik's data, which no other user may read. */
function folderProblem(inputs: Value): string | undefined {
  const path = at(inputs, "path");
  const [, service = "", folder = ""] = /^\/srv\/(harbor|authentik)\/data\/(.*)$/.exec(String(path)) ?? [];
  if (service === "" || folder === "findings") return undefined;
  const owner = dataOwner(service, folder);
  if (owner === undefined)
    return `it makes ${String(path)}, which no container keeps its data in; make the folder of its component`;
  return at(inputs, "owner") === owner ? undefined : `${String(path)} is another user's; give it the owner ${owner}`;
}

function isContent(content: WrittenFile["content"], file: Resource, stack: Stack): boolean {
  if (content === undefined) return true;
  const text = at(file.inputs, "content");
  if ("text" in content) return text === unknown || text === content.text;
  if (content.form && typeof text === "string" && !content.form.test(text)) return false;
  const origins = stack.dependencies(file, "content");
  const typeOf = (origin: string) => stack.resources.find(({ urn }) => urn === origin)?.type;
  const isRoots = (origin: string) =>
    stack.resources.some(
      (each) => each.type === types.selfSignedCert && stack.dependencies(each, "privateKeyPem").includes(origin),
    );
  return origins.length > 0 && origins.every((origin) => typeOf(origin) === content.from && !isRoots(origin));
}
