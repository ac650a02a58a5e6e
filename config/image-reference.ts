/** The parts of an image reference such as `goharbor/harbor-core:v2.15.2`. */
export interface Reference {
  /** Host, with its port, that serves the image. */
  registry: string;
  repository: string;
  tag: string;
  digest?: string;
}

const dockerHub = "registry-1.docker.io";

/** Reads a reference as Docker does: without a registry it is Docker Hub's. */
export function parseReference(reference: string): Reference {
  const [named = "", digest] = reference.split("@");
  const [, path = "", tag = "latest"] = /^(.+?)(?::([^/:]+))?$/.exec(named) ?? [];
  const [host = "", ...rest] = path.split("/");
  if (rest.length > 0 && (/[.:]/.test(host) || host === "localhost"))
    return { registry: host === "docker.io" ? dockerHub : host, repository: rest.join("/"), tag, digest };
  return { registry: dockerHub, repository: rest.length > 0 ? path : `library/${path}`, tag, digest };
}
