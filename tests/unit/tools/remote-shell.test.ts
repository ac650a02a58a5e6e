import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";

import { remoteShell } from "../../../tools/remote-shell";
import type { StateResource } from "../../../tools/stack";
import { Sandbox } from "../../helpers/unit/machine-stub";

const resource = (type: string, name: string, more: Partial<StateResource>): StateResource => ({
  urn: `urn:pulumi:homelab::homelab::${type}::${name}`,
  type,
  ...more,
});
const host = (name: string, login: object): StateResource =>
  resource("homelab:host:SshHost", name, { inputs: { host: { name, memory: 8589934592, ...login } } });
const vm = [
  resource("homelab:host:ToolingVm", "tooling", { inputs: { vm: { name: "tooling", address: "192.168.1.60" } } }),
  resource("tls:index/privateKey:PrivateKey", "tooling-host-key", {
    outputs: { publicKeyOpenssh: "ssh-ed25519 AAAAvm\n" },
  }),
];
const hosts = [
  host("nas", { address: "192.168.1.54", port: 2222, user: "anna", hostKey: "ssh-rsa AAAAnas" }),
  host("box", { address: "192.168.1.55", port: 22, user: "root", hostKey: "ssh-ed25519 AAAAbox" }),
];

/** Writes down how it was called, runs the last word as a login shell would, and ends as a lost connection where told so. */
const ssh = `printf '%s\\n' "$@" >"$0.args"
for option; do case $option in UserKnownHostsFile=*) cat "\${option#*=}" >"$0.hosts" ;; esac; done
for last; do :; done
sh -c "$last"; code=$?; [ ! -f "$0.code" ] || { echo 'Connection refused' >&2; exit 255; }; exit $code`;

let programs: Sandbox;
let resources: StateResource[];
beforeEach(() => {
  programs = new Sandbox({ ssh });
  resources = [...vm, ...hosts];
});
afterEach(() => programs.remove());

async function pulumi(args: readonly string[]) {
  const command = args.filter((arg) => arg !== "--non-interactive").join(" ");
  const answers: Record<string, string> = {
    "stack export": JSON.stringify({ deployment: { resources } }),
    "config get --path homelab:toolingVm.user": "ops\n",
    "config get --path homelab:operatorKeyFile": "~/.ssh/homelab_ed25519\n",
  };
  const stdout = answers[command];
  if (stdout === undefined) throw new Error(`unexpected: pulumi ${command}`);
  return { code: 0, stdout, stderr: "" };
}

const text = (name: string): string => readFileSync(programs.path(name), "utf8");
const run = (address: string, ...command: string[]) => remoteShell(pulumi, address, programs.path("ssh"))(command);

test.each([
  [
    "the VM, as the user of the config and with the host key of the state",
    "192.168.1.60",
    "ops",
    22,
    "ssh-ed25519 AAAAvm",
  ],
  ["a machine of homelab:hosts, with its own port, user and key", "192.168.1.54", "anna", 2222, "ssh-rsa AAAAnas"],
  ["another, as root", "192.168.1.55", "root", 22, "ssh-ed25519 AAAAbox"],
])("reaches %s, and nobody is asked", async (_, address, user, port, hostKey) => {
  await run(address, "true");
  const args = text("ssh.args").split("\n");
  expect(args.slice(0, 2)).toEqual(["-i", `${homedir()}/.ssh/homelab_ed25519`]);
  const options = ["StrictHostKeyChecking=yes", "BatchMode=yes", `HostKeyAlias=${address}`, `Port=${port}`];
  expect(args).toEqual(expect.arrayContaining([...options, `${user}@${address}`]));
  expect(text("ssh.hosts")).toBe(`${address} ${hostKey}\n`);
});

test("each word arrives as one word, whatever is in it", async () => {
  const words = ["a b", "$HOME", "it's", "`id`", ";exit 3"];
  const result = await run("192.168.1.60", "printf", "%s|", ...words);
  expect(result).toEqual({ code: 0, stdout: `${words.join("|")}|`, stderr: "" });
});

test.each([
  ["192.168.1.60", "ops@192.168.1.60", ""],
  ["192.168.1.54", "anna@192.168.1.54", " -p 2222"],
])("a connection to %s that fails is an error with a remedy", async (address, target, port) => {
  writeFileSync(programs.path("ssh.code"), "");
  await expect(run(address, "true")).rejects.toThrow(
    new Error(
      `cannot log in to ${target}: Connection refused\n` +
        `This has to work first: ssh -i ~/.ssh/homelab_ed25519${port} ${target} true`,
    ),
  );
});

test.each<[string, string, () => StateResource[]]>([
  ["192.168.1.61", "of no machine", () => [...vm, ...hosts]],
  ["192.168.1.60", "of a VM that is not made yet", () => vm.slice(0, 1)],
  ["192.168.1.60", "of a stack that is not made yet", () => []],
])("%s, %s, is told before anything is run", async (address, _, state) => {
  resources = state();
  await expect(run(address, "true")).rejects.toThrow(
    new Error(
      `the state has no machine at ${address}, neither the VM (homelab:toolingVm) nor one of homelab:hosts; ` +
        "bring the stack up to date first: `npm run up`, in the lab `npm start`",
    ),
  );
});
