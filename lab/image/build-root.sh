#!/bin/sh
# Makes the root file system of the lab's machines: Debian 13 with what the cloud image has and Docker.
# For its arguments see debian.sh.
. "$(dirname "$0")/debian.sh"

debian_with \
  systemd systemd-sysv dbus openssh-server cloud-init ca-certificates iproute2 iputils-ping iptables nftables sudo curl \
  openssl python3-apt docker.io docker-cli qemu-guest-agent locales netcat-openbsd procps kmod e2fsprogs parted gdisk \
  xz-utils zstd cron postgresql-client less

# Nothing that tells two machines apart may be in an image: cloud-init and systemd make these at first boot.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id" "$root/var/lib/dbus/machine-id"
: >"$root/etc/machine-id"
# A container brings its own network, kernel and clock.
printf 'datasource_list: [NoCloud, None]\n' >"$root/etc/cloud/cloud.cfg.d/90_lab.cfg"
printf 'LANG=C.UTF-8\n' >"$root/etc/default/locale"
for unit in systemd-networkd-wait-online systemd-timesyncd systemd-udevd systemd-modules-load apt-daily apt-daily-upgrade; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit.service"
done
# There is no virtio port in a container: the real guest agent answers on a socket instead. What would reach through to the
# computer that runs the lab (freezing its file system, setting its clock) stays off.
cat >"$root/etc/systemd/system/qemu-guest-agent.service" <<'UNIT'
[Unit]
Description=QEMU Guest Agent (on a socket)
[Service]
ExecStart=/usr/sbin/qemu-ga --method=unix-listen --path=/run/qemu-ga.sock \
  --block-rpcs=guest-fsfreeze-freeze,guest-fsfreeze-freeze-list,guest-fstrim,guest-set-time,guest-set-vcpus
# As on a real machine: once it is in use, it starts at each boot.
ExecStartPost=-/usr/bin/systemctl enable qemu-guest-agent.service
Restart=always
[Install]
WantedBy=multi-user.target
UNIT
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
rm -f "$root/etc/resolv.conf" "$root/etc/hostname"
