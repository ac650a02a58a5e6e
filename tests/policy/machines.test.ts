import { gib, mib } from "../../config/size";
import { machinesOf, undeclared } from "../../policies/machines";
import { unknown, type Resource, type Stack, type Value } from "../../policies/resource";
import { types } from "../../policies/types";
import { urnOf } from "../helpers/policy/harness";

const resource = (type: string, name: string, inputs: Value, provider?: string): Resource => {
  return { urn: urnOf(type, name), type, name, inputs, protect: false, provider };
};

const stackOf = (...resources: Resource[]): Stack => ({ resources, dependencies: () => [] });

const entry = {
  name: "nas",
  address: "192.168.1.54",
  port: 2222,
  user: "admin",
  hostKey: "ssh-ed25519 AAAA",
  memory: gib(8),
};
const nas = resource(types.sshHost, "nas", { host: entry });
const component = resource(types.toolingVm, "tooling", { vm: { name: "tools", address: "192.168.1.60", user: "ops" } });
const vm = resource(types.virtualMachines[0], "tooling", {
  memory: { dedicated: 6144 },
  initialization: { ipConfigs: [{ ipv4: { address: "192.168.1.60/24" } }] },
});
const docker = resource(types.dockerProvider, "nas-docker", { host: "ssh://admin@192.168.1.54:2222" });
const elsewhere = resource(types.dockerProvider, "elsewhere", { host: "ssh://admin@203.0.113.9" });
const notThere = resource(types.dockerProvider, "later", { host: unknown });

const machines = machinesOf(stackOf(nas, component, vm, docker, elsewhere, notThere));

test("machines: a VM is what its component says, and one that was there before what the config says", () => {
  expect(machines.all).toEqual([
    { name: "tools", addresses: ["192.168.1.60"], port: 22, user: "ops", memory: mib(6144), resource: vm },
    {
      ...{ name: "nas", addresses: ["192.168.1.54"], port: 2222, user: "admin", hostKey: "ssh-ed25519 AAAA" },
      ...{ memory: gib(8), resource: nas },
    },
  ]);
});

test("machines: a template is none, nor what this run leaves out", () => {
  const template = resource(types.virtualMachines[0], "template", { template: true });
  expect(machinesOf(stackOf(template, resource(types.sshHost, "nas", {}))).all).toEqual([]);
});

test.each<[string, Resource, string | undefined]>([
  ["a file", resource(types.hostFile, "x", { connection: { host: "192.168.1.54" } }), "nas"],
  ["a command", resource(types.command, "x", { connection: { host: "192.168.1.60" } }), "tools"],
  ["what waits for its machine", resource(types.command, "x", { connection: unknown }), undefined],
  ["a file of another's", resource(types.hostFile, "x", { connection: { host: "192.168.1.66" } }), undefined],
  ["a container", resource(types.container, "x", {}, docker.urn), "nas"],
  ["a network", resource(types.network, "x", {}, docker.urn), "nas"],
  ["a container of the default provider", resource(types.container, "x", {}), undefined],
  ["a container of another's machine", resource(types.container, "x", {}, elsewhere.urn), undefined],
  ["a container of a provider that isn't known yet", resource(types.container, "x", {}, notThere.urn), undefined],
  ["a Docker provider", docker, "nas"],
  ["what is on none", resource(types.privateKey, "x", {}), undefined],
])("machines: %s is where it is reached", (_, each, name) => {
  expect(machines.of(each)?.name).toBe(name);
});

describe("machines: one that was there before is one of the config", () => {
  const [, machine] = machines.all;
  const judged = (hosts: Value) =>
    machine && undeclared(machine, stackOf(resource(types.inventory, "inventory", { hosts })));

  test.each<[string, Value, string | undefined]>([
    ["as it is there", [{ ...entry, name: "box" }, entry], undefined],
    [
      "not at all",
      [{ ...entry, name: "box" }],
      "homelab:hosts has no nas on which something runs; make it from an entry there",
    ],
    [
      "with another port",
      [{ ...entry, port: 22 }],
      "its `port` is another than homelab:hosts gives nas; take the entry there as it is",
    ],
    [
      "with a key that isn't known",
      [{ ...entry, hostKey: unknown }],
      "its `hostKey` is another than homelab:hosts gives nas; take the entry there as it is",
    ],
    [
      "in a list that isn't known",
      unknown,
      "homelab:hosts has no nas on which something runs; make it from an entry there",
    ],
  ])("%s", (_, hosts, problem) => {
    expect(judged(hosts)).toBe(problem);
  });
});
