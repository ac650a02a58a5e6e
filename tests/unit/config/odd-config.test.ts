import { parse } from "yaml";

import { route } from "../../../components/edge/route";
import { Applications } from "../../../components/sso/applications";
import { ConfigError } from "../../../config";
import type { Service } from "../../../config/services";
import { changed, read } from "../../helpers/unit/config-fixture";
import { deploy } from "../../helpers/unit/pulumi-mocks";
import { config, makeAccess, objectInputs, url } from "../../helpers/unit/sso-program";

/** Numbers below a bound, the same ones in each run. */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * bound);
  };
}

/** What would mean something to a rule, to YAML, to Traefik's templates, to a URL or to a header. */
const odd = [
  ...[
    "`",
    "``",
    "')",
    '"',
    "'",
    "\\",
    "\n",
    "\r\n",
    "\t",
    "\0",
    " ",
    "  ",
    "#",
    " #",
    ": ",
    "- ",
    "&a",
    "*a",
    "<<",
    "!!js",
  ],
  ...[
    "{{",
    "}}",
    "{{ . }}",
    "${x}",
    "$",
    "%",
    "%2f",
    "%00",
    "||",
    "&&",
    "(",
    ")",
    "@internal",
    "@file",
    ",",
    ";",
    "?",
    "=",
  ],
  ...[
    "..",
    "/",
    "//",
    "_",
    "-",
    "--",
    "xn--",
    ".",
    ":",
    ":0",
    ":99999",
    "[",
    "]",
    "\u2028",
    "\u202e",
    "é",
    "а",
    "１",
    "。",
  ],
  ...["A", "0", "00", "null", "true", "~", "1e3", "0x1f", "__proto__", "constructor"],
];

const base = {
  name: "wiki",
  host: "docs.home.arpa",
  upstream: "https://nas.lan:8443",
  upstreamCa: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
  description: "Pages",
  auth: "proxy",
};

/** Entries of the catalogue with something odd in one or two of their texts, as far as the config takes them. */
function oddServices(count: number): Service[] {
  const roll = dice(1);
  return Array.from({ length: count }).flatMap(() => {
    const entry: Record<string, string> = { ...base, auth: ["proxy", "native", "none"][roll(3)] ?? "" };
    for (let times = roll(2); times >= 0; times--) {
      const key = ["name", "host", "upstream", "upstreamCa", "description"][roll(5)] ?? "";
      const [text = "", at] = [entry[key], roll((entry[key]?.length ?? 0) + 1)];
      const piece = odd[roll(odd.length)] ?? "";
      entry[key] = roll(4) === 0 ? piece : text.slice(0, at) + piece + text.slice(at);
    }
    try {
      return read(changed({ services: [entry], "sso.grafana": undefined })).services;
    } catch (error) {
      if (error instanceof ConfigError) return [];
      throw error;
    }
  });
}

const services = oddServices(1000);
const routers =
  /^Host\(`[a-z0-9-]+\.home\.arpa`\)( && \(PathPrefix\(`\/outpost\.goauthentik\.io\/`\)\)| && Header\(`X-Edge-Passed-[a-z0-9-]+`, `192\.168\.1\.60`\))?$/;

test("some odd entries pass the config, and some do not", () => {
  expect(services.length).toBeGreaterThan(100);
  expect(services.length).toBeLessThan(500);
});

test("EF-006: whatever passes the config becomes a route of its own, and nothing but that", () => {
  for (const service of services) {
    const text = route(service, { signOn: "http://authentik-server:9000", address: "192.168.1.60" });
    expect(text).not.toMatch(/\{\{|\}\}/);
    const { http, ...rest } = parse(text) as { http: Record<string, Record<string, never>> };
    expect(rest).toEqual({});
    const { name, upstream, upstreamCa, host, auth } = service;
    const all = [name, ...(auth === "proxy" ? [`${name}-sign-on`] : []), `${name}_loop`];
    expect(Object.keys(http.routers ?? {})).toEqual(all);
    for (const { rule } of Object.values(http.routers ?? {}) as { rule: string }[]) {
      expect(rule).toMatch(routers);
      expect(rule.startsWith(`Host(\`${host}\`)`)).toBe(true);
    }
    const secured = upstream.startsWith("https:");
    const transport = secured ? { serversTransport: name } : {};
    expect(http.services?.[name]).toEqual({
      loadBalancer: { servers: [{ url: upstream }], passHostHeader: true, ...transport },
    });
    expect(http.middlewares).toEqual({
      [`${name}_mark`]: { headers: { customRequestHeaders: { [`X-Edge-Passed-${name}`]: "192.168.1.60" } } },
    });
    if (secured)
      expect(http.serversTransports).toEqual({ [name]: { rootCAs: [upstreamCa ?? "/etc/traefik/root_ca.crt"] } });
  }
});

test("EF-011: a service may have the name of what every object has from birth", async () => {
  const redirectUris = ["https://constructor.home.arpa/callback"];
  const entry = { name: "constructor", upstream: "http://192.168.1.70", auth: "oidc", groups: [], redirectUris };
  const { sso, services: configured } = config({ "services.4": entry });
  const deployed = await deploy(() => {
    const { access, machine } = makeAccess(sso);
    return new Applications("applications", { machine, access, url, services: configured, logins: [], sso });
  });
  expect(objectInputs(deployed, "OAuthProvider", "applications-constructor")).toMatchObject({ redirectUris });
});
