import { route } from "../components/edge/route";
import { commonConfig, filesRoot as edgeRoot } from "../components/edge/static-config";
import { placedFiles, type ConfigFile } from "../components/host/workload";
import { rootFile } from "../components/host/workload-container";
import { filesRoot as pkiRoot } from "../components/pki/ca-config";
import { dataFolders as registryFolders, filesRoot as registryRoot } from "../components/registry/workload";
import { dataFolders as ssoFolders, filesRoot as ssoRoot } from "../components/sso/workload";
import type { Service } from "../config/services";
import { text } from "./guests";
import { at, isKnown, items, type Value } from "./resource";
import { types } from "./types";
import { knownWorkloads, type WorkloadSources } from "./workloads";

/** What the files are made from. */
export interface FileSources extends WorkloadSources {
  /** Inputs of the edge on the machine that a file is on. */
  readonly edge: Value;
  /** The address of that machine. */
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
export const isGuarded = (path: string, sources: WorkloadSources): boolean =>
  [
    ...[pkiRoot, edgeRoot, `${registryRoot}/roots`, `${ssoRoot}/roots`],
    ...knownWorkloads(sources).map(({ filesRoot, workload }) => `${filesRoot}/${workload.name}`),
  ].some((folder) => path.startsWith(`${folder}/`));

/** What a {@link isGuarded guarded} file has to be; nothing where no component writes it. */
export function writtenFile(path: string, sources: FileSources): WrittenFile | undefined {
  const shared = [registryRoot, ssoRoot].map(rootFile).includes(path) ? rootsFile : undefined;
  return shared ?? fileOfWorkload(path, sources) ?? routeFile(path, sources);
}

const rootsFile: WrittenFile = { owner: "0:0", mode: "0444", content: { from: types.selfSignedCert } };

/** A file that one container reads. */
function fileOfWorkload(path: string, sources: FileSources): WrittenFile | undefined {
  const [file] = knownWorkloads(sources)
    .flatMap(({ filesRoot, workload }) => placedFiles(filesRoot, workload))
    .filter(({ hostPath }) => hostPath === path);
  return file && { owner: file.owner, mode: file.mode, content: contentOf(file) };
}

/** A secret without an origin is not judged here. */
function contentOf({ content, origin }: ConfigFile): WrittenFile["content"] {
  if (origin) return { from: origin.type, form: origin.form };
  return typeof content === "string" ? { text: content } : undefined;
}

/** A file in the folder that Traefik watches. */
function routeFile(path: string, { edge, address }: FileSources): WrittenFile | undefined {
  const [, name] = path.startsWith(`${edgeRoot}/routes/`) ? (/([a-z0-9_-]+)\.yml$/.exec(path) ?? []) : [];
  const signOn = text(at(edge, "signOn"));
  const known = items(at(edge, "services")).filter(isKnown);
  const service = known.find((each) => name !== undefined && at(each, "name") === name);
  if (name !== "_common" && service === undefined) return undefined;
  const content =
    service === undefined ? commonConfig({ signOn }) : route(service as unknown as Service, { signOn, address });
  return { owner: "0:0", mode: "0444", content: { text: content } };
}
