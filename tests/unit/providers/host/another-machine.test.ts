import { existsSync } from "node:fs";

import { unknownValue } from "../../../../providers/dynamic/values";
import { provider } from "../../../../providers/provider";
import { HostServer } from "../../../helpers/unit/host-server";
import { HostSetting } from "../../../helpers/unit/host-setting";
import { sshKeyPair } from "../../../helpers/unit/ssh-keys";

const host = new HostSetting();

const key = "ssh-ed25519 AAAA";
const vm = { host: "192.168.1.60", user: "ops", hostKey: `${key}BBBB\n` };

/** What becomes of a file on a machine where another connection is given. */
async function diff(connection: object): Promise<unknown> {
  const file = { __provider: "code", path: "/srv/edge/x.yml", content: "", owner: "0:0", mode: "0644" };
  const [olds, news] = [
    { ...file, connection: vm, installation: "one" },
    { ...file, connection, installation: "other" },
  ];
  const { replaces, deleteBeforeReplace } = await provider("host", "File").diff("/srv/edge/x.yml", olds, news);
  return { replaces, deleteBeforeReplace };
}

test("EF-005: what goes to another machine, with another key, is made there before it is deleted here", async () => {
  const made = { replaces: ["connection"], deleteBeforeReplace: false };
  expect(await diff({ ...vm, host: "192.168.1.54", hostKey: `${key}CCCC` })).toEqual(made);
});

test.each([
  ["made again at another address: it keeps its key, and what it had is gone with it", { ...vm, host: "192.168.1.61" }],
  ["made again at the same address, with another key", { ...vm, hostKey: `${key}CCCC` }],
  ["made again at the same address, with another key and port", { ...vm, port: 2222, hostKey: `${key}CCCC` }],
  ["told of with another blank", { ...vm, host: "192.168.1.60", hostKey: `${key}BBBB` }],
  ["not known yet", { ...vm, host: "192.168.1.54", hostKey: unknownValue }],
  ["not known as a whole", unknownValue],
])("US5: a machine that is %s has everything made again, and nothing deleted", async (_case, connection) => {
  expect(await diff(connection as object)).toEqual({ replaces: [], deleteBeforeReplace: false });
});

test("EF-005: no secret stays on the machine that a feature has left", async () => {
  const file = host.file();
  const args = host.args({ content: "secret\n" });
  expect(await file.up(args)).toBe("create");
  const other = new HostServer(host.sandbox, sshKeyPair());
  // Another address of this computer.
  const connection = { ...(await other.start()), host: "localhost", port: other.port };
  try {
    Object.assign(file, { connection });
    const written: boolean[] = [];
    host.server.before = () => void written.push(existsSync(args.path));
    expect(await file.up(args)).toBe("replace");
    // Both machines are this computer: what the other has written was there when this one deleted it.
    expect(other.commands.length).toBeGreaterThan(0);
    expect(written).toEqual([true]);
    expect(existsSync(args.path)).toBe(false);
  } finally {
    await other.stop();
  }
});
