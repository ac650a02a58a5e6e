import { formatDuration, parseDuration, type Duration } from "../../config/duration";
import { word } from "../../config/fields";
import { stackPolicy } from "../policy";
import { at, items, unknown, valuesAt, type Resource, type Value } from "../resource";
import { labelProblems } from "../routers";
import { goSeconds, mentions, unreadable, type Mention } from "../served-names";
import { isOneOf, types } from "../types";

export default stackPolicy({
  name: "home-arpa-names",
  level: "mandatory",
  summary: "Every name is under the house's domain, no certificate has a wildcard or outlives what clients accept.",
  doc: `\`home.arpa\` is kept for homes (RFC 8375): a name under it can't collide with one of the internet, and leaks nothing
when a device asks outside. The CA signs nothing else. The domain is that of the inventory (\`homelab:domain\`), and must be
\`home.arpa\` or below it. Judged are:

- hosts of the service catalogue and of certificates waited for, names in certificates and requests, DNS domains of VMs,
  system containers and nodes, names that Proxmox gets certificates for, issuers of its OpenID realms, and registries that
  images are pushed to;
- \`redirectUris\` (there a host of \`homelab:sso.proxmox.origins\` passes too), \`launchUrl\`, \`issuerUrl\`, \`externalUrl\`, \`externalHost\`,
  \`baseUrl\`, \`authentikHost\`, \`oidcEndpoint\`, Grafana's \`authUrl\`, \`tokenUrl\`, \`apiUrl\` and \`signoutRedirectUrl\`,
  \`connection.endpoint\`, \`hostName(s)\` and \`dnsName(s)\` of the project's own resources;
- in labels and options of containers, in commands with what they get on standard input, in files on a machine, and in
  snippets: Traefik's host rules, \`tls.domains\` and \`defaultGeneratedCert\`, step-ca's names, policy and claims, cloud-init's \`fqdn\`;
- each alternative of a rule of Traefik's has a \`Host(…)\`, and its settings are in its files, which are plain YAML: no template, no TOML, no
  option, no variable \`TRAEFIK_…\`;
- a \`ca.json\` of step-ca has a policy that allows names of the domain and nothing else, and ACME alone.

Wildcards are refused, \`HostRegexp\` included: \`home.arpa\` is a public suffix, below which Chromium takes none. A server
certificate lives for \`maxCertificateLifetime\` at most; the default is what Apple's systems accept. Upstreams, download
addresses, loopback and names on a Docker network (\`step-ca\`) are not judged.

A name or a lifetime that is not known before the update is a violation. A text that isn't known yet is not judged then,
but at the end of the update.`,
  requirements: ["EF-001"],
  settings: {
    maxCertificateLifetime: word("a duration in s, m, h or d", "825d", parseDuration)
      .prefault("825d")
      .describe("How long a server certificate may live."),
  },
  judgeStack({ resources }, { maxCertificateLifetime }, tell) {
    const inventory = resources.find(({ type }) => type === types.inventory);
    const domain = at(inventory?.inputs, "domain") ?? reserved;
    const known = typeof domain === "string" ? domain : reserved;
    if (known !== domain) tell.violation(`its domain ${notKnown}`, inventory);
    else if (!isUnder(known, reserved)) {
      tell.violation(
        `its domain ${known} is outside ${reserved}; set homelab:domain to ${reserved} or below`,
        inventory,
      );
    }
    const origins = resources
      .filter(({ type }) => type === types.ssoAccess)
      .flatMap(({ inputs }) => valuesAt(inputs, "sso.proxmox.origins[]"))
      .flatMap((origin) => (origin === unknown ? [] : url(origin)?.value));
    for (const resource of resources) {
      for (const mention of [...fromPositions(resource), ...fromTexts(resource)]) {
        if (mention.place === "`redirectUris[]`" && mention.kind === "name" && origins.includes(mention.value))
          continue;
        const problem = problemOf(mention, known, maxCertificateLifetime);
        if (problem) tell.violation(`${mention.place} ${problem}`, resource);
      }
    }
  },
});

const reserved = "home.arpa";

const notKnown = "is not known before the update; give it a value that is known now";

/** How to read the value at a position; what it mentions, if anything. */
type Kind = (value: Exclude<Value, symbol>) => Pick<Mention, "kind" | "value"> | undefined;

const name: Kind = (value) => ({ kind: "name", value: String(value) });

/** The subject of a certificate is a name only where it looks like one: authorities have words. */
const subject: Kind = (value) => (/^\S+\.\S+$/.test(String(value)) ? name(value) : undefined);

/** The host of a URL, or of an entry `{ url }`. A URL of an app (`app.photos:///callback`) has none. */
const url: Kind = (value) => {
  const text = String(at(value, "url") ?? value);
  const host = URL.canParse(text) ? new URL(text).hostname : text;
  return host === "" ? undefined : { kind: "name", value: host };
};

/** The registry of an image reference; Docker's own where it has none. */
const registry: Kind = (value) => {
  const [first = "", ...rest] = String(value).split("/");
  const host = rest.length > 0 && /[.:]|^localhost$/.test(first) ? first.replace(/:\d+$/, "") : "docker.io";
  return { kind: "name", value: host };
};

const lifetimeInHours: Kind = (value) => ({ kind: "lifetime", value: `${String(value)}h` });

/** The project's own resources, components and dynamic ones. */
const own = (type: string): boolean => type.startsWith("homelab:") || type.startsWith("pulumi-nodejs:dynamic");

const oneOf =
  (...wanted: readonly string[]) =>
  (type: string): boolean =>
    wanted.includes(type);

const { certificateRequest, selfSignedCert, locallySignedCert } = types;

/** Where names and lifetimes are. */
const positions: readonly { of: (type: string) => boolean; path: string; kind: Kind; mayWait?: boolean }[] = [
  { of: oneOf(types.edge), path: "services[].host", kind: name },
  { of: oneOf(types.servedCertificate), path: "host", kind: name },
  { of: oneOf(certificateRequest, selfSignedCert), path: "dnsNames[]", kind: name },
  { of: oneOf(certificateRequest, selfSignedCert), path: "subject.commonName", kind: subject },
  { of: oneOf(selfSignedCert, locallySignedCert), path: "validityPeriodHours", kind: lifetimeInHours },
  { of: oneOf(...types.virtualMachines, ...types.systemContainers), path: "initialization.dns.domain", kind: name },
  { of: oneOf(types.nodeDns), path: "domain", kind: name },
  { of: oneOf(...types.acmeCertificates), path: "domains[].domain", kind: name },
  { of: oneOf(...types.openIdRealms), path: "issuerUrl", kind: url },
  { of: oneOf(types.registryImage), path: "name", kind: registry },
  ...["hostName", "hostNames[]", "dnsName", "dnsNames[]"].map((path) => ({ of: own, path, kind: name })),
  ...["launchUrl", "issuerUrl", "externalUrl", "redirectUris[]"].map((path) => ({ of: own, path, kind: url })),
  ...["authentikHost", "baseUrl", "externalHost", "oidcEndpoint"].map((path) => ({ of: own, path, kind: url })),
  ...["authUrl", "tokenUrl", "apiUrl", "signoutRedirectUrl"].map((path) => ({ of: own, path, kind: url })),
  { of: own, path: "connection.endpoint", kind: url, mayWait: true },
];

function fromPositions({ type, inputs }: Resource): (Mention | { place: string; kind: "unknown" })[] {
  const unserved = at(inputs, "isCaCertificate") === true || isForOtherUses(inputs);
  return positions
    .filter(({ of, kind }) => of(type) && !(unserved && kind === lifetimeInHours))
    .flatMap(({ path, kind, mayWait = false }) =>
      valuesAt(inputs, path).flatMap((value) => {
        const place = `\`${path}\``;
        if (value === unknown) return mayWait ? [] : { place, kind: "unknown" as const };
        const mention = value === "" ? undefined : kind(value);
        return mention ? { place, ...mention } : [];
      }),
    );
}

/** What a certificate may be for besides a server. With one of these and without `server_auth`, no client accepts it of one. */
const otherUses: readonly Value[] = ["client_auth", "code_signing", "email_protection", "timestamping", "ocsp_signing"];

function isForOtherUses(inputs: Value): boolean {
  const uses = items(at(inputs, "allowedUses"));
  const isServers = uses.some((use) => use === unknown || use === "server_auth" || use === "any_extended");
  return !isServers && uses.some((use) => otherUses.includes(use));
}

function fromTexts({ type, inputs }: Resource): Mention[] {
  return [
    ...textsOf(type, inputs).flatMap((text) => (typeof text === "string" ? [...mentions(text), ...labels(text)] : [])),
    ...(type === types.container ? settingsBeside(inputs) : []),
    ...(type === types.hostFile ? unreadableFile(inputs) : []),
  ];
}

const labels = (text: string): Mention[] =>
  labelProblems(text).map(({ place, why }) => ({ kind: "refused", place, value: why }));

function textsOf(type: string, inputs: Value): readonly Value[] {
  if (type === types.command) return ["create", "update", "stdin"].map((property) => at(inputs, property));
  if (type === types.hostFile) return [at(inputs, "content")];
  if (isOneOf(types.uploads, type)) return [at(inputs, "sourceRaw", "data")];
  if (type !== types.container) return [];
  const named = items(at(inputs, "labels")).map((each) => [at(each, "label"), at(each, "value")]);
  const known = named.filter((label) => !label.includes(unknown)).map((label) => label.join("="));
  return [...known, ...items(at(inputs, "command") ?? at(inputs, "commands"))];
}

/** Traefik's settings are judged in its files, so they are nowhere else: not in its environment, not in its options. */
function settingsBeside(inputs: Value): Mention[] {
  const words = [...items(at(inputs, "command")), ...items(at(inputs, "entrypoints"))].filter(
    (word) => typeof word === "string",
  );
  const variables = items(at(inputs, "envs")).filter((entry) => typeof entry === "string");
  const place = (word: string): string => `\`${word.split("=", 1)[0]}\``;
  return [
    ...variables.filter((entry) => /^traefik_/i.test(entry)),
    ...words.filter((word) =>
      /^--?(api|certificatesresolvers|entrypoints|experimental|providers|spiffe|tcpserverstransport|serverstransport)\b/i.test(
        word,
      ),
    ),
  ].map((word) => ({
    kind: "refused",
    place: place(word),
    value: "is a setting of Traefik's outside its file, where nobody looks for it; write it into /srv/edge/traefik.yml",
  }));
}

/** Files of Traefik's and of the CA that have names in them. */
const readFiles = /^\/srv\/(edge\/(routes\/.*|traefik\.[a-z]+)|pki\/config\/ca\.json)$/;

/** Files of routes and of the CA are read, so they have to be what this policy reads: YAML or JSON, and no template. */
function unreadableFile(inputs: Value): Mention[] {
  const [path, text] = [at(inputs, "path"), at(inputs, "content")];
  if (typeof path !== "string" || typeof text !== "string" || !readFiles.test(path)) return [];
  if (/\.(yml|yaml|json)$/.test(path) && !text.includes("{{") && !unreadable(text)) return [];
  return [
    {
      kind: "refused",
      place: path,
      value: "is not plain YAML or JSON, so nobody can tell its names; write it as that",
    },
  ];
}

function problemOf(
  mention: ReturnType<typeof fromPositions>[number],
  domain: string,
  longest: Duration,
): string | undefined {
  if (mention.kind === "unknown") return notKnown;
  const { kind, value } = mention;
  if (kind === "refused") return value;
  if (kind === "lifetime") {
    const seconds = goSeconds(value);
    if (seconds === undefined) return `is ${value}, which is not a duration; write it like 8760h`;
    return seconds > longest
      ? `is ${value}, longer than the ${formatDuration(longest)} that clients accept; shorten it`
      : undefined;
  }
  if (kind === "wildcard" || value.includes("*")) {
    return `has ${value}, a wildcard; no certificate may have one (${reserved} is a public suffix), so list each name`;
  }
  if (isUnder(value, domain) || isLoopback(value)) return undefined;
  return `has ${value}, which is not under ${domain}; choose a name that is`;
}

function isUnder(host: string, domain: string): boolean {
  const plain = host.toLowerCase().replace(/\.$/, "");
  return plain === domain || plain.endsWith(`.${domain}`);
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host);
