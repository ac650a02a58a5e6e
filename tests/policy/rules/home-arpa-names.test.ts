import { caConfig } from "../../../components/pki/ca-config";
import { route } from "../../../components/edge/route";
import { commonConfig, staticConfig } from "../../../components/edge/static-config";
import { days, hours } from "../../../config/duration";
import { types } from "../../../policies/types";
import { judge, messages, notYetKnown, urnOf, type TestResource } from "../../helpers/policy/harness";

const inventory = (domain: unknown): TestResource => ({ type: types.inventory, name: "inventory", inputs: { domain } });

const judged = (type: string, inputs: Record<string, unknown>, settings: object = {}) =>
  messages("home-arpa-names", [inventory("home.arpa"), { type, name: "one", inputs }], settings);

const outside = (place: string, name: string, domain = "home.arpa") =>
  `${place} has ${name}, which is not under ${domain}; choose a name that is`;
const wildcard = (place: string, name: string) =>
  `${place} has ${name}, a wildcard; no certificate may have one (home.arpa is a public suffix), so list each name`;
const unknownAt = (place: string) => `${place} is not known before the update; give it a value that is known now`;

/** A value at each position with a name, and the path the message tells. */
const names: [type: string, path: string, inputs: (name: unknown) => Record<string, unknown>][] = [
  [types.edge, "services[].host", (host) => ({ services: [{ name: "x", host, upstream: "http://nas.lan:80" }] })],
  [types.servedCertificate, "host", (host) => ({ host })],
  [types.certificateRequest, "dnsNames[]", (name) => ({ dnsNames: ["a.home.arpa", name] })],
  [types.selfSignedCert, "dnsNames[]", (name) => ({ dnsNames: [name], validityPeriodHours: 1 })],
  [types.certificateRequest, "subject.commonName", (commonName) => ({ subject: { commonName } })],
  ...[...types.virtualMachines, ...types.systemContainers].map((type): (typeof names)[number] => [
    type,
    "initialization.dns.domain",
    (domain) => ({ initialization: { dns: { domain } } }),
  ]),
  [types.nodeDns, "domain", (domain) => ({ domain, nodeName: "pve" })],
  ...types.acmeCertificates.map((type): (typeof names)[number] => [
    type,
    "domains[].domain",
    (domain) => ({ domains: [{ domain }] }),
  ]),
  ["homelab:dns:Record", "dnsName", (dnsName) => ({ dnsName })],
  ["pulumi-nodejs:dynamic:Resource", "hostNames[]", (name) => ({ hostNames: [name] })],
];

test.each(names)("home-arpa-names: %s, %s", async (type, path, inputs) => {
  expect(await judged(type, inputs("grafana.home.arpa"))).toEqual([]);
  expect(await judged(type, inputs("Grafana.Home.ARPA."))).toEqual([]);
  expect(await judged(type, inputs("grafana.example.com"))).toEqual([outside(`\`${path}\``, "grafana.example.com")]);
  expect(await judged(type, inputs("evilhome.arpa"))).toEqual([outside(`\`${path}\``, "evilhome.arpa")]);
  expect(await judged(type, inputs("*.home.arpa"))).toEqual([wildcard(`\`${path}\``, "*.home.arpa")]);
  expect(await judged(type, inputs(notYetKnown))).toEqual([unknownAt(`\`${path}\``)]);
});

test.each([
  [types.openIdRealms[0], "issuerUrl"],
  [types.openIdRealms[1], "issuerUrl"],
  ["homelab:sso:Application", "launchUrl"],
  ["homelab:registry:Harbor", "externalUrl"],
])("home-arpa-names: the URL of %s, %s", async (type, path) => {
  expect(await judged(type, { [path]: "https://sso.home.arpa/application/o/proxmox/" })).toEqual([]);
  expect(await judged(type, { [path]: "https://sso.example.com/" })).toEqual([
    outside(`\`${path}\``, "sso.example.com"),
  ]);
  expect(await judged(type, { [path]: "https://192.168.1.60/" })).toEqual([outside(`\`${path}\``, "192.168.1.60")]);
  expect(await judged(type, { [path]: "sso" })).toEqual([outside(`\`${path}\``, "sso")]);
  expect(await judged(type, { [path]: notYetKnown })).toEqual([unknownAt(`\`${path}\``)]);
});

test("home-arpa-names: redirect URIs lead into the domain, to loopback or into an app", async () => {
  const redirectUris = [
    "https://grafana.home.arpa/login/generic_oauth",
    "http://localhost:8080/callback",
    "http://127.0.0.1:8080/callback",
    "http://[::1]:8080/callback",
    "app.photos:///oauth-callback",
    { matchingMode: "strict", url: "https://photos.home.arpa/callback" },
  ];
  expect(await judged("homelab:sso:Application", { redirectUris })).toEqual([]);
  const wrong = ["https://evil.example.com/callback", { url: "https://*.home.arpa/callback" }];
  expect(await judged("homelab:sso:Application", { redirectUris: wrong })).toEqual([
    outside("`redirectUris[]`", "evil.example.com"),
    wildcard("`redirectUris[]`", "*.home.arpa"),
  ]);
});

test("home-arpa-names: Proxmox's page may be opened under any address that the config lists", async () => {
  const uris = ["https://pve.example.net:8006", "https://10.0.9.10:8006"];
  const application = { type: "homelab:sso:Application", name: "proxmox", inputs: { redirectUris: uris } };
  const access = (...origins: string[]) => ({
    type: types.ssoAccess,
    name: "sso",
    inputs: { sso: { proxmox: { origins } } },
  });
  expect(await messages("home-arpa-names", [access(...uris), application])).toEqual([]);
  expect(await messages("home-arpa-names", [access("https://10.0.9.10:8006"), application])).toEqual([
    outside("`redirectUris[]`", "pve.example.net"),
  ]);
});

test("home-arpa-names: images are pushed to the house's registry alone", async () => {
  expect(await judged(types.registryImage, { name: "registry.home.arpa/library/app:v1" })).toEqual([]);
  expect(await judged(types.registryImage, { name: "registry.home.arpa:5000/app:v1" })).toEqual([]);
  expect(await judged(types.registryImage, { name: "ghcr.io/me/app:v1" })).toEqual([outside("`name`", "ghcr.io")]);
  expect(await judged(types.registryImage, { name: "me/app:v1" })).toEqual([outside("`name`", "docker.io")]);
  expect(await judged(types.remoteImage, { name: "ghcr.io/me/app:v1" })).toEqual([]);
});

test("home-arpa-names: an authority's subject is no host name", async () => {
  expect(await judged(types.certificateRequest, { subject: { commonName: "St. Mary Intermediate CA" } })).toEqual([]);
  expect(await judged(types.certificateRequest, { subject: { commonName: "Homelab" }, dnsNames: null })).toEqual([]);
});

test("home-arpa-names: a server certificate lives no longer than clients accept", async () => {
  const place = "`validityPeriodHours`";
  for (const type of [types.selfSignedCert, types.locallySignedCert]) {
    expect(await judged(type, { validityPeriodHours: 825 * 24 })).toEqual([]);
    expect(await judged(type, { validityPeriodHours: 825 * 24 + 1 })).toEqual([
      `${place} is 19801h, longer than the 19800h that clients accept; shorten it`,
    ]);
    expect(await judged(type, { validityPeriodHours: 8760 }, { maxCertificateLifetime: "90 d" })).toEqual([
      `${place} is 8760h, longer than the 2160h that clients accept; shorten it`,
    ]);
    expect(await judged(type, { validityPeriodHours: notYetKnown })).toEqual([unknownAt(place)]);
    expect(await judged(type, { validityPeriodHours: 175200, isCaCertificate: true })).toEqual([]);
    const years = { validityPeriodHours: 175200 };
    expect(await judged(type, { ...years, allowedUses: ["digital_signature", "code_signing"] })).toEqual([]);
    for (const allowedUses of [["digital_signature"], ["code_signing", "server_auth"], ["code_signing", notYetKnown]])
      expect(await judged(type, { ...years, allowedUses })).toHaveLength(1);
  }
});

describe("home-arpa-names, in texts:", () => {
  const written = (text: unknown) => judged(types.hostFile, { path: "/srv/edge/file", content: text });
  const rule = (text: string) => written(`http:\n  routers:\n    web:\n      rule: ${text}\n`);

  test("Traefik's rules may name hosts under the domain", async () => {
    expect(await rule("Host(`a.home.arpa`) || (Host(`b.home.arpa`, `c.home.arpa`) && PathPrefix(`/x`))")).toEqual([]);
    expect(await rule("HostSNI(`a.home.arpa`)")).toEqual([]);
  });

  test.each([
    ["Host(`a.example.com`)", "a.example.com"],
    ["Host(`a.home.arpa`) || Host(`b.lan`)", "b.lan"],
    ["Host(`a.home.arpa`, `b.lan`)", "b.lan"],
    ["host(`b.lan`)", "b.lan"],
    ["HostSNI(`b.lan`)", "b.lan"],
    [`'Host("b.lan")'`, "b.lan"],
  ])("%s is outside", async (text, name) => {
    expect(await rule(text)).toEqual([outside("a Traefik rule", name)]);
  });

  test.each([
    ["HostRegexp(`^.+\\.home\\.arpa$`)", "HostRegexp"],
    ["HostSNIRegexp(`^(a|b)\\.home\\.arpa$`)", "HostSNIRegexp"],
    ["HostSNI(`*`)", "*"],
  ])("%s is a wildcard", async (text, name) => {
    expect(await rule(text)).toEqual([wildcard("a Traefik rule", name)]);
  });

  test("so are they in the command line of a command and in a container's labels", async () => {
    const text = "Host(`b.lan`)";
    expect(await judged(types.command, { create: `echo 'rule: ${text}' > route.yml` })).toEqual([
      outside("a Traefik rule", "b.lan"),
    ]);
    const labels = [
      { label: "traefik.http.routers.web.rule", value: text },
      { label: "traefik.http.routers.web.tls.domains[0].main", value: "*.home.arpa" },
      { label: "traefik.http.routers.web.tls.domains[0].sans", value: "a.home.arpa,b.lan" },
      { label: "org.example.vendor", value: "b.lan" },
      { label: "of.the.update", value: notYetKnown },
    ];
    expect(await judged(types.container, { labels })).toEqual([
      outside("a Traefik rule", "b.lan"),
      wildcard("`tls.domains`", "*.home.arpa"),
      outside("`tls.domains`", "b.lan"),
    ]);
    const command = ["--entrypoints.websecure.http.tls.domains[0].main=*.home.arpa"];
    for (const property of ["command", "commands"]) {
      expect(await judged(types.container, { [property]: command })).toContainEqual(
        wildcard("`tls.domains`", "*.home.arpa"),
      );
    }
  });

  test("Traefik's certificates have no wildcard", async () => {
    const domains = [{ main: "*.home.arpa", sans: ["a.home.arpa", "b.lan"] }];
    expect(await written(JSON.stringify({ http: { routers: { web: { tls: { domains } } } } }))).toEqual([
      wildcard("`tls.domains`", "*.home.arpa"),
      outside("`tls.domains`", "b.lan"),
    ]);
  });

  test("step-ca signs names of the domain, for no longer than clients accept", async () => {
    const config = (changes: { domain?: string; dnsNames?: string[]; leafValidity?: ReturnType<typeof days> }) =>
      caConfig({ domain: "home.arpa", dnsNames: ["ca.home.arpa", "step-ca"], leafValidity: days(825), ...changes });
    expect(await written(config({}))).toEqual([]);
    expect(await written(config({ leafValidity: hours(19801) }))).toEqual([
      "`defaultTLSCertDuration` is 19801h, longer than the 19800h that clients accept; shorten it",
      "`maxTLSCertDuration` is 19801h, longer than the 19800h that clients accept; shorten it",
    ]);
    expect(await written(config({ domain: "lan" }))).toEqual([outside("`authority.policy.x509.allow.dns`", "lan")]);
    expect(await written(config({ dnsNames: ["ca.lan", "step-ca", "127.0.0.1"] }))).toEqual([
      outside("`dnsNames`", "ca.lan"),
    ]);
  });

  test.each([
    ["1h30m0s", []],
    ["19800h0m1s", ["`maxTLSCertDuration` is 19800h0m1s, longer than the 19800h that clients accept; shorten it"]],
    ["2y", ["`maxTLSCertDuration` is 2y, which is not a duration; write it like 8760h"]],
  ])("a lifetime of %s", async (maxTLSCertDuration, expected) => {
    const policy = { x509: { allow: { dns: ["*.home.arpa"] } } };
    expect(await written(JSON.stringify({ authority: { policy, claims: { maxTLSCertDuration } } }))).toEqual(expected);
  });

  test("a VM's user data names it under the domain", async () => {
    const upload = (fqdn: string) =>
      judged(types.uploads[0], { sourceRaw: { data: `#cloud-config\nhostname: tooling\nfqdn: ${fqdn}\n` } });
    expect(await upload("tooling.home.arpa")).toEqual([]);
    expect(await upload("tooling.lan")).toEqual([outside("`fqdn`", "tooling.lan")]);
  });

  test("the stack's own files pass, upstreams and all", async () => {
    const service = { name: "x", host: "x.home.arpa", upstream: "https://nas.lan:5001", auth: "none" as const };
    expect(await written(route(service, { signOn: "http://authentik-server:9000", address: "192.168.1.60" }))).toEqual(
      [],
    );
    expect(await written(commonConfig({ signOn: "http://authentik-server:9000" }))).toEqual([]);
    const acmeDirectory = "https://step-ca:9000/acme/acme/directory";
    expect(await written(staticConfig({ acmeDirectory, leafValidity: days(365) }))).toEqual([]);
  });

  test("what is neither YAML nor JSON, or not known yet, passes", async () => {
    for (const text of ["-----BEGIN X-----\nMIIB: [\n", "a: &a [*b]\n", "- &x x\n---\n{", "", notYetKnown]) {
      expect(await written(text)).toEqual([]);
    }
  });

  test("a file's text is judged where it is written, not a second time in its component", async () => {
    const content = "rule: Host(`b.lan`)";
    expect(await judged("homelab:host:File", { content })).toEqual([]);
  });
});

test("home-arpa-names: the domain is home.arpa or below it (EF-001)", async () => {
  const host = { type: types.servedCertificate, name: "one", inputs: { host: "a.flat.home.arpa" } };
  expect(await messages("home-arpa-names", [inventory("flat.home.arpa"), host])).toEqual([]);
  expect(await messages("home-arpa-names", [inventory("attic.home.arpa"), host])).toEqual([
    outside("`host`", "a.flat.home.arpa", "attic.home.arpa"),
  ]);
  expect(await messages("home-arpa-names", [inventory("lan")])).toEqual([
    "its domain lan is outside home.arpa; set homelab:domain to home.arpa or below",
  ]);
  expect(await messages("home-arpa-names", [inventory(notYetKnown), host])).toEqual([
    "its domain is not known before the update; give it a value that is known now",
  ]);
});

test("home-arpa-names: without an inventory, names are under home.arpa", async () => {
  const host = { type: types.servedCertificate, name: "one", inputs: { host: "a.lan" } };
  expect(await messages("home-arpa-names", [host])).toEqual([outside("`host`", "a.lan")]);
});

test("home-arpa-names: one resource is exempted, and others are not", async () => {
  const exempt = [{ resource: "old", reason: "it keeps its name until the move" }];
  const hosts = ["old", "new"].map((name) => ({
    type: types.servedCertificate,
    name,
    inputs: { host: `${name}.lan` },
  }));
  const { violations, report } = await judge(hosts, { "home-arpa-names": { exempt } });
  expect(violations.filter(({ policy }) => policy === "home-arpa-names")).toEqual([
    { policy: "home-arpa-names", urn: urnOf(types.servedCertificate, "new"), message: outside("`host`", "new.lan") },
  ]);
  expect(report.exemptions).toEqual([{ policy: "home-arpa-names", ...exempt[0] }]);
});
