import { toHours } from "../../config/duration";
import { caProblems } from "../ca-certificates";
import { edgesOf } from "../edges";
import { sourcesOf } from "../file-sources";
import { containerProblems } from "../guarded-containers";
import { houseOf } from "../house";
import { machinesOf } from "../machines";
import { stackPolicy } from "../policy";
import { at, unknown, type Resource, type Stack, type Value } from "../resource";
import { edgeProblems } from "../served-entries";
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
edge on that machine was given. So are those of Harbor's and Authentik's containers (\`/srv/harbor/core\`), but for the text of
those with secrets, of which only core's login to the registry is judged: a hash of a random password, with the cost of 5 that
Harbor's own installer has. So are the folders of their data. Keys and certificates, also the root that Harbor and Authentik trust
(\`/srv/harbor/roots\`, \`/srv/authentik/roots\`), come from those of this stack; the root's own key goes nowhere. Any other file
there is refused. A change of one of these files is made where the component builds it.

The containers of these four run what their components run (\`entrypoints\`, \`command\`, \`healthcheck.tests\`, \`envs\`), and
mount what these mount: without its folder on the machine a database would lose its data with its container. Harbor's exporter of
findings is not among them.

There is an edge on each machine that serves something. It is given the entries that the config has there, none is on two, and the
stack's own ones are as their features make them. So the CA's lets the house see the root, and the edges of other machines, by
their addresses, ask for certificates: whoever can ask step-ca gets some. Such an edge has the CA's public name in \`traefik.yml\`
and is not on its network. The edge beside Authentik asks it about logins; the others ask through that one, which believes them,
and nobody else, whose request it is.

There is one root and one intermediate, for signing alone. The intermediate lives for twice as long as a server's certificate at
least and is renewed in the second half of its life; the root is not renewed by itself.

What isn't known before the update is judged at its end.`,
  requirements: ["EF-001"],
  settings: {},
  judgeStack(stack, _settings, tell) {
    const { resources } = stack;
    const machines = machinesOf(stack);
    const edges = edgesOf(stack, machines);
    const house = houseOf(stack);
    for (const [edge, problem] of edgeProblems(edges, house)) tell.violation(problem, edge);
    const sources = sourcesOf(stack, machines, edges, house);
    for (const directory of resources.filter(({ type }) => type === types.hostDirectory)) {
      const problem = folderProblem(directory.inputs);
      if (problem !== undefined) tell.violation(problem, directory);
    }
    for (const file of resources.filter(({ type }) => type === types.hostFile)) {
      const problem = fileProblem(file, sources.of(file), stack);
      if (problem !== undefined) tell.violation(problem, file);
    }
    for (const [certificate, problem] of caProblems(resources, toHours(sources.on().leafValidity))) {
      tell.violation(problem, certificate);
    }
    for (const container of resources.filter(({ type }) => type === types.container)) {
      for (const problem of containerProblems(container, sources.on(machines.of(container))))
        tell.violation(problem, container);
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
