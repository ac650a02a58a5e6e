import type { IncomingMessage, ServerResponse } from "node:http";

import { close, listen, portOf } from "../kit/http";
import { Refusal } from "../kit/refusal";
import { AuthentikApi } from "./api";
import { answerApi } from "./api/http";
import { applyBlueprints, bootstrap, type Bootstrap } from "./defaults";
import { AuthentikObjects } from "./objects";

export interface TestOptions extends Bootstrap {
  objects?: AuthentikObjects;
  /** Default: the default objects are there at once. */
  blueprintDelay?: number;
  /** Default: a free one. */
  port?: number;
  /** Sees each request first, and says whether it has dealt with it. */
  before?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
}

export interface RunningAuthentik {
  objects: AuthentikObjects;
  api: AuthentikApi;
  /** `http://127.0.0.1:…` */
  url: string;
  token: string;
  /** Resolves when all default objects are there. */
  ready: Promise<void>;
  stop(): Promise<void>;
}

/** The REST API in this process, in memory: no PostgreSQL, no login flows, no OpenID Connect. */
export async function startAuthentik(options: TestOptions = {}): Promise<RunningAuthentik> {
  const { objects = new AuthentikObjects(), blueprintDelay = 0, port = 0, before } = options;
  const token = options.token ?? "Bootstrap-Token-1";
  bootstrap(objects, { ...options, token, password: options.password ?? "Correct-Horse-1" });
  const ready = applyBlueprints(objects, blueprintDelay);
  if (blueprintDelay === 0) await ready;
  const api = new AuthentikApi(objects);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if ((await before?.(request, response)) === true || (await answerApi(api, request, response))) return;
    throw new Refusal(404, { detail: "Not found." });
  };
  const server = await listen(port, answer, { address: "127.0.0.1" });
  return {
    objects,
    api,
    token,
    ready,
    url: `http://127.0.0.1:${portOf(server)}`,
    stop: () => close(server),
  };
}
