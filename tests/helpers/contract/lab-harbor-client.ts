import { createHash } from "node:crypto";

import type { Row } from "../../../lab/kit/rows";

const manifestType = "application/vnd.docker.distribution.manifest.v2+json";
const configType = "application/vnd.docker.container.image.v1+json";

export const digestOf = (data: Buffer | string): string => `sha256:${createHash("sha256").update(data).digest("hex")}`;

/** An answer of the registry or of the API, with its body as text. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** What an image is made of: its layers, and the labels in its configuration. */
export interface Image {
  layers: Buffer[];
  labels?: Record<string, string>;
}

/** As much of `docker` and of a program that calls the API as the tests need. */
export class LabClient {
  private readonly basic: Record<string, string>;

  constructor(
    private readonly base: string,
    login: string | undefined,
  ) {
    this.basic = login ? { authorization: `Basic ${Buffer.from(login).toString("base64")}` } : {};
  }

  /** Calls the REST API. */
  async api(method: string, path: string, body?: object): Promise<Answer & { body: Row }> {
    const answer = await this.send(method, `${this.base}/api/v2.0${path}`, body && JSON.stringify(body), {
      ...this.basic,
      "content-type": "application/json",
    });
    const isJson = answer.text !== "" && answer.headers.get("content-type") === "application/json";
    return { ...answer, body: (isJson ? JSON.parse(answer.text) : {}) as Row };
  }

  /** Calls the registry, with a token where it asks for one, as Docker does. */
  async registry(method: string, path: string, body?: Buffer, headers: Record<string, string> = {}): Promise<Answer> {
    const url = path.startsWith("http") ? path : `${this.base}/v2/${path}`;
    const first = await this.send(method, url, body, headers);
    const challenge = first.headers.get("www-authenticate");
    if (first.status !== 401 || challenge === null) return first;
    const authorization = `Bearer ${await this.token(challenge)}`;
    return this.send(method, url, body, { ...headers, authorization });
  }

  /** `docker push`. Returns the first answer that is no success, or that to the manifest. */
  async push(repository: string, tag: string, image: Image): Promise<Answer & { digest: string }> {
    const config = Buffer.from(
      JSON.stringify({ architecture: "amd64", os: "linux", config: { Labels: image.labels } }),
    );
    const describe = (data: Buffer, mediaType: string): object => ({
      mediaType,
      size: data.length,
      digest: digestOf(data),
    });
    for (const blob of [...image.layers, config]) {
      const answer = await this.pushBlob(repository, blob);
      if (answer.status >= 400) return { ...answer, digest: "" };
    }
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: manifestType,
        config: describe(config, configType),
        layers: image.layers.map((layer) => describe(layer, "application/vnd.docker.image.rootfs.diff.tar.gzip")),
      }),
    );
    const headers = { "content-type": manifestType };
    const answer = await this.registry("PUT", `${repository}/manifests/${tag}`, manifest, headers);
    return { ...answer, digest: digestOf(manifest) };
  }

  /** Uploads a blob in one piece and a finish, unless it is there. */
  async pushBlob(repository: string, blob: Buffer): Promise<Answer> {
    const known = await this.registry("HEAD", `${repository}/blobs/${digestOf(blob)}`);
    if (known.status !== 404) return known;
    const begun = await this.registry("POST", `${repository}/blobs/uploads/`);
    if (begun.status >= 400) return begun;
    const headers = { "content-type": "application/octet-stream" };
    const sent = await this.registry("PATCH", begun.headers.get("location") ?? "", blob, headers);
    if (sent.status >= 400) return sent;
    const url = new URL(sent.headers.get("location") ?? "");
    url.searchParams.set("digest", digestOf(blob));
    return this.registry("PUT", url.href);
  }

  /** Uploads a blob together with the finish, as containerd does. */
  async pushAtOnce(repository: string, blob: Buffer): Promise<Answer> {
    const begun = await this.registry("POST", `${repository}/blobs/uploads/`);
    const url = new URL(begun.headers.get("location") ?? "");
    url.searchParams.set("digest", digestOf(blob));
    return this.registry("PUT", url.href, blob, { "content-type": "application/octet-stream" });
  }

  /** `docker pull`: the answer to the manifest, and the layers. */
  async pull(repository: string, reference: string): Promise<{ answer: Answer; layers: string[] }> {
    const answer = await this.registry("GET", `${repository}/manifests/${reference}`, undefined, {
      accept: manifestType,
    });
    if (answer.status !== 200) return { answer, layers: [] };
    const { layers } = JSON.parse(answer.text) as { layers: { digest: string }[] };
    const blobs = layers.map(({ digest }) => this.registry("GET", `${repository}/blobs/${digest}`));
    return { answer, layers: (await Promise.all(blobs)).map(({ text }) => text) };
  }

  /** Where the challenge sends the client: its host is that of the request. */
  private async token(challenge: string): Promise<string> {
    const value = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
    const url = new URL(value("realm"));
    url.searchParams.set("service", value("service"));
    if (value("scope")) url.searchParams.set("scope", value("scope"));
    const answer = await this.send("GET", url.href, undefined, this.basic);
    return (JSON.parse(answer.text) as { token?: string }).token ?? "";
  }

  private async send(
    method: string,
    url: string,
    body: Buffer | string | undefined,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const response = await fetch(url, { method, body, headers, redirect: "manual" });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
}
