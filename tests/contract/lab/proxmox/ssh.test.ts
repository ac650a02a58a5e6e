import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, type SFTPWrapper } from "ssh2";
import { sshKeyPair, TestNode } from "../../../helpers/contract/proxmox-node";

const node = new TestNode();
const snippet = "/var/lib/vz/snippets/tooling.yaml";
/** What the Proxmox provider runs to write a snippet. */
const tee = (path: string): string =>
  `/bin/bash -c 'export TRY_SUDO_USE_SUDO=0; try_sudo(){ if [ "$u" = "1" ]; then sudo "$@"; else "$@"; fi; }; try_sudo /usr/bin/tee ${path}'`;

beforeAll(() => node.start());
afterAll(() => node.remove());

async function connect(privateKey: string): Promise<Client> {
  const client = new Client();
  await new Promise((resolve, reject) => {
    client.on("ready", () => resolve(undefined)).on("error", reject);
    client.connect({ host: "127.0.0.1", port: node.sshPort, username: "root", privateKey });
  });
  return client;
}

/** Runs a command; gives its exit code and what it said. */
async function execute(command: string, input = ""): Promise<{ code: number; output: string }> {
  const client = await connect(node.clientKey.private);
  try {
    return await new Promise((resolve, reject) => {
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        let [code, output] = [-1, ""];
        channel.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
        channel.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
        channel.on("exit", (status: number) => (code = status));
        channel.on("close", () => resolve({ code, output }));
        channel.end(input);
      });
    });
  } finally {
    client.end();
  }
}

/** Works over SFTP, then waits until the server closed the channel. */
async function overSftp<T>(work: (sftp: SFTPWrapper) => Promise<T>): Promise<T> {
  const client = await connect(node.clientKey.private);
  try {
    const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
      client.sftp((error, channel) => (error ? reject(error) : resolve(channel))),
    );
    const result = await work(sftp);
    const closed = new Promise((resolve) => sftp.once("close", resolve));
    sftp.end();
    await closed;
    return result;
  } finally {
    client.end();
  }
}

const promised = <T>(work: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => work((error, value) => (error ? reject(error) : resolve(value))));

describe("the node's SSH server takes snippets and nothing else (US5.1)", () => {
  test("a key it does not know is refused", async () => {
    const { private: other } = sshKeyPair();
    await expect(connect(other)).rejects.toThrow("All configured authentication methods failed");
  });

  test("a snippet arrives through tee, and the datastore lists it", async () => {
    expect(await execute(tee(snippet), "#cloud-config\n")).toEqual({ code: 0, output: "#cloud-config\n" });
    expect(readFileSync(join(node.storage, "snippets", "tooling.yaml"), "utf8")).toBe("#cloud-config\n");
    const { data } = await node.call("GET", "/nodes/pve-mon/storage/local/content", { content: "snippets" });
    expect(data).toEqual([expect.objectContaining({ volid: "local:snippets/tooling.yaml", size: 14 })]);
  });

  test("the provider's question for sudo is answered: the user is root", async () => {
    expect(await execute(`/bin/bash -c 'if [ "$(id -u)" = "0" ]; then echo "0"; else echo "1"; fi'`)).toEqual({
      code: 0,
      output: "0\n",
    });
  });

  test("its size can be read and its mode set over SFTP, and the channel closes", async () => {
    const size = await overSftp(async (sftp) => {
      const handle = await promised<Buffer>((done) => sftp.open(snippet, "r", done));
      const stats = await promised<{ size: number }>((done) => sftp.fstat(handle, done));
      await promised((done) => sftp.close(handle, (error) => done(error, undefined)));
      await promised((done) => sftp.chmod(snippet, 0o600, (error) => done(error, undefined)));
      return stats.size;
    });
    expect(size).toBe(14);
    expect(statSync(join(node.storage, "snippets", "tooling.yaml")).mode & 0o777).toBe(0o600);
  });

  test.each(["/etc/passwd", "/var/lib/vz/../../../etc/passwd", "/var/lib/vzother/x"])(
    "%s is neither written nor read",
    async (path) => {
      expect(await execute(tee(path), "x")).toEqual({ code: 1, output: `tee: ${path}: Permission denied\n` });
      expect(await execute(`cat ${path}`)).toEqual({ code: 1, output: `cat: ${path}: Permission denied\n` });
      await expect(overSftp((sftp) => promised((done) => sftp.open(path, "r", done)))).rejects.toThrow(
        "Permission denied",
      );
    },
  );

  test("a link that leads out of the datastore is not followed, at the end of a path nor inside", async () => {
    const outside = join(node.folder, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "secret"), "secret");
    symlinkSync(join(outside, "secret"), join(node.storage, "snippets", "link"));
    symlinkSync(outside, join(node.storage, "snippets", "folder"));
    for (const path of ["/var/lib/vz/snippets/link", "/var/lib/vz/snippets/folder/secret"])
      expect(await execute(`cat ${path}`)).toEqual({ code: 1, output: `cat: ${path}: Permission denied\n` });
  });

  test("no other command runs", async () => {
    const marker = join(node.folder, "marker");
    for (const command of [`touch ${marker}`, `/bin/bash -c 'touch ${marker}; tee'`, `sh -c "touch ${marker}"`])
      expect(await execute(command)).toEqual({
        code: 127,
        output: "The lab's node only knows the commands tee, cat and 'rm -f' on files of its datastore.\n",
      });
    expect(existsSync(marker)).toBe(false);
  });
});
