import { sshLogin, text } from "../guests";
import { houseOf } from "../house";
import { isHost, machinesOf, undeclared, type Machine, type Machines } from "../machines";
import { misplaced } from "../placement";
import { stackPolicy } from "../policy";
import { at, label, unknown, type Resource, type Stack, type Value } from "../resource";
import { knownHostKey, sshPort } from "../ssh-options";
import { types } from "../types";

export default stackPolicy({
  name: "own-machines",
  level: "mandatory",
  summary: "The stack works on its own machines, as their user, and no two resources write one file there.",
  doc: `Secrets travel where files, commands and Docker's providers go: the keys of the house. So

- they go (\`connection.host\`, \`ssh://user@host\`) to a VM of this stack, as the \`user\` that its \`ToolingVm\` has, or to a
  machine of \`homelab:hosts\`, as the \`user\` there, and to the port of its SSH;
- the key by which they know it (\`connection.hostKey\`, \`KnownHostsCommand\`) is made from one \`tls.PrivateKey\` of this
  stack, and is the same for all that go to one VM. A machine of \`homelab:hosts\` is known by the \`hostKey\` there;
- a machine that was there before is what \`homelab:hosts\` says: address, port, user, key and memory;
- each feature's containers, files and folders are on the machine that the config has it on, and no other: keys of the CA are
  on the CA's. What sets up a VM doesn't run on a machine that others use too;
- a file or folder is one resource's; in a folder that one makes, which is a container's data, no other one works. Two machines
  may each have one.

A connection to a VM is not known before the VM is there: until then the resource that its key is made from is judged, and the
rest at the end of the update.`,
  requirements: ["EF-005"],
  settings: {},
  judgeStack(stack, _settings, tell) {
    const { resources } = stack;
    const logins = resources.flatMap(loginsOf);
    const machines = machinesOf(stack);
    for (const login of logins) {
      const machine = machines.at(login.host);
      const keys = hostKeys(login, stack);
      const first = logins.find(({ host, key }) => host === login.host && key !== undefined);
      const problem =
        misled(login, machine) ??
        posing(login, machine) ??
        knocking(login, machine) ??
        mistaken(login, keys, machine, first);
      if (problem) tell.violation(`${problem}; take \`${login.property}\` from the machine`, login.resource);
    }
    for (const machine of machines.all.filter(isHost)) {
      const problem = undeclared(machine, stack);
      if (problem) tell.violation(problem, machine.resource);
    }
    const house = houseOf(stack);
    for (const resource of resources) {
      const machine = machines.of(resource);
      const problem = machine && misplaced(resource, machine, house);
      if (problem) tell.violation(problem, resource);
    }
    for (const [resource, problem] of shared(logins, machines, stack)) tell.violation(problem, resource);
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
  readonly port: Value;
  readonly user?: Value;
  readonly key?: string;
}

function loginsOf(resource: Resource): Login[] {
  const { type, inputs } = resource;
  if (type === types.dockerProvider) {
    const place = text(at(inputs, "host"));
    const { host, user, port = sshPort } = sshLogin(place);
    return [{ resource, property: "sshOpts", place, key: knownHostKey(at(inputs, "sshOpts")), host, user, port }];
  }
  if (![types.command, types.hostFile, types.hostDirectory].some((each) => each === type)) return [];
  const [host, key] = ["host", "hostKey"].map((name) => text(at(inputs, "connection", name)));
  const [user, port] = ["user", "port"].map((name) => at(inputs, "connection", name));
  return [{ resource, property: "connection", place: host, host, port: port ?? sshPort, user, key: key?.trim() }];
}

function misled({ place }: Login, machine: Machine | undefined): string | undefined {
  if (place === undefined || machine) return undefined;
  return `it works on ${place}, which is no machine of this stack`;
}

/** Where no component tells a machine's user, nobody may log in. */
function posing({ host, user }: Login, machine: Machine | undefined): string | undefined {
  if (!machine || user === unknown || machine.user === unknown || (user ?? "root") === machine.user) return undefined;
  const whose = isHost(machine) ? "that homelab:hosts gives it" : "of a ToolingVm there";
  return `it logs in at ${String(host)} as ${String(user ?? "root")}, which is not the user ${whose} (${String(machine.user)})`;
}

function knocking({ host, port }: Login, machine: Machine | undefined): string | undefined {
  if (!machine || port === unknown || port === machine.port) return undefined;
  return `it logs in at port ${String(port)} of ${String(host)}, where SSH has ${machine.port}`;
}

function mistaken(
  { place, key }: Login,
  keys: readonly Resource[],
  machine: Machine | undefined,
  first?: Login,
): string | undefined {
  const name = place ?? "its machine";
  if (machine?.hostKey !== undefined)
    return key === machine.hostKey ? undefined : `it knows ${name} by another key than homelab:hosts gives it`;
  if (keys.length !== 1) return `the key by which it knows ${name} is made from no tls.PrivateKey of this stack`;
  if (key === undefined || first === undefined || first.key === key) return undefined;
  return `it knows ${name} by another key than ${label(first.resource)}`;
}

/** The keys that a login knows its machine by, also before they are there. */
function hostKeys({ resource, property }: Login, stack: Stack): Resource[] {
  const origins = stack.dependencies(resource, property);
  return stack.resources.filter(({ urn, type }) => type === types.privateKey && origins.includes(urn));
}

/** A sentence for each file or folder that is where another is. A VM is known by its key before its address is. */
function shared(logins: readonly Login[], machines: Machines, stack: Stack): [Resource, string][] {
  const changes = logins.flatMap((login) => {
    const path = at(login.resource.inputs, "path");
    const there = machines.at(login.host);
    const machine =
      there && isHost(there)
        ? there.name
        : hostKeys(login, stack)
            .map(({ urn }) => urn)
            .join();
    return typeof path === "string" ? [{ resource: login.resource, path, machine }] : [];
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
