import { find } from "../kit/router";
import { without } from "../kit/rows";
import { accountOf, authorize } from "./objects/accounts";
import { artifactRoutes } from "./objects/artifacts";
import { configurationRoutes } from "./objects/configuration";
import { immutableRoutes } from "./objects/immutable";
import { labelRoutes } from "./objects/labels";
import { memberRoutes } from "./objects/members";
import { projectRoutes } from "./objects/projects";
import { registryRoutes } from "./objects/registries";
import { retentionRoutes } from "./objects/retentions";
import { permissions } from "./objects/rights";
import { robotRoutes } from "./objects/robots";
import { scheduleRoutes } from "./objects/schedules";
import { userRoutes } from "./objects/users";
import { webhookRoutes } from "./objects/webhooks";
import { notFound, ok, Refusal, type Request, type Result, type Route } from "./rows";
import { Tables } from "./tables";

/** Harbor's objects and their rules, behind its REST API. */
export class HarborObjects extends Tables {
  private readonly routes: Route[];

  /** `more` are the requests that need more than the objects: the registry, the scanner, the other programs. */
  constructor(...more: ((objects: HarborObjects) => Route[])[]) {
    super();
    const kinds = [
      ...more,
      configurationRoutes,
      projectRoutes,
      memberRoutes,
      robotRoutes,
      retentionRoutes,
      immutableRoutes,
      webhookRoutes,
      registryRoutes,
      labelRoutes,
      scheduleRoutes,
      userRoutes,
      artifactRoutes,
    ];
    this.routes = [[/^GET \/permissions$/, () => ok(permissions)], ...kinds.flatMap((routesOf) => routesOf(this))];
  }

  handle(request: Request): Result | Promise<Result> {
    const line = `${request.method} ${request.path}`;
    request.account ??= accountOf(this, request.authorization);
    authorize(this, request.account, request);
    if (this.configuration.read_only === true && !/^(GET|HEAD) |^PUT \/configurations$/.test(line)) {
      const text = "The system is in read only mode. Any modification is prohibited.";
      throw new Refusal(403, "DENIED", text);
    }
    const found = find(this.routes, line);
    if (found) return found.target(request, found.values.map(decodeURIComponent));
    throw notFound(request.path);
  }

  /** Everything, as JSON. */
  snapshot(): string {
    return JSON.stringify(without(this, "routes"));
  }

  /** Takes over what `snapshot` gave. */
  restore(text: string): void {
    Object.assign(this, JSON.parse(text));
  }
}
