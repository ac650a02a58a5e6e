import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What a browser keeps and shows: cookies, and no page is followed by itself. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(private readonly origin: string) {}

  async get(path: string): Promise<Response> {
    return this.send(path, {});
  }

  async post(path: string, body: object): Promise<Response> {
    return this.send(path, { method: "POST", body: JSON.stringify(body) });
  }

  /** What the API says, as JSON. */
  async api(path: string): Promise<unknown> {
    return (await this.get(`/api${path}`)).json();
  }

  private async send(path: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(this.origin + path, { ...init, headers: { cookie }, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = "", rest = ""] = /^([^=]+)=([^;]*)(.*)$/.exec(line) ?? [];
      if (rest.includes("Max-Age=0")) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}

/** An identity provider that says of everybody what it is told to, and checks what a client has to prove. */
export class Provider {
  claims: Record<string, unknown> = {};
  /** Claims that are in the ID token too. */
  inToken: string[] = ["sub"];
  secret = "Client-Secret-1";
  /** Whether the client's secret is taken from a header, or from the form alone. */
  takesHeader = true;
  readonly requests: { path: string; form: URLSearchParams }[] = [];
  private challenge = "";

  private constructor(private readonly server: Server) {
    server.on("request", (request, response) => {
      let content = "";
      request.on("data", (chunk: Buffer) => (content += chunk.toString()));
      request.on("end", () => {
        const form = new URLSearchParams(content);
        this.requests.push({ path: request.url ?? "", form });
        const [status, body] =
          request.url === "/token"
            ? this.token(form, request.headers.authorization)
            : this.user(request.headers.authorization);
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      });
    });
  }

  static async start(): Promise<Provider> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return new Provider(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Takes the browser where Grafana sent it; gives the path it is sent back to. */
  authorize(location: string): string {
    const { searchParams } = new URL(location);
    this.challenge = searchParams.get("code_challenge") ?? "";
    const back = new URLSearchParams({ code: "the-code", state: searchParams.get("state") ?? "" });
    return `/login/generic_oauth?${back.toString()}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private token(form: URLSearchParams, authorization = ""): [number, object] {
    const header = Buffer.from(authorization.replace("Basic ", ""), "base64").toString();
    const isClient = this.takesHeader
      ? header === `grafana:${this.secret}`
      : form.get("client_id") === "grafana" && form.get("client_secret") === this.secret;
    if (!isClient) return [401, { error: "invalid_client" }];
    const proof = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (form.get("code") !== "the-code" || (this.challenge !== "" && proof !== this.challenge))
      return [400, { error: "invalid_grant" }];
    const payload = Object.fromEntries(this.inToken.map((name) => [name, this.claims[name]]));
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    return [200, { access_token: "the-token", id_token: `${part({ alg: "none" })}.${part(payload)}.` }];
  }

  private user(authorization = ""): [number, object] {
    return authorization === "Bearer the-token" ? [200, this.claims] : [401, {}];
  }
}
