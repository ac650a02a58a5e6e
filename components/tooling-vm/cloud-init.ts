import { stringify } from "yaml";

/** What the first boot is told. */
export interface CloudInitArgs {
  /** First label of its full name, `tooling`. */
  hostname: string;
  /** Below which every name is, `home.arpa`. */
  domain: string;
  /** Login name; may use sudo, has no password. */
  user: string;
  /** Public key of the operator, in OpenSSH form. */
  authorizedKey: string;
  /** Host key in OpenSSH form, made by the program, so that it is known (and pinned) before the machine exists. */
  hostKey: { private: string; public: string };
}

/** Debian packages the stack stands on. Docker's program is one of its own since Debian 13, which the other only recommends. */
const packages = ["docker.io", "docker-cli", "qemu-guest-agent", "openssl", "curl", "ca-certificates"];

/**
 * User data for the first boot, as `#cloud-config`. It holds the host's private key: whoever may read it could pose as
 * the machine, so it is stored with mode 0600 on the node, and cloud-init keeps its own copy readable by root only.
 */
export function userData(args: CloudInitArgs): string {
  return `#cloud-config\n${stringify(
    {
      hostname: args.hostname,
      fqdn: `${args.hostname}.${args.domain}`,
      locale: "C.UTF-8",
      users: [
        {
          name: args.user,
          groups: ["docker"],
          shell: "/bin/bash",
          lock_passwd: true,
          sudo: "ALL=(ALL) NOPASSWD:ALL",
          ssh_authorized_keys: [args.authorizedKey],
        },
      ],
      disable_root: true,
      ssh_pwauth: false,
      ssh_deletekeys: true,
      ssh_genkeytypes: ["ed25519"],
      ssh_keys: { ed25519_private: args.hostKey.private, ed25519_public: args.hostKey.public },
      write_files: [
        { path: "/etc/ssh/sshd_config.d/10-homelab.conf", content: sshdConfig, permissions: "0644" },
        { path: "/etc/docker/daemon.json", content: daemonConfig, permissions: "0644" },
        { path: provisionScript.path, content: provisionScript.content, permissions: "0755" },
      ],
      runcmd: [[provisionScript.path]],
    },
    { lineWidth: 0, sortMapEntries: false },
  )}`;
}

const sshdConfig = `PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
X11Forwarding no
MaxSessions 64
MaxStartups 64:30:128
`;

const daemonConfig = `${JSON.stringify({ "live-restore": true, "log-driver": "json-file", "log-opts": { "max-size": "10m", "max-file": "3" } }, null, 2)}\n`;

/** Installs only what the image lacks, so that an image which brings everything needs no mirror. */
const provisionScript = {
  path: "/usr/local/sbin/homelab-provision",
  content: `#!/bin/sh
set -eu
missing=
for package in ${packages.join(" ")}; do
  dpkg-query -W -f '\${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o Acquire::Retries=3 update
  apt-get -o Acquire::Retries=3 install -y --no-install-recommends $missing
fi
systemctl restart ssh
systemctl enable --now docker
systemctl start qemu-guest-agent || true
`,
} as const;
