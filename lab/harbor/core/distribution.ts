import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

import { readBody, send } from "../../kit/http";
import { inBackground } from "../../kit/program";
import type { Row } from "../../kit/rows";
import type { HarborObjects } from "../objects";
import { deleteArtifact } from "../objects/artifacts";
import { imageOf, type Admitted } from "./front";
import { checkPush, readManifest, recordPull, recordPush } from "./images";
import { addBlob, checkQuota } from "./quota";
import type { Registry } from "./registry";

/** The name under which core itself pulls, for the scanner: no pull that counts. */
export const scannerName = "robot$scanner";

/** `/v2/`: what goes through to the registry, and what core learns and refuses on the way. */
export class Distribution {
  /** How many bytes each unfinished upload has. */
  private readonly uploads = new Map<string, number>();

  constructor(
    private readonly objects: HarborObjects,
    private readonly registry: Registry,
    private readonly save: () => Promise<void>,
    private readonly pushed: (image: Row) => void,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse, admitted: Admitted): Promise<void> {
    const { kind, rest } = admitted;
    if (kind === "manifests") return this.manifest(request, response, admitted);
    if (kind === "tags") return this.tags(response, admitted);
    if (rest.startsWith("uploads/")) return this.upload(request, response, admitted);
    const touch = (): void => void Object.assign(this.objects.blobs[rest] ?? {}, { time: Date.now() });
    return this.registry.forward(request, response, { accepted: touch });
  }

  private async manifest(request: IncomingMessage, response: ServerResponse, admitted: Admitted): Promise<void> {
    const { repository, project, rest } = admitted;
    if (request.method === "PUT") {
      const body = await readBody(request);
      const manifest = readManifest(body, request.headers["content-type"]);
      checkPush(this.objects, project, repository, rest, manifest);
      const accepted = async (): Promise<void> => {
        const image = recordPush(this.objects, project, repository, rest, manifest);
        await this.save();
        if (image && project.metadata.auto_scan === "true") this.pushed(image);
      };
      return this.registry.forward(request, response, { body, accepted });
    }
    const image = imageOf(this.objects, admitted);
    if (request.method === "DELETE") {
      deleteArtifact(this.objects, image);
      await this.save();
      return send(response, 202);
    }
    // The registry is asked for the digest: what a tag means, core knows.
    const accepted = (): void => {
      if (request.method !== "GET" || admitted.user === scannerName) return;
      recordPull(this.objects, image, rest);
      inBackground(this.save());
    };
    return this.registry.forward(request, response, {
      path: `/v2/${repository}/manifests/${image.digest}`,
      accepted,
    });
  }

  private tags(response: ServerResponse, { repository }: Admitted): void {
    const images = this.objects.artifacts.filter((row) => row.repository_name === repository);
    const names = images.flatMap(({ tags }) => (tags as Row[]).map(({ name }) => name as string));
    send(response, 200, { name: repository, tags: names.sort() });
  }

  private async upload(request: IncomingMessage, response: ServerResponse, admitted: Admitted): Promise<void> {
    const { project, rest, query } = admitted;
    const mount = query.get("mount");
    const digest = query.get("digest") ?? mount;
    if (digest === null) {
      const accepted = (_: number, headers: IncomingHttpHeaders): void => {
        if (request.method === "PATCH") this.uploads.set(rest, lengthOf(headers.range));
      };
      return this.registry.forward(request, response, { accepted });
    }
    let size = this.uploads.get(rest) ?? 0;
    if (mount === null) {
      checkQuota(this.objects, project, [{ digest, size: size + Number(request.headers["content-length"] ?? 0) }]);
      request.on("data", (chunk: Buffer) => (size += chunk.length));
      request.pause();
    } else {
      size = this.objects.blobs[mount]?.size ?? 0;
      checkQuota(this.objects, project, [{ digest, size }]);
    }
    return this.registry.forward(request, response, {
      accepted: async (status) => {
        if (status !== 201) return; // nothing to mount: the client has to upload
        this.uploads.delete(rest);
        addBlob(this.objects, project, digest, size);
        await this.save();
      },
    });
  }
}

/** How many bytes `0-1023` is. */
function lengthOf(range: string | string[] | undefined): number {
  const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(String(range ?? "")) ?? [];
  return last === undefined || last === "0" ? 0 : Number(last) + 1;
}
