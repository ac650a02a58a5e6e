import { parseAllDocuments } from "yaml";

import { addressNumber } from "../config/address";
import { authorityProblems } from "./authority";
import { routerProblems } from "./routers";

/** Something that a configuration text says about names or certificates. */
export interface Mention {
  /** `refused` is a setting that would let others choose names; its value says why. */
  readonly kind: "name" | "wildcard" | "lifetime" | "refused";
  /** Where in the text, for a message. */
  readonly place: string;
  readonly value: string;
}

/**
 * The names that a text makes somebody serve or certify, and how long certificates live by it. It finds the rules and
 * certificates of Traefik in YAML, labels and options, the names and claims of step-ca's `ca.json`, and cloud-init's
 * `fqdn`. Names of others, such as upstreams, are none of it.
 */
export function mentions(text: string): Mention[] {
  const all = documents(text);
  return [
    ...traefikRules(text),
    ...traefikOptions(text),
    ...all.flatMap((each) => fromDocument(each)),
    ...all.flatMap((each) => [...routerProblems(each), ...authorityProblems(each)]).map(refused),
  ];
}

/** What makes a file of the machine unreadable as what it is. */
export function unreadable(text: string): boolean {
  return documents(text).length === 0;
}

const refused = ({ place, why }: { place: string; why: string }): Mention => ({ kind: "refused", place, value: why });

/** Host matchers wherever they are: ``Host(`grafana.home.arpa`) || HostSNI("x.home.arpa")``. Traefik ignores their case. */
function traefikRules(text: string): Mention[] {
  const matchers = text.matchAll(/\b(Host|HostHeader|HostSNI|HostRegexp|HostSNIRegexp)\((\s*\\?["'`][^)]*)\)/gi);
  return [...matchers].flatMap(([, matcher = "", names = ""]): Mention[] => {
    const place = "a Traefik rule";
    return /regexp$/i.test(matcher)
      ? [{ kind: "wildcard", place, value: matcher }]
      : separated(names.replace(/["'`\\]/g, "")).map((value) => ({ kind: "name", place, value }));
  });
}

/** Certificates in labels and options: `traefik.http.routers.web.tls.domains[0].main=grafana.home.arpa`. */
function traefikOptions(text: string): Mention[] {
  const options = text.matchAll(/\btls\.domains\[\d+\]\.(?:main|sans)=([^\s"'`]+)/gi);
  return [...options].flatMap(([, names = ""]) => separated(names).map((value) => certified("tls.domains", value)));
}

/** What JSON or YAML says at which place, by the ends of paths without places in lists. */
const places: readonly { end: RegExp; read: (value: string, place: string) => Mention[] }[] = [
  {
    end: /(^|\.)tls\.domains\.(main|sans)$/,
    read: (value) => separated(value).map((name) => certified("tls.domains", name)),
  },
  {
    end: /(^|\.)defaultGeneratedCert\.domain\.(main|sans)$/,
    read: (value) => separated(value).map((name) => certified("defaultGeneratedCert", name)),
  },
  { end: /^fqdn$/, read: (value, place) => [certified(place, value)] },
  // Without a dot it is a name on a Docker network.
  {
    end: /^dnsNames$/,
    read: (value, place) =>
      value.includes(".") && addressNumber(value) === undefined ? [certified(place, value)] : [],
  },
  // Here `*` stands for every single name, none of which is a wildcard.
  { end: /(^|\.)policy\.x509\.allow\.dns$/, read: (value, place) => [certified(place, value.replace(/^\*\./, ""))] },
  {
    end: /(^|\.)claims\.(max|default)TLSCertDuration$/,
    read: (value, place) => [{ kind: "lifetime", place: `\`${place.replace(/^.*\./, "")}\``, value }],
  },
];

function fromDocument(node: unknown, path: readonly string[] = []): Mention[] {
  if (Array.isArray(node)) return node.flatMap((each) => fromDocument(each, path));
  if (typeof node === "object" && node !== null) {
    return Object.entries(node).flatMap(([key, each]) => fromDocument(each, [...path, key]));
  }
  if (typeof node !== "string") return [];
  const place = path.join(".");
  return places.filter(({ end }) => end.test(place)).flatMap(({ read }) => read(node, place));
}

/** A text's JSON or YAML; none where it is neither. */
function documents(text: string): unknown[] {
  const parsed = parseAllDocuments(text, { logLevel: "error" });
  return (Array.isArray(parsed) ? parsed : []).flatMap((document) => {
    try {
      return document.errors.length === 0 ? [document.toJS() as unknown] : [];
    } catch {
      return [];
    }
  });
}

const certified = (place: string, value: string): Mention => ({ kind: "name", place: `\`${place}\``, value });

const separated = (names: string): string[] => names.split(",").map((name) => name.trim());

const factors = { h: 3600, m: 60, s: 1, ms: 0.001 } as const;

/** Seconds of a duration as Go writes it, `8760h` or `1h30m0s`; `undefined` where the text is none. */
export function goSeconds(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * factors[unit as keyof typeof factors], 0);
}
