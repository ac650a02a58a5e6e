import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { listen, send } from "../../kit/http";

/** What stands in for harbor-registryctl: it removes files of the registry's storage. */
export class RegistryControl {
  constructor(
    private readonly root: string,
    private readonly secret: string,
  ) {}

  listen(port: number): ReturnType<typeof listen> {
    return listen(port, (request, response) => {
      const { method, url = "", headers } = request;
      request.resume();
      if (url === "/api/health") return send(response, 200, "Pong");
      if (headers.authorization !== `Harbor-Secret ${this.secret}`) return send(response, 401, "unauthorized");
      const [, blob] = /^\/api\/registry\/blob\/sha256:([0-9a-f]{64})$/.exec(url) ?? [];
      const [, repository, manifest] =
        /^\/api\/registry\/([a-z0-9][a-z0-9._/-]*)\/manifests\/sha256:([0-9a-f]{64})$/.exec(url) ?? [];
      if (method !== "DELETE" || (!blob && (!manifest || !repository || repository.includes("..")))) {
        return send(response, 404, "not found");
      }
      const found = blob ? this.removeBlob(blob) : this.removeManifest(repository ?? "", manifest ?? "");
      send(response, 200, found ? "deleted" : "was not there");
    });
  }

  private removeBlob(hex: string): boolean {
    return removed(join(this.root, "docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex));
  }

  /** Removes the revision, and the tags that are it. */
  private removeManifest(repository: string, hex: string): boolean {
    const folder = join(this.root, "docker/registry/v2/repositories", repository, "_manifests");
    const tags = join(folder, "tags");
    for (const tag of existsSync(tags) ? readdirSync(tags) : []) {
      const current = join(tags, tag, "current/link");
      if (existsSync(current) && readFileSync(current, "utf8").trim() === `sha256:${hex}`) removed(join(tags, tag));
      else removed(join(tags, tag, "index/sha256", hex));
    }
    return removed(join(folder, "revisions/sha256", hex));
  }
}

function removed(path: string): boolean {
  const found = existsSync(path);
  rmSync(path, { recursive: true, force: true });
  return found;
}
