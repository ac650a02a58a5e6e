#!/bin/sh
# Makes the root file system of the lab's machines: Debian 13 with what the cloud image has and Docker.
# Usage: unshare --mount --propagation private sh build-root.sh <empty folder> <Debian mirror>
# Run it in a mount namespace of its own, so that an interrupted run leaves no mount behind.
set -eu
root=$1
mirror=$2

# The computer's own way to its mirror (a proxy, say) also has to work inside the new root, but must not stay there.
host_conf=$root/etc/apt/apt.conf.d/00lab-build
apt_acquire() { command -v apt-config >/dev/null && apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' || true; }
if command -v apt-config >/dev/null; then
  proxy=$(apt-config dump Acquire::http::Proxy | sed -n 's/^Acquire::http::Proxy "\(.*\)";$/\1/p')
  [ -z "$proxy" ] || export http_proxy="$proxy"
fi

echo "step: base system from $mirror"
debootstrap --variant=minbase trixie "$root" "$mirror"

echo "step: packages"
apt_acquire >"$host_conf"
echo "deb $mirror trixie main" >"$root/etc/apt/sources.list"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
mount -t proc proc "$root/proc"
in_root() {
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
    ${http_proxy:+http_proxy="$http_proxy"} "$@"
}
in_root apt-get -q update
in_root apt-get -q -y -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends \
  systemd systemd-sysv dbus openssh-server cloud-init ca-certificates iproute2 iputils-ping iptables nftables sudo curl \
  openssl python3-apt docker.io docker-cli qemu-guest-agent locales netcat-openbsd procps kmod e2fsprogs parted gdisk \
  xz-utils zstd cron postgresql-client less
in_root apt-get clean

echo "step: clean-up"
umount "$root/proc"
# Nothing that tells two machines apart may be in an image: cloud-init and systemd make these at first boot.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id" "$root/var/lib/dbus/machine-id"
: >"$root/etc/machine-id"
rm -rf "$host_conf" "$root/usr/sbin/policy-rc.d" "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root/var/log/apt"
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
