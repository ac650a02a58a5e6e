import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";

import * as pulumi from "@pulumi/pulumi";

import { HostDirectory, HostFile, removeCommand, writeCommand } from "../../components/host-file";
import { Sandbox, stubMachine } from "./machine-stub";
import { deploy, resolved, types } from "./pulumi-mocks";

describe("HostFile", () => {
  const program = () => {
    const machine = stubMachine();
    const content = pulumi.secret("intermediate key");
    const args = { machine, path: "/srv/pki/key", content, owner: "1000:1000", mode: "0400" };
    return { machine, file: new HostFile("key", args) };
  };

  test("sends a secret on standard input, as a secret, and never in a command line (EF-005)", async () => {
    const { inputs, secrets } = (await deploy(program)).get(types.command, "key");
    expect(inputs).toEqual({
      connection: {
        host: "192.168.1.60",
        user: "ops",
        privateKey: "operator key",
        port: 22,
        dialErrorLimit: 10,
        perDialTimeout: 15,
      },
      create: writeCommand("/srv/pki/key", "1000:1000", "0400"),
      delete: "cat >/dev/null && sudo rm -f '/srv/pki/key'",
      stdin: "intermediate key",
      logging: "none",
      triggers: ["machine-1", "/srv/pki/key"],
    });
    expect(secrets.sort()).toEqual(["connection", "stdin"]);
  });

  test("removes the old file before it writes one under a new path, and nothing once the machine is gone", async () => {
    const deployment = await deploy(program);
    const { options } = deployment.get(types.command, "key");
    expect(options.deleteBeforeReplace).toBe(true);
    expect(options.deletedWith).toBe(deployment.result.machine.resource);
    expect(options.parent).toBe(deployment.result.file);
  });

  test("gives its path once the file is there, and keeps it unknown in the preview before", async () => {
    expect(await resolved((await deploy(program)).result.file.path)).toBe("/srv/pki/key");
    const preview = await deploy(program, { preview: true });
    expect(await (preview.result.file.path as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(false);
  });

  test("belongs to root and is readable by all unless told otherwise", async () => {
    const deployment = await deploy(
      () => new HostFile("motd", { machine: stubMachine(), path: "/etc/motd", content: "" }),
    );
    expect(deployment.get(types.command, "motd").inputs.create).toBe(writeCommand("/etc/motd", "0:0", "0644"));
  });
});

describe("HostDirectory", () => {
  test("makes a private directory and keeps its data when it is destroyed (US5)", async () => {
    const deployment = await deploy(() => {
      const args = { machine: stubMachine(), path: "/srv/pki/db", owner: "1000:1000" };
      return new HostDirectory("db", args).path;
    });
    const { inputs } = deployment.get(types.command, "db");
    expect(inputs.create).toBe("sudo install -d -o 1000 -g 1000 -m 0700 '/srv/pki/db'");
    expect(inputs).not.toHaveProperty("delete");
    expect(inputs.triggers).toEqual(["machine-1"]);
    expect(await resolved(deployment.result)).toBe("/srv/pki/db");
  });
});

test("the command that removes a file takes all of the content that it is sent: what ends before, has failed to the plugin", async () => {
  const sandbox = new Sandbox();
  const path = sandbox.path("file");
  writeFileSync(path, "content");
  const env = { ...process.env, PATH: `${sandbox.directory}:${process.env.PATH}` };
  const failures: Error[] = [];
  await new Promise<void>((done) => {
    const child = execFile("sh", ["-c", removeCommand(path)], { env }, () => done());
    child.stdin?.on("error", (error) => failures.push(error)).end("x".repeat(2 ** 20));
  });
  expect(failures).toEqual([]);
  expect(existsSync(path)).toBe(false);
  sandbox.remove();
});

describe("the command that writes a file, run for real", () => {
  const me = `${process.getuid?.()}:${process.getgid?.()}`;
  let sandbox: Sandbox;
  beforeEach(() => (sandbox = new Sandbox({ chown: `stat -c %a "$2" >> "$0.modes"; exec /bin/chown "$@"` })));
  afterEach(() => sandbox.remove());
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

  test.each(["0400", "0444", "0644"])("writes the content with mode %s", async (wanted) => {
    const content = "line 1\n\ttwo $HOME `id` 'quoted' \\ ü\nno newline at the end";
    const path = sandbox.path("etc/file");
    expect(await sandbox.run(writeCommand(path, me, wanted), { stdin: content })).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
    expect(readFileSync(path, "utf8")).toBe(content);
    expect(`0${mode(path)}`).toBe(wanted);
    expect(readdirSync(sandbox.path("etc"))).toEqual(["file"]);
  });

  test("makes missing directories so that an unprivileged container can pass them", async () => {
    await sandbox.run(writeCommand(sandbox.path("srv/pki/certs/root.crt"), me, "0444"));
    expect(["srv", "srv/pki", "srv/pki/certs"].map((name) => mode(sandbox.path(name)))).toEqual(["755", "755", "755"]);
  });

  test("takes a path with blanks and quotes", async () => {
    const path = sandbox.path("it's a dir/the file");
    expect((await sandbox.run(writeCommand(path, me, "0600"), { stdin: "content" })).status).toBe(0);
    expect(readFileSync(path, "utf8")).toBe("content");
  });

  test("lets nobody else read the file before it has its owner and mode (EF-005)", async () => {
    await sandbox.run(`umask 000; ${writeCommand(sandbox.path("etc/key"), me, "0400")}`, { stdin: "key" });
    expect(readFileSync(sandbox.path("chown.modes"), "utf8")).toBe("600\n");
  });

  test("shows the old file until the new one is whole", async () => {
    const path = sandbox.path("etc/file");
    mkdirSync(sandbox.path("etc"));
    writeFileSync(path, "old");
    const write = writeCommand(path, me, "0644");
    const slow = `{ printf first; sleep 0.3; cat '${path}' > '${sandbox.path("seen")}'; printf second; } | ${write}`;
    expect((await sandbox.run(slow)).status).toBe(0);
    expect(readFileSync(sandbox.path("seen"), "utf8")).toBe("old");
    expect(readFileSync(path, "utf8")).toBe("firstsecond");
  });

  test.each([
    ["chown", "nobody-of-this-name:nobody-of-this-name", "0644"],
    ["chmod", me, "rwx?"],
  ])("leaves the old file and nothing else where %s fails", async (_program, owner, wanted) => {
    const path = sandbox.path("etc/file");
    mkdirSync(sandbox.path("etc"));
    writeFileSync(path, "old");
    const result = await sandbox.run(writeCommand(path, owner, wanted), { stdin: "new" });
    expect(result.status).not.toBe(0);
    expect(result.stderr).toMatch(/invalid (user|mode)/);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(sandbox.path("etc"))).toEqual(["file"]);
  });

  test("does not follow a link that stands where the file belongs", async () => {
    mkdirSync(sandbox.path("etc"));
    writeFileSync(sandbox.path("target"), "precious");
    symlinkSync("../target", sandbox.path("etc/file"));
    await sandbox.run(writeCommand(sandbox.path("etc/file"), me, "0644"), { stdin: "new" });
    expect(readFileSync(sandbox.path("target"), "utf8")).toBe("precious");
    expect(readFileSync(sandbox.path("etc/file"), "utf8")).toBe("new");
  });
});
