import { readFileSync } from "node:fs";

import { parse } from "yaml";

import { userData } from "../../../../components/tooling-vm/cloud-init";
import { Sandbox } from "../../../helpers/unit/machine-stub";

interface WrittenFile {
  path: string;
  content: string;
  permissions: string;
}

const authorizedKey = `ssh-rsa ${"A".repeat(700)} operator: desk # 1`;
const hostKey = {
  private: "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\nBBBB\n-----END OPENSSH PRIVATE KEY-----\n",
  public: "ssh-ed25519 CCCC",
};
const text = userData({ hostname: "tooling", domain: "home.arpa", user: "ops", authorizedKey, hostKey });
const document = parse(text) as Record<string, unknown> & { write_files: WrittenFile[] };
const file = (path: string): WrittenFile => {
  const found = document.write_files.find((entry) => entry.path === path);
  if (!found) throw new Error(`user data writes no ${path}`);
  return found;
};

test("user data starts with the line by which cloud-init knows it", () => {
  expect(text.split("\n")[0]).toBe("#cloud-config");
});

test("the machine has its name, one user, and no other way in than the operator's key (US5)", () => {
  const { write_files, runcmd, ...rest } = document;
  expect(rest).toEqual({
    hostname: "tooling",
    fqdn: "tooling.home.arpa",
    locale: "C.UTF-8",
    users: [
      {
        name: "ops",
        groups: ["docker"],
        shell: "/bin/bash",
        lock_passwd: true,
        sudo: "ALL=(ALL) NOPASSWD:ALL",
        ssh_authorized_keys: [authorizedKey],
      },
    ],
    disable_root: true,
    ssh_pwauth: false,
    ssh_deletekeys: true,
    ssh_genkeytypes: ["ed25519"],
    ssh_keys: { ed25519_private: hostKey.private, ed25519_public: hostKey.public },
  });
  expect(write_files.map(({ path, permissions }) => [path, permissions])).toEqual([
    ["/etc/ssh/sshd_config.d/10-homelab.conf", "0644"],
    ["/etc/docker/daemon.json", "0644"],
    ["/usr/local/sbin/homelab-provision", "0755"],
  ]);
  expect(runcmd).toEqual([["/usr/local/sbin/homelab-provision"]]);
});

test("the host's private key stands in its own field only", () => {
  expect(text.split("BBBB")).toHaveLength(2);
});

test("sshd asks for a key, and takes as many sessions as a deployment opens", () => {
  expect(file("/etc/ssh/sshd_config.d/10-homelab.conf").content).toBe(`PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
X11Forwarding no
MaxSessions 64
MaxStartups 64:30:128
`);
});

test("Docker bounds its logs, listens on no network, and keeps containers while it is upgraded (EC-4)", () => {
  expect(JSON.parse(file("/etc/docker/daemon.json").content)).toEqual({
    "live-restore": true,
    "log-driver": "json-file",
    "log-opts": { "max-size": "10m", "max-file": "3" },
  });
});

describe("the provisioning script, run for real", () => {
  const log = (program: string, end = "") => `echo ${program} "$@" >> "\${0%/*}/log"\n${end}`;
  const dpkgQuery = `case " $INSTALLED " in *" $4 "*) echo "install ok installed";; *) exit 1;; esac`;
  const all = "docker.io docker-cli qemu-guest-agent openssl curl ca-certificates";
  let sandbox: Sandbox;
  const start = (shims: Record<string, string> = {}): void => {
    sandbox = new Sandbox({
      "dpkg-query": dpkgQuery,
      "apt-get": log("apt-get"),
      systemctl: log("systemctl"),
      ...shims,
    });
  };
  const provision = (installed: string) =>
    sandbox.run(file("/usr/local/sbin/homelab-provision").content, { env: { INSTALLED: installed } });
  const calls = (): string[] => readFileSync(sandbox.path("log"), "utf8").trim().split("\n");
  const services = ["systemctl restart ssh", "systemctl enable --now docker", "systemctl start qemu-guest-agent"];
  afterEach(() => sandbox.remove());

  test("asks no mirror for anything when the image brings every package", async () => {
    start();
    expect((await provision(all)).status).toBe(0);
    expect(calls()).toEqual(services);
  });

  test("installs what is missing and nothing else", async () => {
    start();
    expect((await provision("openssl curl")).status).toBe(0);
    expect(calls()).toEqual([
      "apt-get -o Acquire::Retries=3 update",
      "apt-get -o Acquire::Retries=3 install -y --no-install-recommends docker.io docker-cli qemu-guest-agent ca-certificates",
      ...services,
    ]);
  });

  test("takes a removed package whose settings are left for missing", async () => {
    start({
      "dpkg-query": `case "$4" in curl) echo "deinstall ok config-files";; *) echo "install ok installed";; esac`,
    });
    await provision("");
    expect(calls()[1]).toMatch(/--no-install-recommends curl$/);
  });

  test("fails where a package cannot be had, and starts nothing", async () => {
    start({ "apt-get": log("apt-get", "exit 100") });
    expect((await provision("curl")).status).toBe(100);
    expect(calls()).toEqual(["apt-get -o Acquire::Retries=3 update"]);
  });

  test("does without the guest agent where there is no device for it", async () => {
    start({ systemctl: log("systemctl", `[ "$2" != qemu-guest-agent ]`) });
    expect((await provision(all)).status).toBe(0);
  });
});
