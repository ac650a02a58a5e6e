import { contains, destination, isLoopback, parseRange } from "./address";
import type { Draft } from "./draft";
import type { Report } from "./report";
import type { ParsedBase } from "./schema";
import { hostName } from "./services";

/** Upstreams that lead to the edge itself, or into its container: each request would be another one to the same place. */
export function checkUpstreams(config: Base, own: readonly string[], report: Report): void {
  const served = servedHosts(config, own, report);
  config.services?.forEach((service, index) => {
    const upstream = service?.upstream;
    if (upstream === undefined) return;
    const problem = problemOf(new URL(upstream), config, served, report);
    if (problem !== undefined) report.add(["services", index, "upstream"], `{value} ${problem}`, upstream);
  });
}

type Base = Draft<ParsedBase>;

/** The edge's ports on the machine. */
const edgePorts = ["80", "443"];

/** Docker networks that the edge is on: `edge-traefik.tooling` is a container there. */
const dockerNetworks = ["tooling", "pki"];

const remedy = "write the address and the port at which the service itself listens";

/** What Docker gives its networks as long as it has some left. Source: libnetwork/ipamutils/utils.go in moby/moby. */
const dockerAddresses = parseRange("172.17.0.0-172.31.255.255");

function problemOf(url: URL, config: Base, served: ReadonlyMap<string, string>, report: Report): string | undefined {
  const { domain, toolingVm, hosts } = config;
  const host = destination(url);
  if (isLoopback(host)) return `leads into the edge's own container; ${remedy}`;
  if (isContainer(host)) {
    return "has a name without a domain, which is that of a container of the stack; write the service's address or full name";
  }
  if (isDockers(host, config)) {
    const inUse = report.key(["network", "inUse"]);
    return `may be a container of the stack, as Docker gives these ${dockerAddresses?.text}; if it is another machine's, add it to ${inUse}`;
  }
  const owner = served.get(host);
  if (owner !== undefined) return `leads back to the edge, which serves ${owner} under that name; ${remedy}`;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const [own, section] = toolingVm ? [toolingVm, ["toolingVm"]] : [hosts?.[0], ["hosts", 0]];
  const { address, name } = own ?? {};
  const machine = [address, domain !== undefined && name !== undefined ? hostName(name, domain) : undefined];
  if (machine.includes(host) && edgePorts.includes(port)) {
    return `is the edge itself (${report.key([...section, "address"])}); ${remedy}`;
  }
  return undefined;
}

const isContainer = (host: string): boolean => {
  const [first = "", second, ...rest] = host.split(".");
  if (first.startsWith("[")) return false;
  return second === undefined || (rest.length === 0 && dockerNetworks.includes(second));
};

/** Whether Docker may give an address to a container, as far as the config does not say that the house has it. */
function isDockers(host: string, { network, guests = [] }: Base): boolean {
  const { subnet, inUse = [] } = network ?? {};
  if (!dockerAddresses || !subnet || !contains(dockerAddresses, host)) return false;
  const isKnown = [subnet, ...inUse].some((range) => range !== undefined && contains(range, host));
  return !isKnown && !guests.some((guest) => guest?.address === host);
}

/** The names that the edge serves, and for whom. */
function servedHosts({ services = [], domain }: Base, own: readonly string[], report: Report): Map<string, string> {
  const hosts = new Map<string, string>();
  if (domain === undefined) return hosts;
  for (const name of own) hosts.set(hostName(name, domain), `the stack's own ${name}`);
  services.forEach((service, index) => {
    const host = service?.host ?? (service?.name === undefined ? undefined : hostName(service.name, domain));
    if (host !== undefined) hosts.set(host, report.key(["services", index]));
  });
  return hosts;
}
