import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { startGrafana, type Grafana } from "../../../lab/grafana/server";

/** One request and its answer, as they went over the network. */
export interface Exchange {
  method: string;
  /** With the query. */
  path: string;
  body: unknown;
  status: number;
  answer: unknown;
}

/** Grafana's API in this process: the lab's stand-in behind a door that keeps a log, and can be made to fail. */
export class GrafanaApi {
  readonly exchanges: Exchange[] = [];
  private readonly faults: { match: string; as: number | "reset" }[] = [];

  private constructor(
    readonly grafana: Grafana,
    private readonly door: Server,
  ) {
    door.on("request", (request: IncomingMessage, response: ServerResponse) => void this.pass(request, response));
  }

  static readonly password = "Grafana-Password-1";
  static readonly token = "glsa_token_of_a_service_account";

  static async start(): Promise<GrafanaApi> {
    const grafana = await startGrafana({
      listen: { address: "127.0.0.1", port: 0 },
      rootUrl: "https://grafana.home.arpa",
      transport: {},
      adminPassword: GrafanaApi.password,
      serviceAccountTokens: [GrafanaApi.token],
    });
    const door = createServer();
    await new Promise<void>((done) => door.listen(0, "127.0.0.1", done));
    return new GrafanaApi(grafana, door);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.door.address() as AddressInfo).port}`;
  }

  /** How a resource reaches this. */
  get connection() {
    return { endpoint: this.endpoint, username: "admin", password: GrafanaApi.password };
  }

  /** What goes wrong with the next request whose method and path begin so; `reset`: done, and cut before the answer. */
  fail(match: string, as: number | "reset"): void {
    this.faults.push({ match, as });
  }

  /** The requests that change something, since the last call. */
  writes(): Exchange[] {
    return this.exchanges.splice(0).filter(({ method }) => method !== "GET");
  }

  /** Changes settings as somebody does on Grafana's page. */
  byHand(settings: object): void {
    this.grafana.settings.put("generic_oauth", { ...this.grafana.settings.get("generic_oauth").settings, ...settings });
  }

  async stop(): Promise<void> {
    this.door.closeAllConnections();
    await new Promise((done) => this.door.close(done));
    await this.grafana.close();
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const content = Buffer.concat(chunks).toString();
    const { method = "", url: path = "" } = request;
    const fault = this.faults.find(({ match }) => `${method} ${path}`.startsWith(match));
    if (fault) this.faults.splice(this.faults.indexOf(fault), 1);
    if (typeof fault?.as === "number") return void response.writeHead(fault.as).end(`refused: ${content}`);
    const passed = await fetch(`http://127.0.0.1:${this.grafana.port}${path}`, {
      method,
      headers: { authorization: request.headers.authorization ?? "" },
      redirect: "manual",
      ...(content !== "" && { body: content }),
    });
    const text = await passed.text();
    const answer: unknown = text === "" ? undefined : JSON.parse(text);
    this.exchanges.push({
      method,
      path,
      body: content === "" ? undefined : JSON.parse(content),
      status: passed.status,
      answer,
    });
    if (fault) return void request.socket.destroy();
    response.writeHead(passed.status, { "content-type": "application/json" }).end(text === "" ? undefined : text);
  }
}
