#!/bin/sh
# Starts PostgreSQL as the official image does, as far as the lab uses that: the first start makes the data, the user and the
# database that the environment names. It takes the password from a file alone, runs no scripts of
# /docker-entrypoint-initdb.d, and does not start as root.
# Usage: docker-entrypoint.sh [postgres] [option of postgres]...
set -eu

case "${1:-}" in
  "" | -*) set -- postgres "$@" ;;
esac

if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD_FILE:?names the file with the password of the database user}"
  user=${POSTGRES_USER:-postgres}
  database=${POSTGRES_DB:-$user}
  # Under its name only when it is complete: an interrupted start begins anew.
  rm -rf "$PGDATA.new"
  initdb --pgdata "$PGDATA.new" --username "$user" --pwfile "$POSTGRES_PASSWORD_FILE" --encoding UTF-8 --locale C.UTF-8 \
    --auth trust
  echo "host all all all scram-sha-256" >>"$PGDATA.new/pg_hba.conf"
  echo "listen_addresses = '*'" >>"$PGDATA.new/postgresql.conf"
  if [ "$database" != postgres ]; then
    quoted=$(printf %s "$database" | sed 's/"/""/g')
    echo "CREATE DATABASE \"$quoted\"" | postgres --single -D "$PGDATA.new" postgres
  fi
  # A folder of somebody's, or one that is mounted itself, stays; what is in it would be lost.
  [ ! -d "$PGDATA" ] || rmdir "$PGDATA"
  mv "$PGDATA.new" "$PGDATA"
fi

exec "$@"
