import { types } from "../../../policies/types";
import { messages, notYetKnown, urnOf, type TestResource } from "../../helpers/policy/harness";

const hex = "0123456789abcdef".repeat(4);
const pinned = `docker.io/library/traefik:v3.7.9@sha256:${hex}`;
const judged = (...resources: TestResource[]) => messages("pinned-images", resources);
const remoteImage = (inputs: Record<string, unknown>): TestResource => ({
  type: types.remoteImage,
  name: "web",
  inputs,
});
const container = (image: unknown, from?: string): TestResource => ({
  type: types.container,
  name: "web",
  inputs: { image },
  dependencies: from === undefined ? {} : { image: [from] },
});
const remoteImageUrn = urnOf(types.remoteImage, "web");

test("pinned-images: a RemoteImage with a digest passes", async () => {
  expect(await judged(remoteImage({ name: pinned }))).toEqual([]);
});

test.each([
  "traefik",
  "traefik:v3.7.9",
  `traefik@sha256:${hex.slice(1)}`,
  `traefik@sha256:${hex.toUpperCase()}`,
  `traefik@sha512:${hex}`,
  `sha256:${hex}`,
  "",
])("pinned-images (US5.2): a RemoteImage %j is not pinned", async (name) => {
  expect(await judged(remoteImage({ name }))).toEqual([
    `"${name}" can be another image tomorrow; end \`name\` with its digest (@sha256:…); \`npm run images:pin\` does so in versions.ts`,
  ]);
});

test("pinned-images: a RemoteImage whose name isn't known yet is a violation", async () => {
  expect(await judged(remoteImage({ name: notYetKnown }))).toEqual([
    "its image is not known before the update; give `name` a reference with a digest",
  ]);
});

test.each([pinned, `sha256:${hex}`])("pinned-images: a container of %j passes", async (image) => {
  expect(await judged(container(image))).toEqual([]);
});

test("pinned-images (US5.2): a container of a tag is a violation", async () => {
  expect(await judged(container("traefik:v3.7.9"))).toEqual([
    '"traefik:v3.7.9" can be another image tomorrow; end `image` with its digest (@sha256:…), or take `image` from a ' +
      "RemoteImage; `npm run images:pin` does so in versions.ts",
  ]);
});

test("pinned-images: a container of a RemoteImage passes before its ID is known, and the RemoteImage is judged", async () => {
  expect(await judged(remoteImage({ name: pinned }), container(notYetKnown, remoteImageUrn))).toEqual([]);
  expect(await judged(remoteImage({ name: "traefik" }), container(notYetKnown, remoteImageUrn))).toEqual([
    '"traefik" can be another image tomorrow; end `name` with its digest (@sha256:…); `npm run images:pin` does so in versions.ts',
  ]);
});

const from = (image: string, allowedRegistries: string[] = []) => {
  const inventory = { type: types.inventory, name: "inventory", inputs: { domain: "home.arpa" } };
  const pinnedImage = remoteImage({ name: `${image}@sha256:${hex}` });
  return messages("pinned-images", [inventory, pinnedImage], { allowedRegistries });
};

test("pinned-images: images come from versions.ts, from the stack's own registry, or from where the stack allows", async () => {
  for (const image of [
    "traefik",
    "docker.io/library/traefik:v3",
    "ghcr.io/goauthentik/server",
    "registry.home.arpa/a/b",
  ])
    expect(await from(image)).toEqual([]);
  expect(await from("grafana/grafana:12")).toEqual([
    "grafana/grafana:12 is of no repository that the project takes images from; take one of versions.ts, or put its " +
      "registry into pinned-images.allowedRegistries in policies/stacks/test.yaml",
  ]);
  for (const allowed of ["docker.io", "docker.io/grafana"])
    expect(await from("grafana/grafana:12", [allowed])).toEqual([]);
  expect(await from("grafana-evil/grafana:12", ["docker.io/grafana"])).toHaveLength(1);
  expect(await from("198.18.60.1:5000/traefik", ["198.18.60.1:5000"])).toEqual([]);
  expect(await from("198.18.60.1:5000/traefik", ["198.18.60.1"])).toHaveLength(1);
});

test.each([
  ["nothing", undefined],
  ["a command", urnOf(types.command, "web")],
  ["a RemoteImage of another stack", remoteImageUrn],
])("pinned-images (US5.2): a container of an unknown image from %s is a violation", async (_from, urn) => {
  const command = { type: types.command, name: "web" };
  expect(await judged(command, container(notYetKnown, urn))).toEqual([
    "its image is not known before the update; give `image` a reference with a digest, or take `image` from a " +
      "RemoteImage",
  ]);
});

test.each([
  { ...remoteImage({ name: pinned, build: { context: "." } }) },
  { ...remoteImage({ name: pinned, build: notYetKnown }) },
  { type: "docker:index/image:Image", name: "web", inputs: { imageName: pinned } },
  { type: "docker-build:index:Image", name: "web", inputs: { tags: [pinned] } },
])("pinned-images (US5.2): an image that is built during the deployment is a violation ($type)", async (resource) => {
  expect(await judged(resource)).toEqual([
    "it is built during the deployment, from what nobody can tell; build it beforehand and refer to its digest",
  ]);
});

const download = (inputs: Record<string, unknown>, type: string = types.downloads[0]) =>
  judged({
    type,
    name: "image",
    inputs: { contentType: "import", url: "https://cloud.debian.org/a.qcow2", ...inputs },
  });
const noChecksum =
  "nothing tells whether the file is the right one; set `checksum` and `checksumAlgorithm` (sha256, sha384 or sha512)";

test.each(["sha256", "sha384", "sha512"])("pinned-images: a download with a %s checksum passes", async (algorithm) => {
  expect(await download({ checksum: hex, checksumAlgorithm: algorithm })).toEqual([]);
});

test.each([...types.downloads])(
  "pinned-images (US5.2): a download without a checksum is a violation (%s)",
  async (type) => {
    expect(await download({}, type)).toEqual([noChecksum]);
    expect(await download({ checksum: hex }, type)).toEqual([noChecksum]);
    expect(await download({ checksum: "", checksumAlgorithm: "sha256" }, type)).toEqual([noChecksum]);
  },
);

test.each(["md5", "sha1"])("pinned-images (US5.2): a checksum of %s is not enough", async (algorithm) => {
  expect(await download({ checksum: hex, checksumAlgorithm: algorithm })).toEqual([
    `a file can be forged to a checksum of ${algorithm}; use sha256, sha384 or sha512`,
  ]);
});

test.each([
  { checksum: notYetKnown, checksumAlgorithm: "sha256" },
  { checksum: hex, checksumAlgorithm: notYetKnown },
])("pinned-images: a checksum that isn't known yet is a violation (%j)", async (inputs) => {
  expect(await download(inputs)).toEqual([
    "its checksum is not known before the update; write it down in the program or its configuration",
  ]);
});

test.each([...types.uploads])(
  "pinned-images: an upload from the web has a checksum, one of our own needs none (%s)",
  async (type) => {
    const upload = (inputs: Record<string, unknown>) => judged({ type, name: "file", inputs });
    const path = "https://cloud.debian.org/a.qcow2";
    expect(await upload({ sourceFile: { path, checksum: hex } })).toEqual([]);
    expect(await upload({ sourceFile: { path: "snippets/user-data.yaml" } })).toEqual([]);
    expect(await upload({ sourceRaw: { data: notYetKnown, fileName: "user-data.yaml" } })).toEqual([]);
    for (const each of [path, notYetKnown]) {
      expect(await upload({ sourceFile: { path: each } })).toEqual([
        "nothing tells whether the file is the right one; set `sourceFile.checksum` (SHA-256)",
      ]);
    }
  },
);
