import { z } from "zod";

import { shellQuote } from "../../providers/host/shell";

/** What a machine needs to pull from the registry. The stack's secret output `registryClient`. */
export const registryClient = z.object({
  /** The registry's name, `registry.home.arpa`. */
  host: z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/),
  /** Where that name has to lead. */
  address: z.ipv4(),
  /** What vouches for its certificate, PEM. */
  rootCertificate: z.string().regex(/^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n*$/),
  /** The robot that pulls. */
  username: z.string().regex(/^[\w$+.-]+$/),
  password: z.string().regex(/^[!-~]{8,128}$/),
});

/** One client, checked: its texts fit on the lines they are written to. */
export type RegistryClient = z.output<typeof registryClient>;

/** What a preparation may be told besides. */
export interface ClientOptions {
  /** A user of the machine who logs in too. Root always does. */
  readonly user?: string;
  /** Where Docker looks for roots. Default `/etc/docker/certs.d`. */
  readonly certificates?: string;
}

/**
 * A shell script that lets a machine pull from the registry: Docker trusts the root for it, and is logged in. It is read
 * by `sh -s` of root on standard input, because the password is in it; the password goes on to `docker login` the same
 * way. Running it again changes nothing.
 */
export function clientScript(client: RegistryClient, options: ClientOptions = {}): string {
  const { user = "", certificates = "/etc/docker/certs.d" } = options;
  return `set -eu
umask 077
host=${shellQuote(client.host)}
address=${shellQuote(client.address)}
username=${shellQuote(client.username)}
user=${shellQuote(user)}
folder=${shellQuote(`${certificates}/${client.host}`)}
HOME=$(getent passwd root | cut -d : -f 6)
export HOME
unset DOCKER_CONFIG

root_certificate() {
  cat <<'END_OF_CERTIFICATE'
${client.rootCertificate.trim()}
END_OF_CERTIFICATE
}

with_password() {
  "$@" 2>&1 <<'END_OF_PASSWORD'
${client.password}
END_OF_PASSWORD
}
${steps}`;
}

/** The same for every client. All of it is read before anything is done: a connection that breaks does nothing by halves. */
const steps = `
fail() {
  printf 'error: %s\\n       %s\\n' "$1" "$2" >&2
  exit 1
}

check_docker() {
  command -v docker >/dev/null 2>&1 ||
    fail 'Docker is not installed here' 'Install it first: apt-get install docker.io, or docs.docker.com/engine/install'
  docker info >/dev/null 2>&1 </dev/null ||
    fail 'the Docker daemon does not answer' 'Look at: systemctl status docker'
}

trust_root() {
  install -d -m 0755 "$folder"
  if [ -f "$folder/ca.crt" ] && [ "$(cat "$folder/ca.crt")" = "$(root_certificate)" ]; then
    chmod 0644 "$folder/ca.crt"
    echo "Docker trusts the root for $host already"
    return 0
  fi
  new=$(mktemp "$folder/.ca.crt.XXXXXX")
  trap 'rm -f "$new"' EXIT
  root_certificate >"$new"
  chmod 0644 "$new"
  mv -f "$new" "$folder/ca.crt"
  echo "Docker now trusts the root for $host"
}

check_registry() {
  found=$(getent ahostsv4 "$host" | cut -d ' ' -f 1 | head -n 1)
  [ -n "$found" ] || fail "$host has no address here" \\
    "Let the DNS server of this machine answer it with $address; for a trial: echo '$address $host' >>/etc/hosts"
  if ! command -v curl >/dev/null 2>&1; then
    echo 'There is no curl here, so the login alone shows whether the registry answers'
    return 0
  fi
  code=0
  status=$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 20 --noproxy '*' \\
    --cacert "$folder/ca.crt" "https://$host/v2/" </dev/null) || code=$?
  case $code in
    0) ;;
    51 | 60) fail "the certificate of $host ($found) is not one that the root vouches for" \\
      "The name must lead to $address. If the root was replaced, get the stack up to date and run this again" ;;
    *) fail "$host ($found) does not answer (curl: $code)" \\
      "The name must lead to $address. If it does, see docs/runbooks/registry-down.md" ;;
  esac
  case $status in
    200 | 401) echo "$host answers, with a certificate that the root vouches for" ;;
    *) fail "$host answers with status $status" 'See docs/runbooks/registry-down.md' ;;
  esac
}

log_in() {
  who=$1
  shift
  if said=$(with_password "$@"); then
    echo "$who is logged in to $host as $username"
    return 0
  fi
  case $said in
    *unauthorized*) remedy='The robot was replaced or its time is over: see docs/runbooks/registry-robots.md' ;;
    *'permission denied'*docker*) remedy="It may not use Docker: usermod -aG docker $who, then run this again" ;;
    *) remedy='See docs/runbooks/registry-down.md' ;;
  esac
  fail "$who cannot log in to $host: $said" "$remedy"
}

main() {
  check_docker
  [ -z "$user" ] || id "$user" >/dev/null 2>&1 ||
    fail "there is no user $user here" 'Leave --user out, or name one that exists'
  trust_root
  check_registry
  log_in root docker login --username "$username" --password-stdin "$host"
  [ -z "$user" ] || log_in "$user" su -s /bin/sh -c 'exec docker login --username "$1" --password-stdin "$2"' \\
    "$user" sh "$username" "$host"
}

main
`;
