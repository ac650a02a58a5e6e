import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";

import { clientScript, registryClient, type RegistryClient } from "../../../../components/registry/client";
import { prepareClient } from "../../../../tools/registry-client-ssh";
import { Sandbox } from "../../../helpers/unit/machine-stub";
import { rootCertificate } from "../../../helpers/unit/pulumi-mocks";

const client: RegistryClient = {
  host: "registry.home.arpa",
  address: "192.168.1.60",
  rootCertificate,
  username: "robot$pull",
  password: "Robot-Secret-1$`x`'\"\\",
};

/**
 * Programs of a machine with Docker. `docker` stands for a daemon that takes one password; it checks no certificate.
 * `curl` stands for the registry. They note how they were called, with which environment, and what they read.
 */
const programs: Record<string, string> = {
  docker: `printf '%s\\n' "docker $*" >>"$0.calls"; env >>"$0.environment"
[ "$1" = login ] || exit "$(cat "$0.daemon" 2>/dev/null || echo 0)"
cat >"$0.stdin"
[ "$(cat "$0.stdin")" = "$(cat "$0.password")" ] || { echo 'Error response from daemon: unauthorized' >&2; exit 1; }
mkdir -p "$HOME/.docker"; echo "$3" >"$HOME/.docker/config.json"; echo 'WARNING! It is stored unencrypted'`,
  getent: `case $1 in passwd) echo "root:x:0:0:root:$(dirname "$0")/root:/bin/sh" ;;
ahostsv4) [ ! -f "$0.address" ] || echo "$(cat "$0.address") STREAM $2" ;; esac`,
  curl: `printf '%s\\n' "curl $*" >>"$0.calls"; cat "$0.status"; exit "$(cat "$0.code")"`,
  id: `case $1 in -u) echo 0 ;; ops) ;; *) exit 1 ;; esac`,
  su: `printf '%s\\n' "su $*" >>"$0.calls"; export HOME="$(dirname "$0")/home/$5"; command=$4; shift 5; exec sh -c "$command" "$@"`,
};

let machine: Sandbox;
const put = (name: string, text: string): void => writeFileSync(machine.path(name), text);
const text = (name: string): string => readFileSync(machine.path(name), "utf8");
beforeEach(() => {
  machine = new Sandbox(programs);
  put("docker.password", `${client.password}\n`);
  put("getent.address", client.address);
  put("curl.status", "401");
  put("curl.code", "0");
});
afterEach(() => machine.remove());

const script = (user?: string): string => clientScript(client, { user, certificates: machine.path("certs.d") });
const run = (user?: string) => machine.run("DOCKER_CONFIG=/elsewhere sh -s", { stdin: script(user) });
const certificate = "certs.d/registry.home.arpa/ca.crt";

/** What the machine has, with the time of each file's last change. */
const files = (folder: string): string[] =>
  readdirSync(machine.path(folder), { recursive: true })
    .map(String)
    .map((name) => `${name} ${String(statSync(machine.path(`${folder}/${name}`)).mtimeMs)}`)
    .sort();

test("the script is one that every shell can read", async () => {
  expect(await machine.run("sh -n", { stdin: script("ops") })).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("US2: a machine trusts the root for the registry, and root is logged in", async () => {
  expect(await run()).toEqual({
    status: 0,
    stdout:
      "Docker now trusts the root for registry.home.arpa\n" +
      "registry.home.arpa answers, with a certificate that the root vouches for\n" +
      "root is logged in to registry.home.arpa as robot$pull\n",
    stderr: "",
  });
  expect(text(certificate)).toBe(rootCertificate);
  expect(statSync(machine.path(certificate)).mode & 0o777).toBe(0o644);
  expect(statSync(machine.path("certs.d/registry.home.arpa")).mode & 0o777).toBe(0o755);
  expect(text("docker.calls")).toBe(
    "docker info\ndocker login --username robot$pull --password-stdin registry.home.arpa\n",
  );
  expect(text("docker.stdin")).toBe(`${client.password}\n`);
  expect(text("root/.docker/config.json")).toBe("robot$pull\n");
  expect(text("curl.calls")).toContain(`--cacert ${machine.path(certificate)} https://registry.home.arpa/v2/`);
});

test("US2: a user of the machine is logged in too", async () => {
  const { status, stdout } = await run("ops");
  expect(status).toBe(0);
  expect(stdout).toContain("ops is logged in to registry.home.arpa as robot$pull\n");
  expect(text("home/ops/.docker/config.json")).toBe("robot$pull\n");
});

test("EF-005: the password is on standard input alone, and is not said", async () => {
  const { stdout, stderr } = await run("ops");
  for (const seen of [
    stdout,
    stderr,
    text("docker.calls"),
    text("docker.environment"),
    text("su.calls"),
    text("curl.calls"),
  ]) {
    expect(seen).not.toContain("Robot-Secret");
  }
  expect(readdirSync(machine.path("certs.d/registry.home.arpa"))).toEqual(["ca.crt"]);
});

test("a second run changes no file of the root's, and a replaced root is replaced", async () => {
  await run();
  const before = files("certs.d");
  expect((await run()).stdout).toContain("Docker trusts the root for registry.home.arpa already\n");
  expect(files("certs.d")).toEqual(before);
  put(certificate, "an older root");
  expect((await run()).stdout).toContain("Docker now trusts the root for registry.home.arpa\n");
  expect(text(certificate)).toBe(rootCertificate);
});

test("a connection that breaks in the middle of the script does nothing", async () => {
  const half = script().slice(0, -"main\n".length);
  expect(await machine.run("sh -s", { stdin: half })).toMatchObject({ status: 0, stdout: "" });
  expect(existsSync(machine.path("certs.d"))).toBe(false);
});

describe("what is wrong is said with its remedy", () => {
  test.each<[string, () => void, string]>([
    [
      "the daemon is down",
      () => put("docker.daemon", "1"),
      "the Docker daemon does not answer\n       Look at: systemctl",
    ],
    [
      "the name leads nowhere",
      () => machine.run(`rm ${machine.path("getent.address")}`),
      "registry.home.arpa has no address here\n       Let the DNS server of this machine answer it with 192.168.1.60; " +
        "for a trial: echo '192.168.1.60 registry.home.arpa' >>/etc/hosts",
    ],
    [
      "another certificate",
      () => put("curl.code", "60"),
      "the certificate of registry.home.arpa (192.168.1.60) is not one that the root vouches for\n       The name must",
    ],
    ["nobody answers", () => put("curl.code", "7"), "registry.home.arpa (192.168.1.60) does not answer (curl: 7)"],
    ["Harbor is down", () => put("curl.status", "502"), "registry.home.arpa answers with status 502\n       See docs"],
    [
      "the robot is gone",
      () => put("docker.password", "another"),
      "root cannot log in to registry.home.arpa: Error response from daemon: unauthorized\n       The robot was replaced",
    ],
  ])("%s", async (_, spoil, message) => {
    await spoil();
    const { status, stderr } = await run();
    expect(status).toBe(1);
    expect(stderr).toContain(`error: ${message}`);
  });

  test("an unknown user, before anything is done", async () => {
    expect(await run("nobody-here")).toMatchObject({
      status: 1,
      stderr: "error: there is no user nobody-here here\n       Leave --user out, or name one that exists\n",
    });
    expect(existsSync(machine.path("certs.d"))).toBe(false);
  });

  test("no Docker at all", async () => {
    mkdirSync(machine.path("bin"));
    for (const [name, place] of Object.entries({ cut: "/usr/bin/cut", dirname: "/usr/bin/dirname", sh: "/bin/sh" })) {
      symlinkSync(place, machine.path(`bin/${name}`));
    }
    writeFileSync(machine.path("bin/getent"), `#!/bin/sh\n${programs.getent}\n`);
    chmodSync(machine.path("bin/getent"), 0o755);
    const { status, stderr } = await machine.run(`PATH=${machine.path("bin")} sh -s`, { stdin: script() });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^error: Docker is not installed here\n {7}Install it first: /),
    });
  });
});

describe("the stack's output", () => {
  test("is taken as it is", () => expect(registryClient.parse(client)).toEqual(client));

  test.each<[keyof RegistryClient, string]>([
    ["host", "registry.home.arpa; reboot"],
    ["address", "registry"],
    ["rootCertificate", "-----BEGIN CERTIFICATE-----\nEND_OF_CERTIFICATE\nreboot\n-----END CERTIFICATE-----"],
    ["username", "robot pull"],
    ["password", "Robot-Secret-1\nEND_OF_PASSWORD\nreboot"],
  ])("is refused where its %s would end a line or a here-document", (field, value) => {
    expect(registryClient.safeParse({ ...client, [field]: value }).success).toBe(false);
  });
});

describe("over SSH", () => {
  beforeEach(() => {
    put("ssh", `#!/bin/sh\nprintf '%s\\n' "$@" >"$0.args"; cat >"$0.stdin"; exit "$(cat "$0.code")"\n`);
    chmodSync(machine.path("ssh"), 0o755);
    put("ssh.code", "0");
  });

  const report = jest.fn();
  const prepare = () => {
    const target = { target: "ops@192.168.1.54", user: "ops", ssh: ["-p", "2222"] };
    return prepareClient(client, target, report, machine.path("ssh"));
  };

  test("the script is sent on standard input, to root", async () => {
    await prepare();
    expect(text("ssh.stdin")).toBe(clientScript(client, { user: "ops" }));
    expect(text("ssh.args").split("\n")).toEqual([
      "-p",
      "2222",
      "--",
      "ops@192.168.1.54",
      `sh -c 'if [ "$(id -u)" = 0 ]; then exec sh -s; else exec sudo -n sh -s; fi'`,
      "",
    ]);
    expect(report.mock.calls.flat()).toEqual([
      "Prepare ops@192.168.1.54 to pull from registry.home.arpa ...",
      "ops@192.168.1.54 can pull: docker pull registry.home.arpa/<project>/<name>:<tag>",
    ]);
  });

  test.each([
    [
      "255",
      "the connection to ops@192.168.1.54 failed, as said above; this has to work first: ssh -p 2222 ops@192.168.1.54 true",
    ],
    [
      "1",
      "ops@192.168.1.54 is not prepared; do what is said above, then run this again (sudo there must not ask for a password)",
    ],
  ])("exit code %s is an error with a remedy", async (code, message) => {
    put("ssh.code", code);
    await expect(prepare()).rejects.toThrow(message);
  });
});
