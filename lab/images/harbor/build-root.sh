#!/bin/sh
# Makes the root file system below the lab's images of Harbor: Debian 13 with PostgreSQL, Valkey, nginx, the Docker registry
# and Node.js, without what only an installation needs.
# For its arguments see debian.sh.
. "$(dirname "$0")/../../image/debian.sh"

debian_with postgresql-17 postgresql-client-17 valkey-server nginx-light docker-registry nodejs curl wget ca-certificates

# Debian's commands of PostgreSQL choose between versions, in Perl. There is one version here.
for program in "$root"/usr/lib/postgresql/17/bin/*; do
  ln -sf "../lib/postgresql/17/bin/${program##*/}" "$root/usr/bin/${program##*/}"
done
# What is left is not needed to run: PostgreSQL's compiler for queries, Perl, documentation, caches, and settings and data
# folders of which a container brings its own.
(
  cd "$root"
  rm -rf usr/lib/postgresql/17/lib/llvmjit* usr/lib/postgresql/17/lib/bitcode usr/lib/*/libLLVM* usr/lib/*/libz3.*
  rm -rf usr/share/perl* usr/lib/*/*perl* usr/bin/perl* usr/share/postgresql-common usr/share/nodejs/corepack usr/include
  rm -rf usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/i18n
  rm -rf var/cache/* var/log/* var/backups/* var/lib/dpkg/info var/lib/postgresql var/lib/valkey tmp/* run/*
  rm -rf etc/postgresql etc/postgresql-common etc/valkey etc/nginx/sites-* etc/nginx/modules-*
  rm -f etc/resolv.conf etc/hostname etc/machine-id etc/ssl/private/*
)
