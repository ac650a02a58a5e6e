import { capture } from "../tools/run";
import { network } from "./settings";
import { sshArguments } from "./ssh";
import { secretOutput } from "./stack";
import type { World } from "./world";

/** Bytes a second, through the edge and straight to the registry. */
export interface Throughput {
  push: { edge: number; straight: number };
  pull: { edge: number; straight: number };
}

const mebibytes = 512;

/**
 * Sends a layer of random bytes to the registry twice and fetches it twice, on the tooling VM itself: by its public name
 * (Traefik with TLS, core, registry), and straight to the registry's container.
 */
export async function registryThroughput(world: World): Promise<Throughput> {
  const { project, username, password } = (await secretOutput(world, "registryPush")) as Record<string, string>;
  const [host, name] = (project ?? "").split("/");
  const script = measure(host ?? "", `${name}/figures`, `${username}:${password}`);
  const { code, stdout, stderr } = await capture("ssh", [...sshArguments(network.toolingVm), "sudo sh -s"], {
    input: script,
  });
  if (code !== 0) throw new Error(`The registry's throughput can't be measured: ${stderr.trim()}`);
  const [pushEdge = NaN, pushStraight = NaN, pullEdge = NaN, pullStraight = NaN] = stdout
    .trim()
    .split(/\s+/)
    .map(Number);
  return { push: { edge: pushEdge, straight: pushStraight }, pull: { edge: pullEdge, straight: pullStraight } };
}

/** A shell script that prints four numbers of bytes a second. Logins are in files, never in a command line. */
const measure = (host: string, repository: string, login: string): string => `set -eu
umask 077
work=$(mktemp -d /var/tmp/figures.XXXXXX)
trap 'rm -r "$work"' EXIT
cat >"$work/robot" <<'END'
user = "${login}"
END
curl_edge() { curl -sS --fail --cacert /srv/edge/root_ca.crt --resolve ${host}:443:${network.toolingVm} "$@"; }
token=$(curl_edge -K "$work/robot" 'https://${host}/service/token?service=harbor-registry&scope=repository:${repository}:pull,push' |
  sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
echo "header = \\"Authorization: Bearer $token\\"" >"$work/token"
password=$(sed -n 's/^REGISTRY_CREDENTIAL_PASSWORD=//p' /srv/harbor/core/run/homelab/secrets.env)
echo "user = \\"harbor_registry_user:$password\\"" >"$work/registry"
address=$(docker inspect --format '{{.NetworkSettings.Networks.harbor.IPAddress}}' harbor-registry)
edge=https://${host} straight=http://$address:5000
by_edge() { curl_edge -K "$work/token" "$@"; }
by_hand() { curl -sS --fail -K "$work/registry" "$@"; }

head -c ${mebibytes}M /dev/urandom >"$work/layer"
digest=sha256:$(sha256sum "$work/layer" | cut -d ' ' -f 1)
push() {
  location=$("$1" -o /dev/null -D - -X POST "$2/v2/${repository}$3/blobs/uploads/" | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
  case $location in /*) location=$2$location ;; esac
  case $location in *\\?*) location="$location&" ;; *) location="$location?" ;; esac
  "$1" -o /dev/null -w '%{speed_upload}\\n' -T "$work/layer" "\${location}digest=$digest"
}
pull() { "$1" -o /dev/null -w '%{speed_download}\\n' "$2/v2/${repository}$3/blobs/$digest"; }
push by_edge "$edge" ''
push by_hand "$straight" -straight
pull by_edge "$edge" ''
pull by_hand "$straight" -straight
`;
