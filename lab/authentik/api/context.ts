import type { Row } from "../../kit/rows";
import type { AuthentikObjects } from "../objects";
import type { Validation } from "./validation";

/** A request to the REST API, taken apart. */
export interface ApiRequest {
  method: string;
  /** Without `/api/v3`. */
  path: string;
  query: URLSearchParams;
  /** What the JSON says; absent where there is none. */
  body?: unknown;
  authorization?: string;
  /** Who has a session, of a browser. */
  session?: Row;
  /** Scheme and host that it was sent to: `https://auth.home.arpa`. */
  origin: string;
  ip?: string;
}

/** What the handler of a request works with. */
export interface Context {
  objects: AuthentikObjects;
  validation: Validation;
  request: ApiRequest;
  /** Who asks. */
  user: Row;
  superuser: boolean;
  /** The fields of the body that the operation knows. */
  body: Row;
  /** What stands for the placeholders of the path, decoded. */
  params: Record<string, string>;
}

export interface ApiResult {
  status: number;
  body?: unknown;
}

export interface Route {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As in the description: `/core/users/{id}/`. */
  path: string;
  /** Whether who is no administrator may ask, too. */
  open?: boolean;
  handle(context: Context): ApiResult | Promise<ApiResult>;
}

export const ok = (body: unknown): ApiResult => ({ status: 200, body });
export const created = (body: unknown): ApiResult => ({ status: 201, body });
export const done = (): ApiResult => ({ status: 204 });

/** The one value that stands for the placeholder of a path. */
export const param = ({ params }: Context): string => Object.values(params)[0] ?? "";

/** Whether a flag in the query is set. */
export const flag = ({ request }: Context, name: string, fallback: boolean): boolean => {
  const value = request.query.get(name);
  return value === null ? fallback : /^(true|1|yes|on)$/i.test(value);
};
