const unit = "/etc/systemd/system/docker.service.d/10-homelab-forwarding.conf";
const policy = "/usr/sbin/iptables --wait --policy FORWARD DROP";

/**
 * The machine passes nothing on but what Docker's rules allow: published ports, and what containers ask for themselves.
 * Docker sets this only where it is the first to switch forwarding on; otherwise whoever takes the machine for a router
 * reaches every port of every container (docs.docker.com/engine/network/packet-filtering-firewalls). Holds at once and at each start of Docker.
 */
export const forwardingCommand = `sudo sh -c 'set -eu
wanted=$(printf "%s\\n" "[Service]" "ExecStartPost=${policy}")
if [ "$(cat ${unit} 2>/dev/null || true)" != "$wanted" ]; then
  install -d -m 0755 ${unit.slice(0, unit.lastIndexOf("/"))}
  printf "%s\\n" "$wanted" > ${unit}
  systemctl daemon-reload
fi
${policy}'`;
