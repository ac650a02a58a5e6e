/** One service of the catalogue: what its route, certificate, DNS name, login and probe are made from. */
export interface Service {
  readonly name: string;
  /** Its name in DNS. */
  readonly host: string;
  readonly description?: string;
  /** Where it listens: `http(s)://host[:port]`, or a service of Traefik's own, `api@internal`. */
  readonly upstream: string;
  /** The CA of an https upstream's certificate, in PEM. Default: the stack's root. */
  readonly upstreamCa?: string;
  /** Who asks for the login: the service over OIDC, the edge before it, the service's own accounts, or nobody. */
  readonly auth: "oidc" | "proxy" | "native" | "none";
  /** The groups that may use it; `[]` for nobody. For `oidc` and `proxy`. */
  readonly groups?: readonly string[];
  /** Where the service gets the answer of a login, exactly as it sends it. For `oidc`. */
  readonly redirectUris?: readonly string[];
  /** The paths that are served, in the form of {@link Branch.paths}. Default: all. */
  readonly paths?: readonly string[];
  /** Paths that another upstream answers. Only the stack's own services have some. */
  readonly branches?: readonly Branch[];
  /** Whether gigabytes go through it at a time: it is served over HTTP/1.1 alone, which costs the edge less for each. */
  readonly isBulk?: boolean;
}

/** A part of a service with an upstream of its own. */
export interface Branch {
  readonly name: string;
  readonly upstream: string;
  /** `/api/` is everything below it, `/service/token` that path alone. */
  readonly paths: readonly string[];
  /** Addresses of those for whom it is there; to others these paths are the service's own. Default: everybody. */
  readonly clients?: readonly string[];
}

/** The one place that builds a name under the domain: `hostName("grafana", "home.arpa")` is `grafana.home.arpa`. */
export function hostName(name: string, domain: string): string {
  return `${name}.${domain}`;
}

/** What a name under the domain may look like. */
export const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The label that {@link hostName} would put before the domain; `undefined` unless the host is exactly one below it. */
export function hostLabel(host: string, domain: string): string | undefined {
  const label = host.endsWith(`.${domain}`) ? host.slice(0, -domain.length - 1) : "";
  return dnsLabel.test(label) ? label : undefined;
}

/** An entry of the config as a catalogue entry: its host is its name under the domain unless it has another. */
export function toService(entry: Omit<Service, "host"> & { readonly host?: string }, domain: string): Service {
  return { ...entry, host: entry.host ?? hostName(entry.name, domain) };
}
