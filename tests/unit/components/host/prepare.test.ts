import { lastLine } from "../../../../components/host/machine";
import { prepareCommand } from "../../../../components/host/prepare";
import { gib } from "../../../../config/size";
import { archives, complete, DebianMachine } from "../../../helpers/unit/debian-machine";

const prepare = prepareCommand(gib(4));
const apt = "apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3";
const install = `${apt} install -y --no-install-recommends --no-remove ca-certificates`;
const settled = ["systemctl enable --now docker"];

let machine: DebianMachine;
afterEach(() => machine.remove());

/** What is told of a machine that has everything, but for what is given. */
async function refusal(unlike: Parameters<DebianMachine["login"]>[1], programs = {}): Promise<string> {
  machine = new DebianMachine({ ...complete, ...programs });
  const { status, stdout, stderr } = await machine.login(prepare, unlike);
  expect([status, stdout]).toEqual([1, ""]);
  return stderr;
}

describe("a machine that was there before is made ready", () => {
  it("as a user with sudo: it gets what is missing, Docker without sudo, and an sshd that takes more logins at a time", async () => {
    machine = new DebianMachine({});
    expect(await machine.login(prepare)).toEqual({ status: 0, stdout: "5b2f0c\n", stderr: "" });
    expect(machine.done()).toEqual([
      `${apt} update`,
      `${install} docker.io docker-cli openssl curl`,
      "systemctl enable --now docker",
      "usermod -aG docker ops",
      "systemctl try-reload-or-restart ssh",
    ]);
    expect(machine.dropIn).toBe("MaxStartups 64:30:128\n");
  });

  it("a second time, and nothing is changed", async () => {
    machine = new DebianMachine({});
    await machine.login(prepare);
    machine.done();
    expect((await machine.login(prepare)).stdout).toBe("5b2f0c\n");
    expect(machine.done()).toEqual(settled);
  });

  it("as root, where there is no sudo: files and folders are made with it", async () => {
    machine = new DebianMachine(complete);
    machine.lose("sudo");
    expect((await machine.login(prepare, { LOGIN: "root" })).stdout).toBe("5b2f0c\n");
    expect(machine.done()).toEqual([
      `${apt} update`,
      `${install} sudo`,
      ...settled,
      "systemctl try-reload-or-restart ssh",
    ]);
  });

  it("with Debian 12, where Docker's program has no package of its own", async () => {
    machine = new DebianMachine({}, archives[12]);
    expect((await machine.login(prepare)).status).toBe(0);
    expect(machine.done()[1]).toBe(`${install} docker.io docker.io openssl curl`);
  });

  it("with Debian 13, where docker.io was installed without what it recommends", async () => {
    machine = new DebianMachine(complete);
    machine.lose("docker");
    expect((await machine.login(prepare)).status).toBe(0);
    expect(machine.done()[1]).toBe(`${install} docker-cli`);
  });

  it("with Docker's own packages, of which none of Debian's is put beside", async () => {
    machine = new DebianMachine(complete);
    expect((await machine.login(prepare)).status).toBe(0);
    expect(machine.done()).not.toContainEqual(expect.stringContaining("apt-get"));
  });

  it("with an sshd that takes enough logins by its owner's own setting", async () => {
    machine = new DebianMachine(complete);
    expect((await machine.login(prepare, { LOGIN: "root", MAX_STARTUPS: "100:30:200" })).status).toBe(0);
    expect(machine.dropIn).toBeUndefined();
    expect(machine.done()).toEqual(settled);
  });

  it("with an sshd whose unit is not called ssh", async () => {
    machine = new DebianMachine(complete);
    const unlike = { LOGIN: "root", FAILS: "try-reload-or-restart ssh" };
    expect((await machine.login(prepare, unlike)).status).toBe(0);
    expect(machine.done().slice(1)).toEqual([
      "systemctl try-reload-or-restart ssh",
      "systemctl try-reload-or-restart sshd",
    ]);
  });

  it.each(["sh", "bash"])("with %s for a login shell, which greets", async (shell) => {
    machine = new DebianMachine(complete);
    const { stdout } = await machine.login(`echo Welcome to nas; ${prepare}`, {}, shell);
    expect(lastLine(stdout)).toBe("5b2f0c");
  });
});

describe("a machine that the stack cannot use is refused, with what to do", () => {
  it("whose user may not use sudo", async () => {
    const sudo = "echo 'sudo: a password is required' >&2; exit 1";
    expect(await refusal({}, { sudo })).toBe(
      "sudo: a password is required\nops may not use sudo without a password: install it and allow it in /etc/sudoers.d, or log in " +
        "as root (homelab:hosts, user)\n",
    );
    expect(machine.done()).toEqual([]);
  });

  it("that is not Debian", async () => {
    machine = new DebianMachine(complete);
    machine.lose("apt-get");
    const { status, stderr } = await machine.login(prepare);
    expect([status, stderr]).toEqual([1, "this is not Debian: it has no apt-get\n"]);
    expect(machine.done()).toEqual([]);
  });

  it("that is a Proxmox node, before anything is installed", async () => {
    expect(await refusal({}, { pveversion: "exit 0" })).toBe(
      "this is a Proxmox node, whose guests Docker may cut off from the network: take a guest of it\n",
    );
    expect(machine.done()).toEqual([]);
  });

  it("that has less memory than homelab:hosts says", async () => {
    machine = new DebianMachine(complete);
    const { status, stderr } = await machine.login(prepareCommand(gib(8)));
    expect([status, stderr]).toEqual([
      1,
      "it has 3932 MiB of memory, less than homelab:hosts says; correct its memory there\n",
    ]);
    expect(machine.done()).toEqual([]);
  });

  it("on which Debian's Docker would take another's place: apt-get removes nothing for it", async () => {
    const aptGet = `case "$*" in *" --no-remove "*) echo "E: Packages need to be removed but remove is disabled." >&2; exit 100 ;; esac`;
    machine = new DebianMachine({ ...complete, "apt-get": aptGet });
    machine.lose("dockerd");
    const { status, stderr } = await machine.login(prepare);
    expect([status, stderr]).toEqual([100, "E: Packages need to be removed but remove is disabled.\n"]);
    expect(machine.done()).toEqual([]);
  });

  it("on which Docker does not start", async () => {
    expect(await refusal({ FAILS: "enable --now docker" })).toBe(
      "Docker does not start on it: systemctl status docker says why. It has to be Debian's docker.io or Docker's own docker-ce\n",
    );
  });

  it("whose sshd has another setting before, or reads no folder of settings: no file is left there that does nothing", async () => {
    expect(await refusal({ MAX_STARTUPS: "10:30:100" })).toBe(
      "its sshd takes fewer connections at a time than the stack makes, and does not go by " +
        "/etc/ssh/sshd_config.d/10-homelab.conf: write MaxStartups 64:30:128 into /etc/ssh/sshd_config, above every Match, and run " +
        "systemctl reload ssh\n",
    );
    expect(machine.dropIn).toBeUndefined();
    expect(machine.done()).toEqual([...settled, "usermod -aG docker ops"]);
  });
});

describe("A6: a machine passes nothing on to its containers that Docker's rules don't allow", () => {
  const prepared = async (DOCKER: string, FORWARD: string, programs = {}): Promise<string> => {
    machine = new DebianMachine({ ...complete, ...programs });
    const { status, stderr } = await machine.login(prepare, { DOCKER, FORWARD });
    return status === 0 ? "accepted" : stderr;
  };
  const refused = (version: string): string =>
    `it may pass packets on to every port of its containers, as Docker ${version} is not 28 or newer and its iptables policy of ` +
    "FORWARD is not DROP: install Docker 28 or newer, or set the policy where it passes on nothing else " +
    "(docs/how-to/run-on-another-machine.md)\n";

  it.each([
    ["26.1.5+dfsg1", "ACCEPT"],
    ["20.10.24+dfsg1", "ACCEPT"],
    ["27.5.1", "ACCEPT"],
  ])("Docker %s with the policy %s is refused", async (version, policy) => {
    expect(await prepared(version, policy)).toBe(refused(version));
  });

  it.each([
    ["26.1.5+dfsg1", "DROP"],
    ["28.0.0", "ACCEPT"],
    ["29.2.1", "ACCEPT"],
  ])("Docker %s with the policy %s is accepted", async (version, policy) => {
    expect(await prepared(version, policy)).toBe("accepted");
  });

  it.each([
    ["29.2.1", "accepted"],
    ["27.5.1", "refused"],
  ])("Docker %s without a program iptables is %s", async (version, answer) => {
    const told = await prepared(version, "", { "usr/sbin/iptables": "exit 127" });
    expect(told).toBe(answer === "refused" ? refused(version) : "accepted");
  });

  it.each([
    ["ACCEPT", expect.stringContaining(refused("dev")) as string],
    ["DROP", "accepted"],
  ])("a Docker whose version nobody can compare is held to the policy, which is %s", async (policy, answer) => {
    expect(await prepared("dev", policy)).toEqual(answer);
  });
});
