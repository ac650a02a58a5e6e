import type { Row } from "../../kit/rows";
import type { AuthentikObjects } from "../objects";
import type { Exchange } from "./exchange";
import type { Plan, Step } from "./plan";
import type { Who } from "./reputation";
import type { Session, Sessions } from "./sessions";

/** What is wrong with an answer, by field. */
export type Errors = Readonly<Record<string, readonly { readonly string: string; readonly code: string }[]>>;

/** How a stage went: it asks for something, is done, refuses the answer, or ends the flow. */
export type Outcome =
  | { readonly kind: "challenge"; readonly challenge: Row }
  | { readonly kind: "done" }
  | { readonly kind: "refused"; readonly errors: Errors }
  | { readonly kind: "denied"; readonly message?: string };

export const done: Outcome = { kind: "done" };
export const ask = (component: string, challenge: Row = {}): Outcome => ({
  kind: "challenge",
  challenge: { component, ...challenge },
});
export const denied = (message?: string): Outcome => ({ kind: "denied", message });
export const refused = (field: string, string: string, code = "invalid"): Outcome => ({
  kind: "refused",
  errors: { [field]: [{ string, code }] },
});

/** One request to the stage that is next. */
export class Run {
  constructor(
    readonly objects: AuthentikObjects,
    readonly sessions: Sessions,
    readonly exchange: Exchange,
    readonly flow: Row,
    readonly plan: Plan,
    public session: Session,
    readonly step: Step,
  ) {}

  get stage(): Row {
    return this.step.stage;
  }

  /** Who is logging in or, without a login, is logged in. Nobody where the name is only pretended to be known. */
  get user(): Row | undefined {
    return this.who.user;
  }

  get who(): Who {
    return whoIn(this.objects, this.sessions, this.exchange, this.plan);
  }

  /** What every challenge says of the person. */
  get person(): Row {
    return { pending_user: this.who.username, pending_user_avatar: "/static/dist/assets/images/user_default.png" };
  }
}

/** Whom a flow is about at the moment. */
export function whoIn(objects: AuthentikObjects, sessions: Sessions, exchange: Exchange, plan?: Plan): Who {
  const { pendingUser, pretended } = plan?.context ?? {};
  const ip = exchange.clientIp;
  if (pretended !== undefined) return { username: pretended, ip };
  const user = pendingUser === undefined ? sessions.userOf(exchange) : objects.by("users", "pk", pendingUser);
  return { user, username: user?.username ?? "", ip };
}

/** What a type of stage does. */
export interface Stage {
  show(run: Run): Outcome;
  /** Takes an answer. Without it the stage never asks for one. */
  answer?(run: Run, fields: Row): Outcome;
}
