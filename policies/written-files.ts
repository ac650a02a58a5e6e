import { route } from "../components/edge/route";
import { commonConfig, filesRoot as edgeRoot, staticConfig } from "../components/edge/static-config";
import { rootName, type File } from "../components/host/workload";
import {
  acmeDirectory,
  caConfig,
  containerAlias,
  filesRoot as pkiRoot,
  stepDefaults,
  stepUser,
} from "../components/pki/ca-config";
import { dataFolders as registryFolders, filesRoot as registryRoot } from "../components/registry/part";
import { dataFolders as ssoFolders, filesRoot as ssoRoot } from "../components/sso/part";
import type { Duration } from "../config/duration";
import { hostName, type Service } from "../config/services";
import { knownParts } from "./parts";
import { at, items, type Value } from "./resource";
import { types } from "./types";

/** What the files are made from. */
export interface FileSources {
  readonly domain: string;
  /** Inputs of the edge. */
  readonly edge: Value;
  /** The machine that a file is on. */
  readonly address: string;
}

/** A file as its component writes it. */
export interface WrittenFile {
  /** Numeric `uid:gid`. */
  readonly owner: string;
  readonly mode: string;
  /** Its text, or the type of the resource that the text comes from and its form; nothing where it is made from secrets. */
  readonly content?: { readonly text: string } | { readonly from: string; readonly form?: RegExp };
}

/** Who owns a folder of Harbor's or Authentik's data; nothing where it is none. */
export const dataOwner = (service: string, folder: string): string | undefined =>
  new Map<string, string>(Object.entries(service === "harbor" ? registryFolders : ssoFolders)).get(folder);

/** Whether a file tells a container of the project's own what to do or whom to trust. */
export const isGuarded = (path: string, domain: string): boolean =>
  [
    ...[pkiRoot, edgeRoot, `${registryRoot}/roots`, `${ssoRoot}/roots`],
    ...knownParts(domain).map(({ filesRoot, part }) => `${filesRoot}/${part.name}`),
  ].some((folder) => path.startsWith(`${folder}/`));

/** What a {@link isGuarded guarded} file has to be; nothing where no component writes it. */
export function writtenFile(path: string, sources: FileSources): WrittenFile | undefined {
  const ofPart = fileOfPart(path, sources.domain);
  if (ofPart) return ofPart;
  const content = contentOf(path, sources);
  if (content === undefined) return undefined;
  return {
    owner: path.startsWith(`${pkiRoot}/`) ? stepUser : "0:0",
    mode: path.startsWith(`${pkiRoot}/secrets/`) ? "0400" : "0444",
    content,
  };
}

/** A file of Harbor's or Authentik's. What isn't plain text there, no secret and of no form, is the root's certificate. */
function fileOfPart(path: string, domain: string): WrittenFile | undefined {
  for (const { filesRoot, part } of knownParts(domain)) {
    const folder = `${filesRoot}/${part.name}`;
    const file = path.startsWith(`${folder}/`) ? part.files?.[path.slice(folder.length)] : undefined;
    if (!file) continue;
    const { secret = false } = file;
    return { owner: part.user, mode: secret ? "0400" : "0444", content: contentOfPart(file) };
  }
  return undefined;
}

function contentOfPart({ content, secret, form }: File): WrittenFile["content"] {
  if (form) return { from: types.randomPassword, form };
  if (secret) return undefined;
  return typeof content === "string" ? { text: content } : { from: types.selfSignedCert };
}

function contentOf(path: string, { domain, edge, address }: FileSources): WrittenFile["content"] | undefined {
  const leafValidity = Number(at(edge, "leafValidity")) as Duration;
  const signOn = String(at(edge, "signOn"));
  switch (path) {
    case `${pkiRoot}/config/ca.json`:
      return { text: caConfig({ domain, dnsNames: [hostName("ca", domain), containerAlias], leafValidity }) };
    case `${pkiRoot}/config/defaults.json`:
      return { text: stepDefaults(containerAlias) };
    case `${pkiRoot}/secrets/intermediate_ca_key`:
      return { from: types.privateKey };
    case `${pkiRoot}/certs/intermediate_ca.crt`:
      return { from: types.locallySignedCert };
    case `${pkiRoot}/certs/root_ca.crt`:
    case `${edgeRoot}/root_ca.crt`:
    case `${registryRoot}/roots/${rootName}`:
    case `${ssoRoot}/roots/${rootName}`:
      return { from: types.selfSignedCert };
    case `${edgeRoot}/traefik.yml`:
      return { text: staticConfig({ acmeDirectory, leafValidity }) };
    case `${edgeRoot}/routes/_common.yml`:
      return { text: commonConfig({ signOn }) };
    default: {
      const name = path.startsWith(`${edgeRoot}/routes/`) ? /([a-z0-9-]+)\.yml$/.exec(path)?.[1] : undefined;
      const service = items(at(edge, "services")).find((each) => name !== undefined && at(each, "name") === name);
      if (service === undefined) return undefined;
      return { text: route(service as unknown as Service, { signOn, address }) };
    }
  }
}
