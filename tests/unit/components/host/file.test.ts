import * as pulumi from "@pulumi/pulumi";

import { HostDirectory, HostFile } from "../../../../components/host/file";
import { dispatcher } from "../../../../providers/dynamic/dispatcher";
import { stubMachine } from "../../../helpers/unit/machine-stub";
import { deploy, resolved, types } from "../../../helpers/unit/pulumi-mocks";

const connection = { host: "192.168.1.60", user: "ops", hostKey: "ssh-ed25519 AAAA" };

const program = () => {
  const machine = stubMachine();
  const parent = new pulumi.ComponentResource("test:index:Pki", "pki");
  const content = pulumi.secret("intermediate key");
  const args = { machine, path: "/srv/pki/key", content, owner: "1000:1000", mode: "0400" };
  const file = new HostFile("key", args, { parent });
  const directory = new HostDirectory("db", { machine, path: "/srv/pki/db", owner: "1000:1000" }, { parent });
  const plain = new HostFile("motd", { machine, path: "/srv/pki/motd", content: "" }, { parent });
  return { machine, parent, file, directory, plain };
};

test("a file is on its machine, again on one that is made again, with no key but the machine's public one (EF-005)", async () => {
  const { inputs, secrets } = (await deploy(program)).get(types.hostFile, "key");
  expect(inputs).toEqual({
    __provider: dispatcher("host:File"),
    connection,
    installation: "machine-1",
    path: "/srv/pki/key",
    content: "intermediate key",
    owner: "1000:1000",
    mode: "0400",
  });
  expect(secrets).toEqual(["content"]);
});

test("a file belongs to root and is readable by all unless told otherwise", async () => {
  const { inputs } = (await deploy(program)).get(types.hostFile, "motd");
  expect(inputs).toMatchObject({ owner: "0:0", mode: "0644" });
});

test("a folder is for its owner alone (US5)", async () => {
  const { inputs, secrets } = (await deploy(program)).get(types.hostDirectory, "db");
  expect(inputs).toEqual({
    __provider: dispatcher("host:Directory"),
    connection,
    installation: "machine-1",
    path: "/srv/pki/db",
    owner: "1000:1000",
    mode: "0700",
  });
  expect(secrets).toEqual([]);
});

test("both go with their machine, and take the place of the commands that stacks of before have", async () => {
  const deployment = await deploy(program);
  const { machine, parent, file, directory } = deployment.result;
  for (const [type, name, before] of [
    [types.hostFile, "key", "homelab:host:File"],
    [types.hostDirectory, "db", "homelab:host:Directory"],
  ] as const) {
    const { options } = deployment.get(type, name);
    expect(options.deletedWith).toBe(machine.resource);
    expect(options.parent).toBe(parent);
    const [alias] = options.aliases as { type: string; parent: pulumi.Output<string> }[];
    expect(alias?.type).toBe("command:remote:Command");
    expect(await resolved(alias?.parent as pulumi.Output<string>)).toMatch(
      new RegExp(`test:index:Pki\\$${before}::${name}$`),
    );
  }
  expect(await resolved(file.path)).toBe("/srv/pki/key");
  expect(await resolved(directory.path)).toBe("/srv/pki/db");
});
