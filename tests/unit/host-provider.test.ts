import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";

import { patience } from "../../providers/dynamic/http";
import { Host, longestRun } from "../../providers/host/host";
import { serveOperatorKey } from "../../tools/operator-agent";
import { HostServer } from "./host-server";
import { Sandbox } from "./machine-stub";
import { Stack } from "./provider-stack";
import { sshKeyPair } from "./ssh-keys";

const me = `${process.getuid?.()}:${process.getgid?.()}`;
const about = { action: "read", object: "file", name: "/x" };

const keys = new Sandbox();
let agent: string;
let sandbox: Sandbox;
let server: HostServer;
let connection: { host: string; port: number; user: string; hostKey: string };
const environment = process.env.SSH_AUTH_SOCK;
const original = { ...patience };

const agentWith = (key: string): Promise<string> => {
  writeFileSync(keys.path("key"), key, { mode: 0o600 });
  return serveOperatorKey(
    () => Promise.resolve(keys.path("key")),
    (line) => {
      throw new Error(line);
    },
  );
};

beforeAll(async () => void (agent = await agentWith(HostServer.operator.private)));
afterAll(() => keys.remove());
beforeEach(async () => {
  sandbox = new Sandbox({ chown: `stat -c %a "$2" >> "$0.modes"; exec /bin/chown "$@"` });
  server = new HostServer(sandbox);
  connection = { ...(await server.start()), port: server.port };
  process.env.SSH_AUTH_SOCK = agent;
  Object.assign(patience, { pause: 5 });
});
afterEach(async () => {
  await server.stop();
  sandbox.remove();
  Object.assign(patience, original);
  if (environment === undefined) delete process.env.SSH_AUTH_SOCK;
  else process.env.SSH_AUTH_SOCK = environment;
});

const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
const file = (): Stack => new Stack("File", connection, "host");
const directory = (): Stack => new Stack("Directory", connection, "host");
const args = (more: object = {}) => ({ path: sandbox.path("etc/file"), content: "text\n", owner: me, ...more });
const writes = (): number => server.commands.filter(({ text }) => text.includes("mktemp")).length;

describe("a file", () => {
  test.each(["0400", "0444", "0644"])("is written with mode %s, in folders that others can pass", async (wanted) => {
    const content = "line 1\n\ttwo $HOME `id` 'quoted' \\ ü\nno newline at the end";
    expect(await file().up(args({ content, mode: wanted }))).toBe("create");
    expect(readFileSync(sandbox.path("etc/file"), "utf8")).toBe(content);
    expect(`0${mode(sandbox.path("etc/file"))}`).toBe(wanted);
    expect(mode(sandbox.path("etc"))).toBe("755");
    expect(readdirSync(sandbox.path("etc"))).toEqual(["file"]);
  });

  test("takes a path with blanks and quotes", async () => {
    const path = sandbox.path("it's a dir/the file");
    await file().up(args({ path }));
    expect(readFileSync(path, "utf8")).toBe("text\n");
  });

  test("is read by nobody else before it has its owner and mode, and travels on standard input (EF-005)", async () => {
    await file().up(args({ content: "the key", mode: "0400" }));
    expect(readFileSync(sandbox.path("chown.modes"), "utf8")).toBe("600\n");
    expect(JSON.stringify(server.commands)).not.toContain("the key");
  });

  test("US5: is not written where it is what it should be, also when another type's state says nothing of it", async () => {
    const stack = file();
    mkdirSync(sandbox.path("etc"));
    writeFileSync(sandbox.path("etc/file"), "text\n");
    // What an alias from a command brings along.
    stack.id = "command-0123";
    stack.outs = { create: "sudo sh -c …", stdin: "text\n", triggers: ["machine-1"] };
    expect(await stack.up(args())).toBe("update");
    expect(writes()).toBe(0);
    expect(await stack.refresh()).toBe(true);
    expect(stack.id).toBe(sandbox.path("etc/file").replaceAll("/", "%2F"));
    expect(await stack.up(args())).toBe("same");
    expect(writes()).toBe(0);
  });

  test("one that came from another type stays in the state where nobody knows whether it is removed", async () => {
    const stack = file();
    mkdirSync(sandbox.path("etc"));
    writeFileSync(sandbox.path("etc/file"), "text\n");
    Object.assign(stack, { id: "command-0123", outs: { stdin: "text\n" } });
    await stack.up(args());
    let cuts = 0;
    server.before = (command) => {
      if (!command.includes("rm -f") || ++cuts > patience.attempts) return;
      server.cut();
      return new Promise(() => undefined);
    };
    await expect(stack.destroy()).rejects.toThrow("(no answer): the connection broke");
    expect(existsSync(sandbox.path("etc/file"))).toBe(true);
    await stack.destroy();
    expect(existsSync(sandbox.path("etc/file"))).toBe(false);
  });

  test.each([
    ["its content", () => writeFileSync(sandbox.path("etc/file"), "other"), { content: "other" }],
    ["its mode", () => sandbox.run(`chmod 0666 ${sandbox.path("etc/file")}`), { mode: "0666" }],
    ["its owner", () => sandbox.run(`/bin/chown 12:34 ${sandbox.path("etc/file")}`), { owner: "12:34" }],
  ])("Reliability: of a change by hand, %s is found by a refresh and set right", async (_what, change, found) => {
    const stack = file();
    await stack.up(args());
    await change();
    expect(await stack.refresh()).toBe(true);
    expect(stack.inputs).toMatchObject(found);
    expect(await stack.up(args())).toBe("update");
    expect(readFileSync(sandbox.path("etc/file"), "utf8")).toBe("text\n");
    expect(mode(sandbox.path("etc/file"))).toBe("644");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(args())).toBe("same");
  });

  test.each([
    ["removed", () => undefined],
    ["made a link", (path: string) => symlinkSync("/etc/hostname", path)],
  ])("Reliability: one that was %s by hand is found gone, and comes back", async (_what, change) => {
    const path = sandbox.path("etc/file");
    const stack = file();
    await stack.up(args());
    await sandbox.run(`rm ${path}`);
    change(path);
    expect(await stack.refresh()).toBe(false);
    expect(await stack.up(args())).toBe("create");
    expect(statSync(path).isFile()).toBe(true);
    expect(readFileSync(path, "utf8")).toBe("text\n");
  });

  test("a new path is a new file, and the old one is removed", async () => {
    const stack = file();
    await stack.up(args());
    expect(await stack.up(args({ path: sandbox.path("etc/other") }))).toBe("replace");
    expect(readdirSync(sandbox.path("etc"))).toEqual(["other"]);
  });

  test("another machine gets it again, and the old one is left alone", async () => {
    const stack = file();
    await stack.up({ ...args(), installation: "one" });
    await sandbox.run(`rm ${sandbox.path("etc/file")}`);
    expect(await stack.up({ ...args(), installation: "two" })).toBe("update");
    expect(existsSync(sandbox.path("etc/file"))).toBe(true);
  });

  test("the old one stays where the new one can't be written, with the reason", async () => {
    const path = sandbox.path("etc/file");
    await file().up(args());
    writeFileSync(sandbox.path("chown"), "#!/bin/sh\necho 'chown: no such user' >&2\nexit 1\n");
    await expect(file().up(args({ content: "new" }))).rejects.toThrow(
      `Cannot create file "${path}" in machine 127.0.0.1 (status 1): chown: no such user.`,
    );
    expect(readFileSync(path, "utf8")).toBe("text\n");
    expect(readdirSync(sandbox.path("etc"))).toEqual(["file"]);
  });

  test("Reliability: the old one stays where the connection breaks within the new one's text", async () => {
    await file().up(args());
    server.arrives = (input) => input.slice(0, 5);
    await expect(file().up(args({ content: "a new text\n" }))).rejects.toThrow("its text broke off");
    expect(readFileSync(sandbox.path("etc/file"), "utf8")).toBe("text\n");
    expect(readdirSync(sandbox.path("etc"))).toEqual(["file"]);
  });

  test("arguments are refused all at once, each with what would be right", async () => {
    expect(await file().refusals({ path: "/srv/../etc/x", content: 7, owner: "root", mode: "rwx" })).toEqual([
      'path: "/srv/../etc/x" is no absolute path of its shortest form; write it as /srv/edge/x.yml',
      'owner: "root" is no numeric uid:gid; write it as 1000:1000',
      'mode: "rwx" is no octal mode; write it as 0644',
      "content: is no text; give the file's text",
    ]);
    const elsewhere = new Stack("File", { host: "a b", user: "", hostKey: "SHA256:x", port: 0 }, "host");
    expect(await elsewhere.refusals(args())).toEqual([
      "connection.host: is no address of a machine; write it as 192.168.1.60",
      "connection.port: 0 is no whole number from 1 to 65535; choose one",
      "connection.user: is no user name; give the one that may log in and use sudo",
      "connection.hostKey: is no public key; give the machine's, as its ssh_host_ed25519_key.pub has it",
    ]);
  });
});

describe("a folder", () => {
  const place = (more: object = {}) => ({ path: sandbox.path("data"), owner: me, ...more });

  test("is for its owner alone, keeps its data, and is set right (US5)", async () => {
    const stack = directory();
    await stack.up(place());
    expect(mode(sandbox.path("data"))).toBe("700");
    writeFileSync(sandbox.path("data/rows"), "1");
    await sandbox.run(`chmod 0755 ${sandbox.path("data")}`);
    expect(await stack.refresh()).toBe(true);
    expect(stack.inputs).toMatchObject({ mode: "0755" });
    expect(await stack.up(place())).toBe("update");
    expect(mode(sandbox.path("data"))).toBe("700");
    await stack.destroy();
    expect(readFileSync(sandbox.path("data/rows"), "utf8")).toBe("1");
  });

  test("is not touched where it is what it should be", async () => {
    mkdirSync(sandbox.path("data"), { mode: 0o700 });
    await directory().up(place());
    expect(server.commands.filter(({ text }) => text.includes("install"))).toEqual([]);
  });

  test("that something else took the place of is found gone", async () => {
    const stack = directory();
    await stack.up(place());
    await sandbox.run(`rmdir ${sandbox.path("data")}; touch ${sandbox.path("data")}`);
    expect(await stack.refresh()).toBe(false);
  });
});

describe("the connection", () => {
  test("is one, however much is done, and at most eight things are done at once", async () => {
    server.before = () => new Promise((done) => setTimeout(done, 20));
    await Promise.all(Array.from({ length: 20 }, (_, i) => file().up(args({ path: sandbox.path(`etc/${i}`) }))));
    expect(readdirSync(sandbox.path("etc"))).toHaveLength(20);
    expect(server.opened).toBe(1);
    expect(Math.max(...server.commands.map(({ beside }) => beside))).toBe(7);
  });

  test("Reliability: a machine that takes fewer sessions at once gets everything, a little later", async () => {
    server.mostSessions = 3;
    Object.assign(patience, { pause: 200 });
    await Promise.all(Array.from({ length: 8 }, (_, i) => file().up(args({ path: sandbox.path(`etc/${i}`) }))));
    expect(readdirSync(sandbox.path("etc"))).toHaveLength(8);
    expect(server.opened).toBe(1);
  });

  test("Reliability: one that breaks is made anew, and what was being done is done again", async () => {
    const stack = file();
    await stack.up(args());
    let cuts = 0;
    server.before = () => {
      if (cuts++ === 0) server.cut();
    };
    expect(await stack.up(args({ content: "new" }))).toBe("update");
    expect(readFileSync(sandbox.path("etc/file"), "utf8")).toBe("new");
    expect(server.opened).toBe(2);
  });

  test("Reliability: a command that has ended before anybody knows that it began is heard", async () => {
    server.inOnePacket = true;
    expect((await new Host(connection).run("echo done", about)).toString()).toBe("done\n");
    expect(server.commands).toHaveLength(1);
  });

  test("Reliability: a command that never ends is given up, and said so", async () => {
    const { time } = longestRun;
    longestRun.time = 1000;
    server.before = () => new Promise(() => undefined);
    await expect(new Host(connection).run("true", about)).rejects.toThrow("(status 124): it has not ended within 1 s.");
    longestRun.time = time;
    expect(server.commands).toHaveLength(1);
  });

  test("EF-005: a machine with another host key is told nothing", async () => {
    const other = new HostServer(sandbox);
    const { hostKey } = await other.start();
    const host = new Host({ ...connection, hostKey });
    await expect(host.run("true", about, "secret")).rejects.toThrow(
      'Cannot read file "/x" in machine 127.0.0.1 (status 495): it shows another host key than the one that this stack ' +
        "gave it. Who answers there is not this stack's machine: find out what has its address. A machine that was made " +
        "again by hand has to be made again by the stack.",
    );
    expect(server.commands).toEqual([]);
    await other.stop();
  });

  test("without the operator's key it says how to run it", async () => {
    const refusal =
      "Run it with `npm run up` or another of npm's commands, with homelab:operatorKeyFile naming the key that the machine knows.";
    delete process.env.SSH_AUTH_SOCK;
    await expect(new Host(connection).run("true", about)).rejects.toThrow(
      `(status 401): no SSH agent has the operator's key (SSH_AUTH_SOCK is not set). ${refusal}`,
    );
    process.env.SSH_AUTH_SOCK = await agentWith(sshKeyPair().private);
    await expect(new Host(connection).run("true", about)).rejects.toThrow(
      `(status 401): it lets nobody in as ops with a key of the SSH agent. ${refusal}`,
    );
    expect(server.commands).toEqual([]);
  });

  test("Reliability: a refresh without the operator's key fails, as nothing was compared", async () => {
    const stack = file();
    await stack.up(args());
    process.env.SSH_AUTH_SOCK = await serveOperatorKey(
      () => Promise.reject(new Error("no such setting")),
      () => undefined,
    );
    Object.assign(stack.outs, { connection: { ...connection, user: "other" } }); // a login of its own
    await expect(stack.refresh()).rejects.toThrow("(status 401): the SSH agent gives no key");
  });

  test("a machine that does not answer is tried again, and then the state of what is on it stays", async () => {
    const stack = file();
    await stack.up(args());
    await server.stop();
    const before = { ...stack.outs };
    const told = jest.spyOn(console, "error").mockImplementation(() => undefined);
    expect(await stack.refresh()).toBe(true);
    expect(await stack.refresh()).toBe(true);
    expect(stack.outs).toEqual(before);
    expect(told.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^warning: Cannot read file .* \(no answer\): 127\.0\.0\.1:\d+: connect ECONNREFUSED .* ssh ops@127\.0\.0\.1 true/,
        ),
      ],
    ]);
    told.mockRestore();
  });
});
