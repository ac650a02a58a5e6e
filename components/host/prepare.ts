import { type Size } from "../../config/size";
import { shellQuote } from "../../providers/host/shell";

/** Programs that the stack runs on a machine, and the Debian packages that have them. */
const needed = { dockerd: "docker.io", docker: "docker-cli", sudo: "sudo", openssl: "openssl", curl: "curl" } as const;

/** More connections that have not logged in yet than sshd's ten. */
const sshd = { path: "/etc/ssh/sshd_config.d/10-homelab.conf", line: "MaxStartups 64:30:128" } as const;

/**
 * Makes a machine that was there before ready for the stack, and prints its `/etc/machine-id` last: installs what is missing, lets
 * its user talk to Docker, and lets sshd take as many connections at a time as Docker's provider makes. What is as it should be
 * is left alone. Refuses a machine that has less memory than it is said to have (the kernel keeps a tenth at most), or that passes
 * packets on to every port of a container: before version 28, Docker keeps them from there by the policy of `FORWARD` alone, which
 * it sets where it is the first to switch forwarding on (docs.docker.com/engine/network/packet-filtering-firewalls).
 *
 * It may be given to any POSIX shell, as whose the user's is not known; all that matters runs in `sh`, as root.
 */
export function prepareCommand(memory: Size): string {
  return `set -- sh
if [ "$(id -u)" != 0 ]; then
  sudo -n true || {
    echo "$(id -un) may not use sudo without a password: install it and allow it in /etc/sudoers.d, or log in as root (homelab:hosts, user)" >&2
    exit 1
  }
  set -- sudo -n sh
fi
exec "$@" -c ${shellQuote(asRoot(memory))} sh "$(id -un)"`;
}

function asRoot(memory: Size): string {
  const kib = Math.floor((memory / 1024) * 0.9);
  return `set -eu
PATH=$PATH:/usr/sbin
user=$1
fail() { echo "$1" >&2; exit 1; }
command -v apt-get >/dev/null || fail "this is not Debian: it has no apt-get"
! command -v pveversion >/dev/null || fail "this is a Proxmox node, whose guests Docker may cut off from the network: take a guest of it"
reported=$(sed -n "s/^MemTotal: *\\([0-9]*\\) kB$/\\1/p" /proc/meminfo)
[ "$reported" -ge ${kib} ] || fail "it has $((reported / 1024)) MiB of memory, less than homelab:hosts says; correct its memory there"

missing=
${Object.entries(needed)
  .map(([program, name]) => `command -v ${program} >/dev/null || missing="$missing ${name}"`)
  .join("\n")}
if [ -n "$missing" ]; then
  export DEBIAN_FRONTEND=noninteractive
  get() { apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >&2; }
  get update
  # Before Debian 13 the program was part of docker.io, which since then only recommends its package.
  apt-cache show docker-cli >/dev/null 2>&1 || missing=$(echo "$missing" | sed s/docker-cli/docker.io/)
  get install -y --no-install-recommends --no-remove ca-certificates $missing
fi
systemctl enable --now docker >&2 ||
  fail "Docker does not start on it: systemctl status docker says why. It has to be Debian's docker.io or Docker's own docker-ce"
[ "$user" = root ] || id -nG "$user" | tr " " "\\n" | grep -qx docker || usermod -aG docker "$user"

takes_many() { sshd -T 2>/dev/null | grep -qE "^maxstartups (6[4-9]|[7-9][0-9]|[1-9][0-9]{2,}):"; }
if ! takes_many; then
  mkdir -p ${sshd.path.slice(0, sshd.path.lastIndexOf("/"))}
  echo "${sshd.line}" >${sshd.path}
  takes_many || {
    rm ${sshd.path}
    fail "its sshd takes fewer connections at a time than the stack makes, and does not go by ${sshd.path}: write ${sshd.line} into /etc/ssh/sshd_config, above every Match, and run systemctl reload ssh"
  }
  systemctl try-reload-or-restart ssh || systemctl try-reload-or-restart sshd
fi

version=$(docker version --format "{{.Server.Version}}")
[ "\${version%%.*}" -ge 28 ] || iptables --wait -S FORWARD | grep -qx -- "-P FORWARD DROP" ||
  fail "it may pass packets on to every port of its containers, as Docker $version is not 28 or newer and its iptables policy of FORWARD is not DROP: install Docker 28 or newer, or set the policy where it passes on nothing else (docs/how-to/run-on-another-machine.md)"
cat /etc/machine-id`;
}
