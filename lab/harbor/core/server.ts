import type { IncomingMessage, ServerResponse } from "node:http";

import { listen, readBody, send } from "../../kit/http";
import { Counter } from "../../kit/metrics";
import type { Row } from "../../kit/rows";
import { Saver, type Store } from "../../kit/store";
import { HarborObjects } from "../objects";
import { makeProject } from "../objects/projects";
import { Refusal, type Result } from "../rows";
import { Distribution } from "./distribution";
import { Front } from "./front";
import { Garbage } from "./garbage";
import { Registry } from "./registry";
import { Scanner } from "./scanner";
import type { Settings } from "./settings";
import { SignIn } from "./sign-in";
import { health, systemRoutes } from "./system";
import { Tokens } from "./tokens";

/** What stands in for harbor-core: REST API, tokens, and the way to the registry. */
export class Core {
  readonly objects: HarborObjects;
  private readonly saver: Saver;
  private readonly front: Front;
  private readonly signIn: SignIn;
  private readonly distribution: Distribution;
  private readonly requests = new Counter("harbor_core_http_request_total");
  private inFlight = 0;

  private constructor(
    private readonly settings: Settings,
    private readonly store: Store,
  ) {
    const save = (): Promise<void> => this.saver.save();
    const tokens = new Tokens(settings.tokenKey);
    const scanner = new Scanner(settings, tokens, save);
    const garbage = new Garbage(settings, save);
    this.objects = new HarborObjects(scanner.routes, garbage.routes, systemRoutes(settings));
    this.objects.registryStore = () => settings.registryRedisUrl;
    this.saver = new Saver(store, () => this.objects.snapshot());
    this.front = new Front(this.objects, tokens, settings.externalUrl);
    this.signIn = new SignIn(this.objects, settings, save);
    const registry = new Registry(settings.registryUrl, settings.registryLogin);
    this.distribution = new Distribution(this.objects, registry, save, (image) => void scanner.scan(image));
  }

  /** Takes over what the store has; at the first start, an empty Harbor with this password and the project `library`. */
  static async start(settings: Settings, store: Store, firstPassword: string): Promise<Core> {
    const core = new Core(settings, store);
    const text = await store.load();
    if (text) {
      core.objects.restore(text);
      breakOff(core.objects);
      return core;
    }
    core.objects.password = firstPassword;
    makeProject(core.objects, { project_name: "library", metadata: { public: "true" } });
    await core.saver.save();
    return core;
  }

  listen(port: number): ReturnType<typeof listen> {
    return listen(port, async (request, response) => {
      this.inFlight++;
      response.once("close", () => {
        this.inFlight--;
        this.requests.add({ method: request.method ?? "", code: response.statusCode, operation: operationOf(request) });
      });
      await this.handle(request, response);
    });
  }

  metrics(): string[] {
    return [...this.requests.lines(), `harbor_core_http_inflight_requests ${this.inFlight}`];
  }

  /** Waits until everything is saved. */
  flush(): Promise<void> {
    return this.saver.save();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "", "http://core");
    try {
      if (pathname.startsWith("/api/v2.0/")) return await this.api(request, response);
      if (pathname.startsWith("/c/")) return await this.signIn.handle(request, response);
      if (pathname === "/service/token")
        return this.front.token(request, response, await this.signIn.account(request, response));
      if (/^\/v2(\/|$)/.test(pathname)) return await this.v2(request, response);
      throw new Refusal(404, "NOT_FOUND", "not found");
    } catch (error) {
      const isChallenge = pathname.startsWith("/v2") && error instanceof Refusal && error.status === 401;
      if (isChallenge) response.setHeader("www-authenticate", this.front.challenge(request));
      throw error;
    }
  }

  private async api(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://core");
    const path = url.pathname.replace("/api/v2.0", "");
    if (path === "/ping") return send(response, 200, "Pong");
    if (path === "/health") return send(response, 200, await health(this.settings, this.store));
    const { method = "" } = request;
    const { authorization } = request.headers;
    const account = await this.signIn.account(request, response);
    const result = await this.objects.handle({
      ...{ method, path, authorization, query: Object.fromEntries(url.searchParams), ...(account && { account }) },
      body: parse(await readBody(request)),
      byName: request.headers["x-is-resource-name"] === "true",
    });
    if (!["GET", "HEAD"].includes(method)) await this.saver.save();
    write(response, result);
  }

  private async v2(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const admitted = this.front.admit(request, await this.signIn.account(request, response));
    response.setHeader("docker-distribution-api-version", "registry/2.0");
    if (!admitted) return send(response, 200, {});
    await this.distribution.handle(request, response, admitted);
  }
}

/** What ran when the last process ended does not run any more. */
function breakOff({ collections, artifacts, scanAll }: HarborObjects): void {
  for (const row of collections) if (row.job_status === "Running") row.job_status = "Error";
  for (const { scan } of artifacts) if (/Pending|Running/.test(scan?.scan_status)) scan.scan_status = "Error";
  scanAll.ongoing = false;
}

function parse(body: Buffer): Row {
  if (body.length === 0) return {};
  try {
    const value = JSON.parse(body.toString()) as unknown;
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new Refusal(422, "UNPROCESSABLE_ENTITY", "the body is no JSON object");
}

const write = (response: ServerResponse, { status, body, headers }: Result): void =>
  send(response, status, body, headers);

/** Harbor's names of what a request does. */
function operationOf({ url = "" }: IncomingMessage): string {
  if (!url.startsWith("/v2/")) return url.startsWith("/api/") ? "api" : "others";
  const [, kind = "others"] = /\/(blobs\/uploads|blobs|manifests|tags)\//.exec(url) ?? [];
  const names: Record<string, string> = { "blobs/uploads": "blob_upload", blobs: "blob", manifests: "manifest" };
  return `v2_${names[kind] ?? kind}`;
}
