import type { IncomingMessage } from "node:http";

import { parseReference } from "../../../config/image-reference";
import { digestOf } from "../../../tools/image-digest";
import { pinImages } from "../../../tools/image-pins";
import { manifest, status, testRegistry, type TestRegistry } from "../../helpers/unit/image-registry";

const digest = `sha256:${"ab".repeat(32)}`;
const quick = { timeoutMs: 500, pauses: [1, 1] };

let registry: TestRegistry;
let image: string;
beforeEach(async () => {
  registry = await testRegistry();
  image = `${registry.address}/goharbor/harbor-core:v2.15.2`;
});
afterEach(() => registry.close());

const dockerHub = "registry-1.docker.io";

describe("an image reference", () => {
  it.each([
    ["traefik:v3", { registry: dockerHub, repository: "library/traefik", tag: "v3" }],
    ["traefik", { registry: dockerHub, repository: "library/traefik", tag: "latest" }],
    ["goharbor/harbor-core:v2", { registry: dockerHub, repository: "goharbor/harbor-core", tag: "v2" }],
    ["docker.io/library/node:24", { registry: dockerHub, repository: "library/node", tag: "24" }],
    ["ghcr.io/a/b/c:1", { registry: "ghcr.io", repository: "a/b/c", tag: "1" }],
    ["localhost/a:1", { registry: "localhost", repository: "a", tag: "1" }],
    ["10.0.0.1:5000/a/b", { registry: "10.0.0.1:5000", repository: "a/b", tag: "latest" }],
  ])("is read as Docker reads it: %s", (reference, expected) => {
    expect(parseReference(reference)).toEqual({ ...expected, digest: undefined });
  });

  it("keeps its digest, and then no registry is asked", async () => {
    expect(parseReference(`a/b:1@${digest}`).digest).toBe(digest);
    expect(await digestOf(`${image}@${digest}`)).toBe(digest);
    expect(registry.asked).toEqual([]);
  });
});

describe("the digest of a tag", () => {
  it("comes from a registry that lets anybody in, of an index before a single manifest", async () => {
    let accepted: string | undefined;
    registry.answers.push((request, response) => {
      accepted = request.headers.accept;
      manifest(digest)(request, response);
    });
    expect(await digestOf(image, quick)).toBe(digest);
    expect(registry.asked).toEqual(["HEAD /v2/goharbor/harbor-core/manifests/v2.15.2"]);
    expect(accepted).toMatch(/image\.index\.v1.*manifest\.list\.v2.*image\.manifest\.v1.*manifest\.v2/);
  });

  it("comes with a token, where the registry's challenge says so", async () => {
    const scope = "repository:goharbor/harbor-core:pull";
    const seen: (string | undefined)[] = [];
    const challenge = `Bearer realm="http://${registry.address}/token",service="test",scope="${scope}"`;
    registry.answers.push(
      (_, response) => void response.writeHead(401, { "www-authenticate": challenge }).end(),
      (_, response) => void response.end(JSON.stringify({ token: "for-anybody" })),
      (request: IncomingMessage, response) => {
        seen.push(request.headers.authorization);
        manifest(digest)(request, response);
      },
    );
    expect(await digestOf(image, quick)).toBe(digest);
    expect(seen).toEqual(["Bearer for-anybody"]);
    expect(registry.asked[1]).toBe(`GET /token?service=test&scope=${encodeURIComponent(scope)}`);
  });

  it("is asked for again when the registry is busy", async () => {
    registry.answers.push(status(503), status(429), manifest(digest));
    expect(await digestOf(image, quick)).toBe(digest);
    expect(registry.asked).toHaveLength(3);
  });

  it("is given up after a bounded number of tries, with the image, the address and what to do", async () => {
    registry.answers.push(status(503));
    const address = `http://${registry.address}/v2/goharbor/harbor-core/manifests/v2.15.2`;
    await expect(digestOf(image, quick)).rejects.toThrow(`${image}: ${address} answered 503. Try again later.`);
    expect(registry.asked).toHaveLength(3);
  });

  it("is not waited for longer than the timeout", async () => {
    registry.answers.push(() => undefined);
    const begun = Date.now();
    await expect(digestOf(image, { timeoutMs: 50, pauses: [] })).rejects.toThrow("cannot be asked");
    expect(Date.now() - begun).toBeLessThan(2000);
  });

  it.each([401, 404])("of an image that is not there names the image (%i)", async (code) => {
    registry.answers.push(status(code));
    await expect(digestOf(image, quick)).rejects.toThrow("there is no such public image. Check its name and tag.");
    expect(registry.asked).toHaveLength(1);
  });

  it("is refused when it is none", async () => {
    registry.answers.push(manifest("md5:1"));
    await expect(digestOf(image, quick)).rejects.toThrow("answered without a digest. Write it by hand.");
  });
});

describe("npm run images:pin", () => {
  const source = (core: string): string => `/** About "quoted:words". */
export const images = {
  // renovate: datasource=docker depName=traefik
  traefik: "traefik:v3@${digest}",
  // renovate: datasource=docker depName=goharbor/harbor-core
  harborCore: "${core}",
  harborDatabase:
    "goharbor/harbor-db:v2",
} as const;
`;

  it("adds the digests that are missing, and nothing else", async () => {
    const resolve = (): Promise<string> => Promise.resolve(digest);
    const { source: written, pinned, problems } = await pinImages(source("goharbor/harbor-core:v2"), resolve);
    const expected = source(`goharbor/harbor-core:v2@${digest}`);
    expect(written).toBe(expected.replace("harbor-db:v2", `harbor-db:v2@${digest}`));
    expect(pinned).toEqual([`goharbor/harbor-core:v2@${digest}`, `goharbor/harbor-db:v2@${digest}`]);
    expect(problems).toEqual([]);
  });

  it("keeps what it got when an image has a problem, and tells the problem", async () => {
    const resolve = (reference: string): Promise<string> =>
      reference.includes("db") ? Promise.reject(new Error("no harbor-db")) : Promise.resolve(digest);
    const { source: written, problems } = await pinImages(source("goharbor/harbor-core:v2"), resolve);
    expect(written).toBe(source(`goharbor/harbor-core:v2@${digest}`));
    expect(problems).toEqual(["no harbor-db"]);
  });

  it("refuses a versions.ts of another shape", async () => {
    await expect(pinImages("export const images = [];")).rejects.toThrow("versions.ts has no `export const images");
  });
});
