import { hostOf, isGuest, sshLogin, staticAddresses, text } from "../guests";
import { stackPolicy } from "../policy";
import { at, label, unknown, type Resource, type Stack, type Value } from "../resource";
import { knownHostKey } from "../ssh-options";
import { types } from "../types";

export default stackPolicy({
  name: "own-machines",
  level: "mandatory",
  summary: "The stack works on its own machines, as their user, and no two resources write one file there.",
  doc: `Secrets travel where files, commands and Docker's providers go: the keys of the house. So

- they go (\`connection.host\`, \`ssh://user@host\`) to a VM of this stack, as the \`user\` that its \`ToolingVm\` has;
- the key by which they know it (\`connection.hostKey\`, \`KnownHostsCommand\`) is made from one \`tls.PrivateKey\` of this
  stack, and is the same for all that go to one machine;
- a file or folder is one resource's; in a folder that one makes, which is a container's data, no other one works.

A connection is not known before its machine is there: until then the resource that its key is made from is judged, and the
rest at the end of the update.`,
  requirements: ["EF-005"],
  settings: {},
  judgeStack(stack, _settings, tell) {
    const { resources } = stack;
    const logins = resources.flatMap(loginsOf);
    const machines = resources.filter(isGuest).flatMap(staticAddresses).map(hostOf);
    const components = resources.filter(({ type }) => type === types.toolingVm);
    const users = new Map<Value, Value>(
      components.map(({ inputs }) => [at(inputs, "vm", "address"), at(inputs, "vm", "user")]),
    );
    for (const login of logins) {
      const keys = hostKeys(login, stack);
      const first = logins.find(({ host, key }) => host === login.host && key !== undefined);
      const problem = misled(login, machines) ?? posing(login, users) ?? mistaken(login, keys, first);
      if (problem) tell.violation(`${problem}; take \`${login.property}\` from the machine`, login.resource);
    }
    for (const [resource, problem] of shared(logins, stack)) tell.violation(problem, resource);
  },
});

/** Where a resource logs in. What isn't known yet is missing. */
interface Login {
  readonly resource: Resource;
  /** The property that says how. */
  readonly property: "connection" | "sshOpts";
  /** The machine, as the program writes it. */
  readonly place?: string;
  readonly host?: string;
  readonly user?: Value;
  readonly key?: string;
}

function loginsOf(resource: Resource): Login[] {
  const { type, inputs } = resource;
  if (type === types.dockerProvider) {
    const place = text(at(inputs, "host"));
    return [{ resource, property: "sshOpts", place, key: knownHostKey(at(inputs, "sshOpts")), ...sshLogin(place) }];
  }
  if (![types.command, types.hostFile, types.hostDirectory].some((each) => each === type)) return [];
  const [host, key] = ["host", "hostKey"].map((name) => text(at(inputs, "connection", name)));
  const user = at(inputs, "connection", "user");
  return [{ resource, property: "connection", place: host, host, user, key: key?.trim() }];
}

function misled({ place, host }: Login, machines: readonly string[]): string | undefined {
  if (place === undefined || (host !== undefined && machines.includes(host))) return undefined;
  return `it works on ${place}, which is no machine of this stack`;
}

/** Where no component tells a machine's user, nobody may log in. */
function posing({ host, user }: Login, users: ReadonlyMap<Value, Value>): string | undefined {
  const own = users.get(host);
  if (host === undefined || user === unknown || own === unknown || (user ?? "root") === own) return undefined;
  return `it logs in at ${host} as ${String(user ?? "root")}, which is not the user of a ToolingVm there (${String(own)})`;
}

function mistaken({ place, key }: Login, keys: readonly Resource[], first?: Login): string | undefined {
  const machine = place ?? "its machine";
  if (keys.length !== 1) return `the key by which it knows ${machine} is made from no tls.PrivateKey of this stack`;
  if (key === undefined || first === undefined || first.key === key) return undefined;
  return `it knows ${machine} by another key than ${label(first.resource)}`;
}

/** The keys that a login knows its machine by, also before they are there. */
function hostKeys({ resource, property }: Login, stack: Stack): Resource[] {
  const origins = stack.dependencies(resource, property);
  return stack.resources.filter(({ urn, type }) => type === types.privateKey && origins.includes(urn));
}

/** A sentence for each file or folder that is where another is. */
function shared(logins: readonly Login[], stack: Stack): [Resource, string][] {
  const changes = logins.flatMap((login) => {
    const path = at(login.resource.inputs, "path");
    const machine = hostKeys(login, stack).map(({ urn }) => urn);
    return typeof path === "string" ? [{ resource: login.resource, path, machine: machine.join() }] : [];
  });
  return changes.flatMap(({ resource, path, machine }): [Resource, string][] => {
    const other = changes.find(
      (each) =>
        each.resource !== resource &&
        each.machine === machine &&
        (each.path === path || (resource.type === types.hostDirectory && each.path.startsWith(`${path}/`))),
    );
    if (!other) return [];
    const remedy = "give each a path of its own, and a container's data a folder without files";
    return [[resource, `it changes ${path}, and ${label(other.resource)} ${other.path}; ${remedy}`]];
  });
}
