import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";

import { site } from "../../../../providers/host/folders";
import { patience } from "../../../../providers/dynamic/http";
import { HostSetting, me, mode } from "../../../helpers/unit/host-setting";
import { Stack } from "../../../helpers/unit/provider-stack";

const host = new HostSetting();
const writes = (): number => host.server.commands.filter(({ text }) => text.includes("mktemp")).length;

describe("a file", () => {
  test.each(["0400", "0444", "0644"])("is written with mode %s, in folders that others can pass", async (wanted) => {
    const content = "line 1\n\ttwo $HOME `id` 'quoted' \\ ü\nno newline at the end";
    expect(await host.file().up(host.args({ content, mode: wanted }))).toBe("create");
    expect(readFileSync(host.sandbox.path("etc/file"), "utf8")).toBe(content);
    expect(`0${mode(host.sandbox.path("etc/file"))}`).toBe(wanted);
    expect(mode(host.sandbox.path("etc"))).toBe("755");
    expect(readdirSync(host.sandbox.path("etc"))).toEqual(["file"]);
  });

  test("takes a path with blanks and quotes", async () => {
    const path = host.sandbox.path("it's a dir/the file");
    await host.file().up(host.args({ path }));
    expect(readFileSync(path, "utf8")).toBe("text\n");
  });

  test("is read by nobody else before it has its owner and mode, and travels on standard input (EF-005)", async () => {
    await host.file().up(host.args({ content: "the key", mode: "0400" }));
    expect(readFileSync(host.sandbox.path("chown.modes"), "utf8")).toBe("600\n");
    expect(JSON.stringify(host.server.commands)).not.toContain("the key");
  });

  test("US5: is not written where it is what it should be, also when another type's state says nothing of it", async () => {
    const stack = host.file();
    mkdirSync(host.sandbox.path("etc"));
    writeFileSync(host.sandbox.path("etc/file"), "text\n");
    // What an alias from a command brings along.
    stack.id = "command-0123";
    stack.outs = { create: "sudo sh -c …", stdin: "text\n", triggers: ["machine-1"] };
    expect(await stack.up(host.args())).toBe("update");
    expect(writes()).toBe(0);
    expect(await stack.refresh()).toBe(true);
    expect(stack.id).toBe(host.sandbox.path("etc/file").replaceAll("/", "%2F"));
    expect(await stack.up(host.args())).toBe("same");
    expect(writes()).toBe(0);
  });

  test("one that came from another type stays in the state where nobody knows whether it is removed", async () => {
    const stack = host.file();
    mkdirSync(host.sandbox.path("etc"));
    writeFileSync(host.sandbox.path("etc/file"), "text\n");
    Object.assign(stack, { id: "command-0123", outs: { stdin: "text\n" } });
    await stack.up(host.args());
    let cuts = 0;
    host.server.before = (command) => {
      if (!command.includes("rm -f") || ++cuts > patience.attempts) return;
      host.server.cut();
      return new Promise(() => undefined);
    };
    await expect(stack.destroy()).rejects.toThrow("(no answer): the connection broke");
    expect(existsSync(host.sandbox.path("etc/file"))).toBe(true);
    await stack.destroy();
    expect(existsSync(host.sandbox.path("etc/file"))).toBe(false);
  });

  test.each([
    ["its content", () => writeFileSync(host.sandbox.path("etc/file"), "other"), { content: "other" }],
    [
      "its mode, for who runs it",
      () => host.sandbox.run(`chmod 06644 ${host.sandbox.path("etc/file")}`),
      { mode: "6644" },
    ],
    ["its mode", () => host.sandbox.run(`chmod 0666 ${host.sandbox.path("etc/file")}`), { mode: "0666" }],
    ["its owner", () => host.sandbox.run(`/bin/chown 12:34 ${host.sandbox.path("etc/file")}`), { owner: "12:34" }],
  ])("Reliability: of a change by hand, %s is found by a refresh and set right", async (_what, change, found) => {
    const stack = host.file();
    await stack.up(host.args());
    await change();
    expect(await stack.refresh()).toBe(true);
    expect(stack.inputs).toMatchObject(found);
    expect(await stack.up(host.args())).toBe("update");
    expect(readFileSync(host.sandbox.path("etc/file"), "utf8")).toBe("text\n");
    expect(mode(host.sandbox.path("etc/file"))).toBe("644");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(host.args())).toBe("same");
  });

  test("Reliability: one that was removed by hand is found gone, and comes back", async () => {
    const path = host.sandbox.path("etc/file");
    const stack = host.file();
    await stack.up(host.args());
    await host.sandbox.run(`rm ${path}`);
    expect(await stack.refresh()).toBe(false);
    expect(await stack.up(host.args())).toBe("create");
    expect(statSync(path).isFile()).toBe(true);
    expect(readFileSync(path, "utf8")).toBe("text\n");
  });

  test("Reliability: one of any length by hand is found, not read, and set right", async () => {
    const stack = host.file();
    await stack.up(host.args());
    truncateSync(host.sandbox.path("etc/file"), 3 * 2 ** 30);
    expect(await stack.refresh()).toBe(true);
    expect(stack.inputs).toMatchObject({ content: "longer than 1 MiB: 3221225472 bytes" });
    expect(await stack.up(host.args())).toBe("update");
    expect(readFileSync(host.sandbox.path("etc/file"), "utf8")).toBe("text\n");
  });

  test("Reliability: one of 1 MiB is the same when it is read, and one that would not be is refused", async () => {
    const [stack, content] = [host.file(), "ü".repeat(2 ** 19)];
    await stack.up(host.args({ content }));
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(host.args({ content }))).toBe("same");
    expect(await stack.refusals(host.args({ content: `${content}!` }))).toEqual([
      "content: has 1048577 bytes; a file may have 1048576, as no more is compared with the machine's",
    ]);
  });

  test("may be at the root, and have the longest name that there is", async () => {
    const stack = host.file();
    expect(await stack.refusals(host.args({ path: "/x" }))).toEqual([]);
    stack.outs = { connection: host.connection, path: "/homelab-none", content: "" };
    expect(await stack.refresh()).toBe(false);
    await host.file().up(host.args({ path: host.sandbox.path(`etc/${"n".repeat(255)}`) }));
    expect(readdirSync(host.sandbox.path("etc"))).toEqual(["n".repeat(255)]);
  });

  test("Reliability: is not taken for written where the disk keeps no mode", async () => {
    writeFileSync(host.sandbox.path("chmod"), "#!/bin/sh\n", { mode: 0o755 });
    await expect(host.file().up(host.args())).rejects.toThrow(
      "(status 1): its disk does not keep an owner and a mode.",
    );
    expect(readdirSync(host.sandbox.path("etc"))).toEqual([]);
    const folder = host.directory().up({ path: host.sandbox.path("data"), owner: me, mode: "0755" });
    await expect(folder).rejects.toThrow("(status 1): its disk does not keep an owner and a mode.");
  });

  test("a new path is a new file, and the old one is removed", async () => {
    const stack = host.file();
    await stack.up(host.args());
    expect(await stack.up(host.args({ path: host.sandbox.path("etc/other") }))).toBe("replace");
    expect(readdirSync(host.sandbox.path("etc"))).toEqual(["other"]);
  });

  test("another machine gets it again, and the old one is left alone", async () => {
    const stack = host.file();
    await stack.up({ ...host.args(), installation: "one" });
    await host.sandbox.run(`rm ${host.sandbox.path("etc/file")}`);
    expect(await stack.up({ ...host.args(), installation: "two" })).toBe("update");
    expect(existsSync(host.sandbox.path("etc/file"))).toBe(true);
  });

  test("the old one stays where the new one can't be written, with the reason", async () => {
    const path = host.sandbox.path("etc/file");
    await host.file().up(host.args());
    writeFileSync(host.sandbox.path("chown"), "#!/bin/sh\necho 'chown: no such user' >&2\nexit 1\n");
    await expect(host.file().up(host.args({ content: "new" }))).rejects.toThrow(
      `Cannot create file "${path}" in machine 127.0.0.1 (status 1): chown: no such user.`,
    );
    expect(readFileSync(path, "utf8")).toBe("text\n");
    expect(readdirSync(host.sandbox.path("etc"))).toEqual(["file"]);
  });

  test("Reliability: the old one stays where the connection breaks within the new one's text", async () => {
    await host.file().up(host.args());
    host.server.arrives = (input) => input.slice(0, 5);
    await expect(host.file().up(host.args({ content: "a new text\n" }))).rejects.toThrow("its text broke off");
    expect(readFileSync(host.sandbox.path("etc/file"), "utf8")).toBe("text\n");
    expect(readdirSync(host.sandbox.path("etc"))).toEqual(["file"]);
  });

  test("arguments are refused all at once, each with what would be right", async () => {
    expect(await host.file().refusals({ path: "/srv/../etc/x", content: 7, owner: "root", mode: "rwx" })).toEqual([
      'path: "/srv/../etc/x" is no absolute path of its shortest form; write it as /srv/edge/x.yml',
      'owner: "root" is no numeric uid:gid; write it as 1000:1000',
      'mode: "rwx" is no octal mode; write it as 0644',
      "content: is no text; give the file's text",
    ]);
    const elsewhere = new Stack("File", { host: "a b", user: "", hostKey: "SHA256:x", port: 0 }, "host");
    expect(await elsewhere.refusals(host.args())).toEqual([
      "connection.host: is no address of a machine; write it as 192.168.1.60",
      "connection.port: 0 is no whole number from 1 to 65535; choose one",
      "connection.user: is no user name; give the one that may log in and use sudo",
      "connection.hostKey: is no public key; give the machine's, as its ssh_host_ed25519_key.pub has it",
    ]);
  });
});

describe("a folder", () => {
  const place = (more: object = {}) => ({ path: host.sandbox.path("data"), owner: me, ...more });

  test("is for its owner alone, keeps its data, and is set right (US5)", async () => {
    const stack = host.directory();
    await stack.up(place());
    expect(mode(host.sandbox.path("data"))).toBe("700");
    writeFileSync(host.sandbox.path("data/rows"), "1");
    await host.sandbox.run(`chmod 0755 ${host.sandbox.path("data")}`);
    expect(await stack.refresh()).toBe(true);
    expect(stack.inputs).toMatchObject({ mode: "0755" });
    expect(await stack.up(place())).toBe("update");
    expect(mode(host.sandbox.path("data"))).toBe("700");
    await stack.destroy();
    expect(readFileSync(host.sandbox.path("data/rows"), "utf8")).toBe("1");
  });

  test("is not touched where it is what it should be", async () => {
    mkdirSync(host.sandbox.path("data"), { mode: 0o700 });
    await host.directory().up(place());
    expect(host.server.commands.filter(({ text }) => text.includes("mkdir"))).toEqual([]);
  });

  test.each(["1700", "2700", "4700", "7755"])(
    "Reliability: that was given mode %s by hand is found, and set right",
    async (wrong) => {
      const [stack, path] = [host.directory(), host.sandbox.path("data")];
      await stack.up(place());
      await host.sandbox.run(`chmod ${wrong} ${path}`);
      expect(await stack.refresh()).toBe(true);
      expect(stack.inputs).toMatchObject({ mode: wrong });
      expect(await stack.up(place())).toBe("update");
      expect(mode(path)).toBe("700");
      expect(await stack.refresh()).toBe(true);
      expect(await stack.up(place())).toBe("same");
    },
  );

  test("that something else took the place of is found gone", async () => {
    const stack = host.directory();
    await stack.up(place());
    await host.sandbox.run(`rmdir ${host.sandbox.path("data")}; touch ${host.sandbox.path("data")}`);
    expect(await stack.refresh()).toBe(false);
  });
});

describe("a link", () => {
  const remedy =
    "Nothing was changed. Remove the link; what has to be on another disk is mounted there instead (mount --bind, with its " +
    "line in /etc/fstab).";
  /** What is refused, at a path below the sandbox. */
  const refused = (action: string, what: string, path: string, link = path): string =>
    `Cannot ${action} ${what} "${host.sandbox.path(path)}" in machine 127.0.0.1 (status 40): ${host.sandbox.path(link)} is a ` +
    `link, which is not followed. ${remedy}`;
  const shown = (path: string): string[] => [`${statSync(path).uid}`, mode(path), readdirSync(path).join()];

  test.each([
    ["folder", () => host.directory(), () => ({ path: host.sandbox.path("srv/data"), owner: "12:34" })],
    ["file", () => host.file(), () => host.args({ path: host.sandbox.path("srv/data") })],
  ] as const)("EF-005: in the place of a %s is followed by nothing, and said", async (what, made, args) => {
    const [path, target] = [host.sandbox.path("srv/data"), host.sandbox.path("target")];
    const stack = made();
    await stack.up(args());
    rmSync(path, { recursive: true });
    mkdirSync(target, { mode: 0o755 });
    for (const leadsTo of [target, "/nowhere"]) {
      symlinkSync(leadsTo, path);
      await expect(stack.refresh()).rejects.toThrow(refused("read", what, "srv/data"));
      await expect(made().up(args())).rejects.toThrow(refused("create", what, "srv/data"));
      expect(readlinkSync(path)).toBe(leadsTo);
      expect(shown(target)).toEqual(["0", "755", ""]);
      unlinkSync(path);
    }
  });

  test("EF-005: above it, that a container's user made, leads nowhere; root's own, where nobody else writes, does", async () => {
    site.root = "/srv";
    const [data, target] = [host.sandbox.path("data"), host.sandbox.path("target")];
    for (const folder of [data, target]) mkdirSync(folder, { mode: 0o755 });
    writeFileSync(`${target}/file`, "root's");
    symlinkSync(target, `${data}/sub`);
    const args = host.args({ path: `${data}/sub/file` });
    const stack = host.file();
    await stack.up(args);
    expect(readFileSync(`${target}/file`, "utf8")).toBe("text\n");
    for (const open of [() => chownSync(data, 12, 34), () => [chownSync(data, 0, 0), chmodSync(data, 0o1777)]]) {
      open();
      await expect(stack.refresh()).rejects.toThrow(refused("read", "file", "data/sub/file", "data/sub"));
      await expect(host.file().up(args)).rejects.toThrow(refused("create", "file", "data/sub/file", "data/sub"));
      await expect(stack.destroy()).rejects.toThrow(refused("delete", "file", "data/sub/file", "data/sub"));
      const folder = host.directory().up({ path: `${data}/sub/folder`, owner: "12:34" });
      await expect(folder).rejects.toThrow(refused("create", "folder", "data/sub/folder", "data/sub"));
    }
    expect(shown(target)).toEqual(["0", "755", "file"]);
  });
});
