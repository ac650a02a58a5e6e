# What the recipes of root file systems share: a Debian 13 from the computer's own mirror. To be sourced.
# A recipe runs as: unshare --mount --propagation private sh <recipe> <empty folder> <Debian mirror>
# Its mounts are in a namespace of their own, so that an interrupted run leaves none behind.
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

in_root() {
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
    ${http_proxy:+http_proxy="$http_proxy"} "$@"
}

# Usage: debian_with <package>...
debian_with() {
  echo "step: base system from $mirror"
  debootstrap --variant=minbase trixie "$root" "$mirror"

  echo "step: packages"
  apt_acquire >"$host_conf"
  echo "deb $mirror trixie main" >"$root/etc/apt/sources.list"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  mount -t proc proc "$root/proc"
  in_root apt-get -q update
  in_root apt-get -q -y -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends "$@"
  in_root apt-get clean

  echo "step: clean-up"
  umount "$root/proc"
  chmod 755 "$root"
  rm -rf "$host_conf" "$root/usr/sbin/policy-rc.d" "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root/var/log/apt"
}
