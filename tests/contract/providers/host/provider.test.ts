import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";

import { serveOperatorKey } from "../../../../tools/operator-agent";
import { HostServer } from "../../../helpers/unit/host-server";
import { Sandbox } from "../../../helpers/unit/machine-stub";
import { sshKeyPair } from "../../../helpers/unit/ssh-keys";
import { findTools } from "../../../helpers/contract/proxmox-program";
import { PulumiProject, type Run } from "../../../helpers/contract/pulumi-project";
import { uncomparedVariable } from "../../../../providers/dynamic/uncompared";

const found = findTools();
if ("reason" in found && process.env.CI !== "true") console.warn(`Skipped: ${found.reason}`);
const suite = "folders" in found ? describe : describe.skip;

const me = `${process.getuid?.()}:${process.getgid?.()}`;
const key = sshKeyPair().private;

interface Machine {
  connection: object;
  folder: string;
}

/** What stacks of before have: a command in a component for each file and folder, with the operator's key in each. */
const commands = ({ connection, folder }: Machine): string => `
  const command = require("@pulumi/command");
  const pulumi = require("@pulumi/pulumi");
  const connection = { ...${JSON.stringify(connection)}, privateKey: pulumi.secret(process.env.OPERATOR_KEY) };
  const pki = new pulumi.ComponentResource("homelab:pki:Pki", "pki");
  const make = (type, name, inputs) => {
    const parent = new pulumi.ComponentResource(type, name, {}, { parent: pki });
    new command.remote.Command(name, { connection, triggers: ["machine-1"], ...inputs }, { parent });
  };
  make("homelab:host:File", "pki-root", {
    create: "cat >${folder}/root.crt && chmod 0444 ${folder}/root.crt",
    delete: "cat >/dev/null && rm -f ${folder}/root.crt",
    stdin: "the root",
    logging: "none",
  });
  make("homelab:host:File", "pki-key", {
    create: "cat >${folder}/ca.key && chmod 0400 ${folder}/ca.key",
    delete: "cat >/dev/null && rm -f ${folder}/ca.key",
    stdin: pulumi.secret(process.env.CA_KEY),
    logging: "none",
  });
  make("homelab:host:Directory", "pki-db", { create: "mkdir -m 0700 ${folder}/db" });
`;

/** The same by the components of today. */
const files = ({ connection, folder }: Machine, root = "the root", more = ""): string => `
  const pulumi = require("@pulumi/pulumi");
  const { HostDirectory, HostFile } = require("./dist/components/host/file");
  const machine = { connection: ${JSON.stringify(connection)}, id: pulumi.output("machine-1") };
  const parent = new pulumi.ComponentResource("homelab:pki:Pki", "pki");
  const file = (name, file, mode, content) =>
    new HostFile(name, { machine, path: "${folder}/" + file, content, owner: "${me}", mode }, { parent });
  file("pki-root", "root.crt", "0444", "${root}");
  file("pki-key", "ca.key", "0400", pulumi.secret(process.env.CA_KEY));
  new HostDirectory("pki-db", { machine, path: "${folder}/db", owner: "${me}" }, { parent });
  ${more}
`;

suite("files and folders with Pulumi's own engine", () => {
  const secrets = { OPERATOR_KEY: HostServer.operator.private, CA_KEY: key };
  const sandbox = new Sandbox({ docker: "exit 0" });
  /** A Docker on the machine with one container, which mounts the root's file. */
  const startContainer = (): void => {
    const state = { Status: "running", StartedAt: "2026-01-01T00:00:00Z", Health: { Status: "healthy" } };
    const container = { id: "4711", name: "/traefik", state, mounts: [{ Source: `${folder}/root.crt` }] };
    const answers = `ps) echo 4711 ;; inspect) echo '${JSON.stringify(container)}' ;; restart) echo "$2" >> "$0.restarts" ;;`;
    writeFileSync(sandbox.path("docker"), `#!/bin/sh\ncase "$1" in ${answers} esac\n`);
  };
  const restarts = (): string => (existsSync(restarted) ? readFileSync(restarted, "utf8") : "");
  const restarted = sandbox.path("docker.restarts");
  const server = new HostServer(sandbox);
  const folder = sandbox.path("srv");
  let machine: Machine;
  let project: PulumiProject;

  beforeAll(async () => {
    mkdirSync(folder);
    const connection = { ...(await server.start()), port: server.port, dialErrorLimit: 8, perDialTimeout: 4 };
    machine = { connection, folder };
    writeFileSync(sandbox.path("key"), HostServer.operator.private, { mode: 0o600 });
    const agent = await serveOperatorKey(() => Promise.resolve(sandbox.path("key")), console.error);
    const programs = "folders" in found ? found.folders : [];
    project = new PulumiProject("host", programs, {
      ...{ ...secrets, SSH_AUTH_SOCK: agent },
      [uncomparedVariable]: sandbox.path("uncompared"),
    });
    await project.pulumi("stack", "init", "test");
  }, 60_000);

  afterAll(async () => {
    project?.remove();
    await server.stop();
    sandbox.remove();
  });

  const run = (program: string, ...args: string[]): Promise<Run> => {
    project.write("index.js", program);
    return project.pulumi(...args);
  };
  const up = (program: string, ...more: string[]): Promise<Run> =>
    run(program, "up", "--yes", "--skip-preview", ...more);
  const done = (output: RegExp) => ({ code: 0, output: expect.stringMatching(output) });
  /** When the machine's files were written. */
  const written = (): number[] => ["root.crt", "ca.key", "db"].map((name) => statSync(`${folder}/${name}`).ctimeMs);

  test("US5: a stack from before takes its files over, and nothing is written on the machine", async () => {
    expect(await up(commands(machine))).toMatchObject(done(/\+ 8 created/));
    const before = written();
    server.commands.splice(0);
    const preview = await run(files(machine), "preview");
    expect(preview).toMatchObject(done(/~ 3 to update\s+- 3 to delete\s+6 changes\. 2 unchanged/));
    expect(server.commands).toEqual([]);
    expect(await up(files(machine))).toMatchObject(done(/~ 3 updated\s+- 3 deleted/));
    expect(written()).toEqual(before);
    expect(server.commands.filter(({ text }) => !text.includes("stat -c"))).toEqual([]);
    expect(await run(files(machine), "preview", "--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await run(files(machine), "preview", "--refresh", "--expect-no-changes")).toMatchObject({ code: 0 });
  }, 120_000);

  test("EF-005: its state has neither the operator's key nor a secret in clear, and no command has printed one", () => {
    const { deployment } = JSON.parse(project.state()) as { deployment: { resources: { type: string }[] } };
    expect(deployment.resources.map(({ type }) => type)).not.toContain("command:remote:Command");
    for (const line of [...key.split("\n"), ...HostServer.operator.private.split("\n")].filter((each) => each !== ""))
      expect(project.state()).not.toContain(line);
    const [file] = deployment.resources.filter(({ type }) => type === "pulumi-nodejs:dynamic/host:File");
    console.info(`One file in the state: ${JSON.stringify(file).length} bytes`);
  });

  test("Reliability: what was changed, removed or opened by hand is found by a refresh, and the update sets it right", async () => {
    startContainer();
    rmSync(`${folder}/root.crt`);
    await sandbox.run(`chmod 0644 ${folder}/ca.key && chmod 0755 ${folder}/db`);
    const drift = await run(files(machine), "refresh", "--preview-only", "--expect-no-changes");
    expect({ ...drift, code: 0 }).toMatchObject(done(/~ 2 to update\s+- 1 to delete/));
    expect(drift.code).not.toBe(0);
    expect(await up(files(machine), "--refresh")).toMatchObject(done(/\+ 1 created\s+~ 2 updated/));
    expect(readFileSync(`${folder}/root.crt`, "utf8")).toBe("the root");
    expect(["ca.key", "db"].map((name) => (statSync(`${folder}/${name}`).mode & 0o777).toString(8))).toEqual([
      "400",
      "700",
    ]);
    expect(await run(files(machine), "preview", "--refresh", "--expect-no-changes")).toMatchObject({ code: 0 });
  }, 120_000);

  test("Reliability: a container that mounts it starts again after it came back or was mended, and not for a change of the program", async () => {
    expect(restarts()).toBe("4711\n");
    await sandbox.run(`chmod 0644 ${folder}/root.crt && echo foreign > ${folder}/root.crt`);
    const mended = await up(files(machine), "--refresh");
    expect(mended).toMatchObject(done(/~ 1 updated/));
    expect(mended.output).toContain(`Mended ${folder}/root.crt. Restarting what runs on what was there: traefik.`);
    expect(restarts()).toBe("4711\n4711\n");
    expect(await up(files(machine, "another root"))).toMatchObject(done(/~ 1 updated/));
    expect(await up(files(machine))).toMatchObject(done(/~ 1 updated/));
    expect(restarts()).toBe("4711\n4711\n");
  }, 120_000);

  const urnOf = (name: string) => `urn:pulumi:test::host::homelab:pki:Pki$pulumi-nodejs:dynamic/host:File::${name}`;
  const textAt = (name: string): string => readFileSync(`${folder}/${name}`, "utf8");

  test("Reliability: a file that is made again on demand (--replace, state taint) is there", async () => {
    expect(await up(files(machine), "--replace", urnOf("pki-root"))).toMatchObject(done(/\+-1 replaced/));
    expect(textAt("root.crt")).toBe("the root");
    expect(await project.pulumi("state", "taint", urnOf("pki-root"), "--yes")).toMatchObject({ code: 0 });
    expect(await up(files(machine), "--refresh")).toMatchObject(done(/\+-1 replaced/));
    expect(textAt("root.crt")).toBe("the root");
  }, 60_000);

  test("Reliability: a file stays that gets another name in the program, two that swap their paths do, and one that is over goes", async () => {
    const two = (one: string, a: string, other: string, b: string) =>
      files(machine, "the root", `file("${one}", "${a}", "0444", "${a}"); file("${other}", "${b}", "0444", "${b}");`);
    expect(await up(two("pki-a", "a", "pki-b", "b"))).toMatchObject(done(/\+ 2 created/));
    expect(await up(two("pki-a", "b", "pki-b", "a"))).toMatchObject(done(/\+-2 replaced/));
    expect([textAt("a"), textAt("b")]).toEqual(["a", "b"]);
    expect(await up(two("pki-c", "a", "pki-b", "b"), "--refresh")).toMatchObject({ code: 0 });
    expect([textAt("a"), textAt("b")]).toEqual(["a", "b"]);
    expect(await up(files(machine), "--refresh")).toMatchObject(done(/- 2 deleted/));
    expect(["a", "b", "root.crt"].map((name) => existsSync(`${folder}/${name}`))).toEqual([false, false, true]);
  }, 120_000);

  test("EF-005: where another machine has the address, a refresh says so once and goes on, and notes that nobody was asked", async () => {
    const { port } = server;
    await server.stop();
    const stranger = new HostServer(sandbox);
    await stranger.start(port);
    const refresh = await project.pulumi("refresh", "--preview-only", "--expect-no-changes");
    expect(refresh).toMatchObject({ code: 0 });
    expect(refresh.output).toContain("(status 495)");
    expect(readFileSync(sandbox.path("uncompared"), "utf8")).toBe("machine 127.0.0.1\n".repeat(3));
    expect(await up(files(machine, "another root"))).toMatchObject({ code: 1 });
    expect(stranger.commands).toEqual([]);
    await stranger.stop();
    await server.start(port);
  }, 60_000);

  test("a change is written once, over one connection; destroy removes the files and keeps the folder", async () => {
    server.opened = 0;
    expect(await up(files(machine, "another root"))).toMatchObject(done(/~ 1 updated/));
    expect(readFileSync(`${folder}/root.crt`, "utf8")).toBe("another root");
    expect(server.opened).toBe(1);
    const destroyed = await run(files(machine, "another root"), "destroy", "--yes", "--skip-preview");
    expect(destroyed).toMatchObject({ code: 0 });
    expect(destroyed.output).toContain(`${folder}/db stays on 127.0.0.1, with what is in it.`);
    expect(["root.crt", "ca.key", "db"].map((name) => existsSync(`${folder}/${name}`))).toEqual([false, false, true]);
    expect(server.opened).toBe(2);
  }, 60_000);
});
