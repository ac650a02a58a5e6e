import type { IncomingMessage, Server, ServerResponse } from "node:http";

import { listen, send } from "../kit/http";
import { sample } from "../kit/metrics";
import { Refusal } from "../kit/refusal";
import type { Row } from "../kit/rows";
import type { Store } from "../kit/store";
import { AuthentikApi } from "./api";
import { answerApi } from "./api/http";
import { bootstrap, type Bootstrap } from "./defaults";
import { perform } from "./jobs";
import type { Login } from "./login";
import { AuthentikObjects } from "./objects";
import { Keeper } from "./store";

export interface CoreOptions extends Bootstrap {
  store: Store;
  /** Over how long the default objects appear, in milliseconds, once the worker asks for them. */
  blueprintDelay?: number;
  /** Makes what people log in with. Default: nobody can. */
  login?: (objects: AuthentikObjects) => Login;
}

/** What stands in for Authentik's server: health, REST API, and the way to what people log in with. */
export class Core {
  readonly objects = new AuthentikObjects();
  private readonly api = new AuthentikApi(this.objects);
  private readonly keeper: Keeper;
  private readonly requests = { count: 0, seconds: 0 };
  private login?: Login;

  private constructor(private readonly options: CoreOptions) {
    this.keeper = new Keeper(options.store, this.objects);
  }

  /** Takes over what the store has; at the first start, what the environment says, and nothing else. */
  static async start(options: CoreOptions): Promise<Core> {
    const core = new Core(options);
    const text = await options.store.load();
    if (text) core.objects.fromJSON(text);
    bootstrap(core.objects, options);
    core.objects.changed();
    core.objects.recorded = announce;
    core.login = options.login?.(core.objects);
    return core;
  }

  /** Answers requests: 503 until the core is there, as Authentik does while it starts. */
  static listen(port: number, core: () => Core | undefined): Promise<Server> {
    return listen(port, async (request, response) => {
      const running = core();
      if (running) return running.answer(request, response);
      if (request.url?.startsWith("/-/health/live/")) return send(response, 200);
      request.resume();
      send(response, 503, { error: "authentik starting" }, { "retry-after": "5" });
    });
  }

  /** Does what the worker or a command line asks for. */
  perform(kind: string, detail: Row): Row {
    return perform(this.objects, kind, detail, this.options.blueprintDelay);
  }

  metrics(): string[] {
    const { count, seconds } = this.requests;
    const name = "authentik_main_request_duration_seconds";
    return [
      `# TYPE ${name} summary`,
      sample(`${name}_count`, { dest: "core" }, count),
      sample(`${name}_sum`, { dest: "core" }, seconds),
      sample("authentik_outposts_connected", { outpost: "authentik Embedded Outpost" }, this.objects.outposts.length),
      sample("django_migrations_unapplied_total", {}, 0),
    ];
  }

  flush(): Promise<void> {
    return this.keeper.flush();
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const began = process.hrtime.bigint();
    response.once("close", () => {
      this.requests.count++;
      this.requests.seconds += Number(process.hrtime.bigint() - began) / 1e9;
    });
    const { pathname } = new URL(request.url ?? "", "http://authentik");
    if (pathname.startsWith("/-/health/")) return this.health(pathname, response);
    if (await answerApi(this.api, request, response, () => this.login?.userOf(request, response))) return;
    if (await this.login?.handle(request, response)) return;
    throw new Refusal(404, { detail: "Not found." });
  }

  private async health(path: string, response: ServerResponse): Promise<void> {
    if (path === "/-/health/live/") return send(response, 200);
    try {
      await this.options.store.ping();
      send(response, 200);
    } catch {
      send(response, 503);
    }
  }
}

/** One line of the log for each event, as Authentik writes it. */
function announce({ action, user, client_ip, context, pk }: Row): void {
  const line = { action, client_ip, context, pk, user, event: "Created Event", level: "info" };
  console.info(JSON.stringify({ ...line, logger: "authentik.events.models", timestamp: new Date().toISOString() }));
}
