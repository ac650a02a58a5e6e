import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server as NetServer } from "node:net";

import { utils } from "ssh2";

import { patience } from "../../../../providers/dynamic/http";
import { Host, longestRun } from "../../../../providers/host/host";
import { serveOperatorKey } from "../../../../tools/operator-agent";
import { HostServer } from "../../../helpers/unit/host-server";
import { HostSetting, me } from "../../../helpers/unit/host-setting";
import { Stack, failure } from "../../../helpers/unit/provider-stack";
import { sshKeyPair } from "../../../helpers/unit/ssh-keys";
import { uncomparedVariable } from "../../../../providers/dynamic/uncompared";

const limits = { ...longestRun };
afterEach(() => void Object.assign(longestRun, limits));

const about = { action: "read", object: "file", name: "/x" };

const host = new HostSetting();

describe("the connection", () => {
  test("is one, however much is done, and at most eight things are done at once", async () => {
    host.server.before = () => new Promise((done) => setTimeout(done, 20));
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => host.file().up(host.args({ path: host.sandbox.path(`etc/${i}`) }))),
    );
    expect(readdirSync(host.sandbox.path("etc"))).toHaveLength(20);
    expect(host.server.opened).toBe(1);
    expect(Math.max(...host.server.commands.map(({ beside }) => beside))).toBe(7);
  });

  test("Reliability: a machine that takes fewer sessions at once gets everything, a little later", async () => {
    host.server.mostSessions = 3;
    Object.assign(patience, { pause: 200 });
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => host.file().up(host.args({ path: host.sandbox.path(`etc/${i}`) }))),
    );
    expect(readdirSync(host.sandbox.path("etc"))).toHaveLength(8);
    expect(host.server.opened).toBe(1);
  });

  test("Reliability: one that breaks is made anew, and what was being done is done again", async () => {
    const stack = host.file();
    await stack.up(host.args());
    let cuts = 0;
    host.server.before = () => {
      if (cuts++ === 0) host.server.cut();
    };
    expect(await stack.up(host.args({ content: "new" }))).toBe("update");
    expect(readFileSync(host.sandbox.path("etc/file"), "utf8")).toBe("new");
    expect(host.server.opened).toBe(2);
  });

  test("Reliability: a command that has ended before anybody knows that it began is heard", async () => {
    host.server.inOnePacket = true;
    expect((await new Host(host.connection).run("echo done", about)).toString()).toBe("done\n");
    expect(host.server.commands).toHaveLength(1);
  });

  test("Reliability: what takes too long is ended on the machine, and nobody says that it did nothing", async () => {
    Object.assign(longestRun, { time: 1000 });
    const late = host.sandbox.path("late");
    const error = await failure(new Host(host.connection).run(`sleep 2; touch ${late}`, about));
    expect(error).toMatchObject({ status: 124, unsure: true });
    expect(error.message).toContain("(status 124): it has not ended within 1 s. It may have been done all the same.");
    await new Promise((done) => setTimeout(done, 1500));
    expect(existsSync(late)).toBe(false);
    expect(host.server.commands).toHaveLength(1);
  });

  test("Reliability: a command that cannot be ended is given up, and one that begins after that gets nothing to write", async () => {
    Object.assign(longestRun, { time: 100, grace: 200 });
    let begin = (): void => undefined;
    host.server.before = () => new Promise((done) => (begin = done));
    await expect(new Host(host.connection).run("true", about)).rejects.toThrow(
      "(status 124): it has not ended within 0.1 s.",
    );
    await new Promise((done) => setTimeout(done, 200));
    expect(host.server.closed).toBe(1);
    begin();
  });

  test.each([
    ...["echo Welcome!", "printf 'no newline'", "echo '0:0 644 regular file'; echo text"],
    ...["trap 'echo bye' EXIT", "trap 'printf bye' EXIT; echo Welcome!"],
  ])("Reliability: what a login shell prints of its own (%s) is no part of anything", async (greeting) => {
    host.server.greeting = greeting;
    const [stack, folder] = [host.file(), host.directory()];
    expect(await stack.up(host.args())).toBe("create");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(host.args())).toBe("same");
    await folder.up({ path: host.sandbox.path("data"), owner: me });
    expect(await folder.refresh()).toBe(true);
    await host.sandbox.run(`rm ${host.sandbox.path("etc/file")}`);
    expect(await stack.refresh()).toBe(false);
  });

  test("Reliability: a login shell that runs nothing has written no file, and what to look into is said", async () => {
    host.server.greeting = "exit 0";
    await expect(host.file().up(host.args())).rejects.toThrow(
      `Cannot create file "${host.sandbox.path("etc/file")}" in machine 127.0.0.1 (status 126): its login shell did something ` +
        'else than it was told to. See what this prints, which should be nothing but "ran": ssh ops@127.0.0.1 echo ran. ' +
        "Look into that user's ~/.bashrc, and for a command in ~/.ssh/authorized_keys.",
    );
  });

  test("EF-005: a machine with another host key is told nothing", async () => {
    const other = new HostServer(host.sandbox);
    const { hostKey } = await other.start();
    const stranger = new Host({ ...host.connection, hostKey });
    await expect(stranger.run("true", about, "secret")).rejects.toThrow(
      'Cannot read file "/x" in machine 127.0.0.1 (status 495): it shows another host key than the one that this stack ' +
        "gave it. Who answers there is not this stack's machine, and is told nothing: find out what has its address. A " +
        "machine that was made again by hand has to be made again by the stack (docs/runbooks/vm-lost.md).",
    );
    expect(host.server.commands).toEqual([]);
    await other.stop();
  });

  test.each([
    ["ecdsa", () => utils.generateKeyPairSync("ecdsa", { bits: 256 })],
    ["rsa", () => utils.generateKeyPairSync("rsa", { bits: 2048 })],
  ])("EF-005: so is one that has a key of another kind only (%s)", async (_kind, key) => {
    const other = new HostServer(host.sandbox, key());
    const { hostKey } = await other.start();
    const place = { ...host.connection, port: other.port };
    await expect(new Host(place).run("true", about, "secret")).rejects.toThrow(
      "(status 495): it shows another host key",
    );
    expect(other.commands).toEqual([]);
    expect((await new Host({ ...place, hostKey }).run("echo done", about)).toString()).toBe("done\n");
    await other.stop();
  });

  const unasked: [why: string, where: () => Promise<object>, warning: RegExp][] = [
    [
      "is down",
      async () => {
        await host.server.stop();
        return {};
      },
      /\(no answer\): 127\.0\.0\.1:\d+: connect ECONNREFUSED/,
    ],
    [
      "has no way of encrypting in common with us",
      async () => {
        const other = new HostServer(host.sandbox, sshKeyPair(), { kex: ["diffie-hellman-group1-sha1"] });
        const { hostKey } = await other.start();
        others.push(other);
        return { hostKey, port: other.port };
      },
      /\(no answer\): 127\.0\.0\.1:\d+: Handshake failed: no matching key exchange algorithm/,
    ],
    [
      "lets nobody in for want of an agent that answers",
      async () => {
        const socket = host.sandbox.path("agent");
        silent = createServer((client) => void client.unref().on("error", () => undefined)).unref();
        await new Promise<void>((listening) => silent?.listen(socket, listening));
        process.env.SSH_AUTH_SOCK = socket;
        return { user: "other" }; // a login of its own
      },
      /\(no answer\): it took the connection, but no login within 0\.3 s; see that the SSH agent answers\./,
    ],
    [
      "is another",
      () => Promise.resolve({ hostKey: sshKeyPair().public }),
      /\(status 495\): it shows another host key/,
    ],
  ];
  const others: HostServer[] = [];
  let silent: NetServer | undefined;
  afterEach(async () => {
    for (const other of others.splice(0)) await other.stop();
    silent?.close();
  });

  test.each(unasked)(
    "Reliability: a refresh goes on where a machine %s, and notes that it was not compared",
    async (_why, where, warning) => {
      const stack = host.file();
      await stack.up(host.args());
      Object.assign(patience, { login: 300 });
      stack.outs.connection = { ...host.connection, ...(await where()) };
      process.env[uncomparedVariable] = host.sandbox.path("uncompared");
      const told = jest.spyOn(console, "error").mockImplementation(() => undefined);
      expect(await stack.refresh()).toBe(true);
      expect(told.mock.calls).toEqual([[expect.stringMatching(warning)]]);
      told.mockRestore();
      delete process.env[uncomparedVariable];
      expect(readFileSync(host.sandbox.path("uncompared"), "utf8")).toBe("machine 127.0.0.1\n");
    },
  );

  test("EF-005: a refresh goes on where another machine has the address, and an update that would write there fails", async () => {
    const [one, two] = [host.file(), host.file()];
    await one.up(host.args());
    await two.up(host.args({ path: host.sandbox.path("etc/other") }));
    host.server.commands.splice(0);
    const other = { ...host.connection, hostKey: sshKeyPair().public };
    for (const { outs } of [one, two]) outs.connection = other;
    const told = jest.spyOn(console, "error").mockImplementation(() => undefined);
    for (const stack of [one, two]) {
      const before = { ...stack.outs };
      expect(await stack.refresh()).toBe(true);
      expect(stack.outs).toEqual(before);
    }
    expect(told.mock.calls).toEqual([
      [expect.stringMatching(/^warning: Cannot read file .* \(status 495\): .* What the state says of it stays\.$/)],
    ]);
    told.mockRestore();
    const update = new Stack("File", other, "host").up(host.args({ content: "secret" }));
    await expect(update).rejects.toThrow("(status 495): it shows another host key");
    expect(host.server.commands).toEqual([]);
  });

  test("without the operator's key it says how to run it", async () => {
    const refusal =
      "Run it with `npm run up` or another of npm's commands, with homelab:operatorKeyFile naming the key that the machine knows.";
    delete process.env.SSH_AUTH_SOCK;
    await expect(new Host(host.connection).run("true", about)).rejects.toThrow(
      `(status 401): no SSH agent has the operator's key (SSH_AUTH_SOCK is not set). ${refusal}`,
    );
    process.env.SSH_AUTH_SOCK = await host.agentWith(sshKeyPair().private);
    await expect(new Host(host.connection).run("true", about)).rejects.toThrow(
      `(status 401): it lets nobody in as ops with a key of the SSH agent. ${refusal}`,
    );
    expect(host.server.commands).toEqual([]);
  });

  test("Reliability: a refresh without the operator's key fails, as nothing was compared", async () => {
    const stack = host.file();
    await stack.up(host.args());
    process.env.SSH_AUTH_SOCK = await serveOperatorKey(
      () => Promise.reject(new Error("no such setting")),
      () => undefined,
    );
    Object.assign(stack.outs, { connection: { ...host.connection, user: "other" } }); // a login of its own
    await expect(stack.refresh()).rejects.toThrow("(status 401): the SSH agent gives no key");
  });

  test("a machine that does not answer is tried again, and then the state of what is on it stays", async () => {
    const stack = host.file();
    await stack.up(host.args());
    await host.server.stop();
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
