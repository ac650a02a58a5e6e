import type { AuthentikObjects } from "../objects";
import type { Row } from "../rows";
import type { ApiRequest, ApiResult, Context, Route } from "./context";
import { Description, type Operation } from "./description";
import { forbidden, Refusal } from "./errors";
import { routes } from "./routes";
import { Validation } from "./validation";

interface Entry {
  route: Route;
  pattern: RegExp;
  names: string[];
}

const entries = routes
  .map((route): Entry => {
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    return { route, names, pattern: new RegExp(`^${route.path.replace(/\{\w+\}/g, "([^/]+)")}$`) };
  })
  // `/core/users/me/` is no user.
  .sort((one, other) => one.names.length - other.names.length);

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
    return entries.some(({ pattern }) => pattern.test(path));
  }

  /** The answer; nothing where this API has no such path. */
  async handle(request: ApiRequest): Promise<ApiResult | undefined> {
    const matching = entries.filter(({ pattern }) => pattern.test(request.path));
    const [first] = matching;
    if (!first) return undefined;
    const level = matching.filter(({ names }) => names.length === first.names.length);
    const entry = level.find(({ route }) => route.method === request.method);
    try {
      const user = this.userOf(request);
      if (!entry) throw new Refusal(405, { detail: `Method "${request.method}" not allowed.` });
      return await this.perform(entry, request, user);
    } catch (error) {
      if (error instanceof Refusal) return { status: error.status, body: error.body };
      throw error;
    }
  }

  private async perform({ route, pattern, names }: Entry, request: ApiRequest, user: Row): Promise<ApiResult> {
    const validation = validations();
    const operation = operationOf(route, validation);
    const superuser = this.objects.isSuperuser(user);
    if (!superuser && route.open !== true) throw forbidden();
    const sent = request.body ?? {};
    const wrong = validation.request(operation, sent);
    if (wrong) throw new Refusal(400, wrong);
    const values = pattern.exec(request.path)?.slice(1).map(decodeURIComponent) ?? [];
    const context: Context = {
      ...{ objects: this.objects, validation, request, user, superuser },
      body: validation.known(operation, sent),
      params: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""])),
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
