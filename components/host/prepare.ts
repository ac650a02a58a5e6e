import { type Size } from "../../config/size";

/** Programs that the stack runs on a machine, and the Debian packages that have them. */
const needed = { docker: "docker.io", sudo: "sudo", openssl: "openssl", curl: "curl" } as const;

/**
 * Makes a machine that was there before ready for the stack, and prints its `/etc/machine-id` last: installs what is missing, lets
 * its user talk to Docker, and lets sshd take as many connections at a time as Docker's provider makes. What is as it should be
 * is left alone. Refuses a machine that has less memory than it is said to have (the kernel keeps a tenth at most), or that passes
 * packets on to every port of a container: before version 28, Docker keeps them from there by the policy of `FORWARD` alone, which
 * it sets where it is the first to switch forwarding on (docs.docker.com/engine/network/packet-filtering-firewalls).
 */
export function prepareCommand(memory: Size): string {
  const kib = Math.floor((memory / 1024) * 0.9);
  return `set -eu
fail() { echo "$1" >&2; exit 1; }
user=$(id -un)
root=
if [ "$user" != root ]; then
  root='sudo -n'
  $root true || fail "$user may not use sudo without a password: allow it in /etc/sudoers.d, or log in as root (homelab:hosts, user)"
fi
command -v apt-get >/dev/null || fail 'this is not Debian: it has no apt-get'
reported=$(sed -n 's/^MemTotal: *\\([0-9]*\\) kB$/\\1/p' /proc/meminfo)
[ "$reported" -ge ${kib} ] || fail "it has $((reported / 1024)) MiB of memory, less than homelab:hosts says; correct its memory there"
missing=
${Object.entries(needed)
  .map(([program, name]) => `command -v ${program} >/dev/null || missing="$missing ${name}"`)
  .join("\n")}
if [ -n "$missing" ]; then
  export DEBIAN_FRONTEND=noninteractive
  $root apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update >&2
  $root apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install -y --no-install-recommends ca-certificates $missing >&2
fi
$root systemctl enable --now docker >&2
[ -z "$root" ] || id -nG | tr ' ' '\\n' | grep -qx docker || $root usermod -aG docker "$user"
if ! $root cat ${sshd.path} 2>/dev/null | grep -qx '${sshd.line}'; then
  echo '${sshd.line}' | $root tee ${sshd.path} >/dev/null
  $root systemctl reload ssh
fi
version=$($root docker version --format '{{.Server.Version}}')
if [ "\${version%%.*}" -lt 28 ] && ! $root iptables -S FORWARD | grep -qx -- '-P FORWARD DROP'; then
  fail "it passes packets on to every port of its containers, as its iptables policy of FORWARD is ACCEPT and Docker $version is older than 28: install Docker 28 or newer, or set the policy (iptables -P FORWARD DROP) where it passes on nothing else"
fi
cat /etc/machine-id`;
}

/** More connections that have not logged in yet than sshd's ten. */
const sshd = { path: "/etc/ssh/sshd_config.d/10-homelab.conf", line: "MaxStartups 64:30:128" } as const;
