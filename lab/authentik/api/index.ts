import { Refusal } from "../../kit/refusal";
import { decoded, find, template, type Match } from "../../kit/router";
import type { Row } from "../../kit/rows";
import type { AuthentikObjects } from "../objects";
import type { ApiRequest, ApiResult, Context, Route } from "./context";
import { Description, type Operation } from "./description";
import { forbidden } from "./errors";
import { routes } from "./routes";
import { Validation } from "./validation";

const namesIn = ({ path }: Route): number => path.split("{").length;

/** `/core/users/me/` is no user. */
const table = [...routes]
  .sort((one, other) => namesIn(one) - namesIn(other))
  .map((route) => [template(`${route.method} ${route.path}`), route] as const);

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** What each method finds at a path. */
const foundAt = (path: string): Match<Route>[] =>
  methods.map((method) => find(table, `${method} ${path}`)).filter((match) => match !== undefined);

let shared: Validation | undefined;
/** The description does not change: it is read once a process. */
const validations = (): Validation => (shared ??= new Validation(Description.load()));

function operationOf({ method, path }: Route, validation: Validation): Operation {
  const operation = validation.operation(method, path);
  if (operation) return operation;
  throw new Error(`Authentik has no ${method} ${path}`);
}

/**
 * Authentik's REST API 3, as its administrator sees it. Requests and answers are held against the description that the
 * official client is made from. Not here: rights of those who are no administrators (they see nothing), sources,
 * enterprise functions, blueprints, `used_by`.
 */
export class AuthentikApi {
  constructor(readonly objects: AuthentikObjects) {}

  /** Whether this API has such a path. */
  has(path: string): boolean {
    return foundAt(path).length > 0;
  }

  /** The answer; nothing where this API has no such path. */
  async handle(request: ApiRequest): Promise<ApiResult | undefined> {
    const matching = foundAt(request.path);
    if (matching.length === 0) return undefined;
    const fewest = Math.min(...matching.map(({ target }) => namesIn(target)));
    const match = matching.find(({ target }) => target.method === request.method && namesIn(target) === fewest);
    try {
      const user = this.userOf(request);
      if (!match) throw new Refusal(405, { detail: `Method "${request.method}" not allowed.` });
      return await this.perform(match, request, user);
    } catch (error) {
      if (error instanceof Refusal) return error.result;
      throw error;
    }
  }

  private async perform({ target: route, names }: Match<Route>, request: ApiRequest, user: Row): Promise<ApiResult> {
    const validation = validations();
    const operation = operationOf(route, validation);
    const superuser = this.objects.isSuperuser(user);
    if (!superuser && route.open !== true) throw forbidden();
    const sent = request.body ?? {};
    const wrong = validation.request(operation, sent);
    if (wrong) throw new Refusal(400, wrong);
    const context: Context = {
      ...{ objects: this.objects, validation, request, user, superuser },
      body: validation.known(operation, sent),
      params: decoded(names),
    };
    const result = await route.handle(context);
    if (request.method !== "GET") this.objects.changed();
    const body = validation.answered(operation, result.status, result.body);
    const defect = validation.response(operation, result.status, body);
    if (defect) throw new Error(`the stand-in's answer does not fit Authentik's description: ${defect}`);
    return { status: result.status, body };
  }

  /** Who asks: the user of an API token, or of a session. */
  private userOf({ authorization, session }: ApiRequest): Row {
    if (authorization === undefined && session) return session;
    if (authorization === undefined) throw forbidden("Authentication credentials were not provided.");
    const key = /^Bearer (.+)$/i.exec(authorization)?.[1];
    const { tokens, hidden } = this.objects;
    const token = tokens.find(({ identifier, intent }) => intent === "api" && hidden.tokenKeys[identifier] === key);
    const isAlive = token && (token.expiring !== true || token.expires > this.objects.now());
    const user = isAlive ? this.objects.by("users", "pk", token.user) : undefined;
    if (user?.is_active !== true) throw forbidden("Token invalid/expired");
    return user;
  }
}
