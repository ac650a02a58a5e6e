#!/bin/sh
# Starts PostgreSQL with the arguments, settings and data folder of Harbor's own image. It upgrades nothing: there is one
# version here.
# Usage: docker-entrypoint.sh <old version> <version>
set -eu
data=$PGDATA/pg$2

if [ ! -s "$data/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD_FILE:?names the file with the password of the user postgres}"
  # As in Harbor's image: from inside the container without a password, from elsewhere with it. Under its name only when it is complete: an interrupted start begins anew.
  rm -rf "$data.new"
  initdb --pgdata "$data.new" --username postgres --pwfile "$POSTGRES_PASSWORD_FILE" --encoding UTF-8 --locale C.UTF-8 \
    --auth trust
  echo "host all all all scram-sha-256" >>"$data.new/pg_hba.conf"
  echo "CREATE DATABASE registry" | postgres --single -D "$data.new" postgres
  mv "$data.new" "$data"
fi

exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/run/postgresql \
  -c max_connections="${POSTGRES_MAX_CONNECTIONS:-1024}"
