import { list, pattern } from "../../config/fields";
import { hostName } from "../../config/services";
import { isGuest } from "../guests";
import { isFromKnownSource } from "../image-sources";
import { stackPolicy } from "../policy";
import { at, settingsFile, unknown, valuesAt, type Resource, type Stack, type Value } from "../resource";
import { isOneOf, types } from "../types";

export default stackPolicy({
  name: "pinned-images",
  level: "mandatory",
  summary: "Every image is pinned by its digest or checksum, and comes from where the project takes its images.",
  doc: `A tag is another image tomorrow, and a rebuilt VM must carry what its predecessor carried. Judged are

- \`RemoteImage\`: its \`name\` must end in \`@sha256:…\`;
- \`Container\`: its \`image\` must be such a reference or an image's ID, or be made from nothing but a \`RemoteImage\` of
  this stack, which is judged itself; so the first preview passes, which knows no IDs yet;
- where the image of such a reference comes from: a repository of \`versions.ts\`, the stack's own registry
  (\`registry.<domain>\`), or one of \`allowedRegistries\`;
- what is built during the deployment (\`docker.Image\`, \`docker-build.Image\`, \`build\` of a \`RemoteImage\`): refused, as
  what it is built from is written nowhere here;
- \`oci.Image\`, an image that Proxmox fetches: its \`reference\` must have a digest;
- what a VM or a system container begins as: a file that this stack downloads, no other file, and no clone of a guest;
- what Proxmox downloads or uploads from the web, such as a VM's cloud image: it must have a checksum, SHA-256 or longer.`,
  requirements: ["US5.2"],
  settings: {
    allowedRegistries: list(
      pattern("a registry, or a part of one", "docker.io/grafana", /^[a-z0-9-]+([.:][a-z0-9-]+)+(\/[a-z0-9._-]+)*$/),
    )
      .prefault([])
      .describe("Registries, or parts of them such as `docker.io/grafana`, that images may come from besides."),
  },
  judgeStack(stack, { allowedRegistries }, { violation }) {
    const inventory = stack.resources.find(({ type }) => type === types.inventory);
    const domain = at(inventory?.inputs, "domain");
    const own = typeof domain === "string" ? [hostName("registry", domain)] : [];
    for (const resource of stack.resources) {
      const problems = faults(resource, stack);
      const foreign = problems.length > 0 ? undefined : foreignImage(resource, [...own, ...allowedRegistries]);
      for (const message of foreign ? [foreign] : problems) violation(message, resource);
    }
  },
});

/** Why an image with a digest may not be taken. Whoever can put images where it comes from decides what runs here. */
function foreignImage({ urn, type, inputs }: Resource, others: readonly string[]): string | undefined {
  const image = at(inputs, type === types.container ? "image" : type === types.remoteImage ? "name" : "reference");
  const isImage = isOneOf([types.container, types.remoteImage, ...types.ociImages], type);
  // An image's ID is that of one which is on the machine.
  if (!isImage || typeof image !== "string" || image.startsWith("sha256:") || isFromKnownSource(image, others)) return;
  return (
    `${image.replace(/@.*/s, "")} is of no repository that the project takes images from; take one of versions.ts, or put its ` +
    `registry into pinned-images.allowedRegistries in ${settingsFile(urn)}`
  );
}

/** What is wrong with a resource, by its type. */
function faults(resource: Resource, stack: Stack): string[] {
  const { type, inputs } = resource;
  if (type === types.container) {
    const image = at(inputs, "image");
    return image === unknown && isMadeFrom(resource, "image", [types.remoteImage], stack)
      ? []
      : unpinned("image", image);
  }
  if (type === types.remoteImage && !isAbsent(at(inputs, "build"))) return [built];
  if (type === types.remoteImage) return unpinned("name", at(inputs, "name"));
  if (isOneOf(types.builtImages, type)) return [built];
  if (isOneOf(types.downloads, type)) return unchecked(at(inputs, "checksum"), at(inputs, "checksumAlgorithm"));
  if (isOneOf(types.uploads, type) && isWeb(at(inputs, "sourceFile", "path"))) {
    return unchecked(at(inputs, "sourceFile", "checksum"), "sha256", "`sourceFile.checksum` (SHA-256)");
  }
  if (isOneOf(types.ociImages, type)) return unpinned("reference", at(inputs, "reference"));
  if (isGuest(resource)) return beginning(resource, stack);
  return [];
}

const built =
  "it is built during the deployment, from what nobody can tell; build it beforehand and refer to its digest";

const isAbsent = (value: Value): boolean => value === undefined || value === null || value === "";

const isWeb = (path: Value): boolean => path === unknown || (typeof path === "string" && /^https?:/i.test(path));

/** Whether a property that isn't known yet comes from resources of some types alone. */
function isMadeFrom(resource: Resource, property: string, wanted: readonly string[], stack: Stack): boolean {
  const origins = stack.dependencies(resource, property);
  const types = origins.map((origin) => stack.resources.find(({ urn }) => urn === origin)?.type ?? "");
  return types.length > 0 && types.every((type) => wanted.includes(type));
}

/** Where a guest says what its disks begin as. */
const beginnings = [
  ...["disks[].importFrom", "disks[].fileId", "cdrom.fileId", "operatingSystem.templateFileId"],
  ...["disk.importFrom", "disk.fileId"],
];

/** Files that hold nothing. */
const empty: readonly Value[] = ["none", "cdrom", ""];

/** A guest begins with files of this stack, which have a checksum. */
function beginning(guest: Resource, stack: Stack): string[] {
  const files = stack.resources
    .filter(({ type }) => isOneOf(types.downloads, type))
    .map(({ inputs }) => ["datastoreId", "contentType", "fileName"].map((each) => String(at(inputs, each))))
    .map(([datastore, content, file]) => `${datastore}:${content}/${file}`);
  const foreign = beginnings.flatMap((path) => {
    const [property = ""] = path.split(/[[.]/);
    return valuesAt(guest.inputs, path)
      .filter((value) =>
        value === unknown
          ? !isMadeFrom(guest, property, types.downloads, stack)
          : !empty.includes(value) && !files.includes(String(value)),
      )
      .map(
        (value) => `it begins as ${value === unknown ? "a file that is not known before the update" : String(value)}`,
      );
  });
  const cloned = isAbsent(at(guest.inputs, "clone")) ? [] : ["it begins as a clone of another guest"];
  return [...foreign, ...cloned].map(
    (what) => `${what}, which nothing vouches for; take a download.File of this stack`,
  );
}

/** A reference with a digest; a container may also name an image by its ID. */
function unpinned(property: "name" | "image" | "reference", image: Value): string[] {
  const remedy = property === "image" ? ", or take `image` from a RemoteImage" : "";
  if (image === unknown) {
    return [`its image is not known before the update; give \`${property}\` a reference with a digest${remedy}`];
  }
  const text = typeof image === "string" ? image : "";
  if (/^[^\s@]+@sha256:[0-9a-f]{64}$/.test(text)) return [];
  if (property === "image" && /^sha256:[0-9a-f]{64}$/.test(text)) return [];
  return [
    `"${text}" can be another image tomorrow; end \`${property}\` with its digest (@sha256:…)${remedy}; ${inVersions}`,
  ];
}

const inVersions = "`npm run images:pin` does so in versions.ts";

const checksumSettings = "`checksum` and `checksumAlgorithm` (sha256, sha384 or sha512)";

/** A file from the web, which nobody vouches for but its checksum. */
function unchecked(checksum: Value, algorithm: Value, settings = checksumSettings): string[] {
  if (checksum === unknown || algorithm === unknown) {
    return ["its checksum is not known before the update; write it down in the program or its configuration"];
  }
  if (isAbsent(checksum) || isAbsent(algorithm)) {
    return [`nothing tells whether the file is the right one; set ${settings}`];
  }
  return ["sha256", "sha384", "sha512"].includes(String(algorithm))
    ? []
    : [`a file can be forged to a checksum of ${String(algorithm)}; use sha256, sha384 or sha512`];
}
