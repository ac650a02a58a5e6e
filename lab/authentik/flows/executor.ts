import type { Row } from "../../kit/rows";
import type { AuthentikObjects } from "../objects";
import { takeLinkToken } from "../recovery/tokens";
import type { Context } from "./context";
import type { Exchange } from "./exchange";
import { nextStep, NotApplicable, planOf, type Step } from "./plan";
import { Unsupported } from "../unsupported";
import { type Errors, type Outcome, Run, type Stage, whoIn } from "./run";
import type { Session, Sessions } from "./sessions";
import { deny, userLogin, userLogout, userWrite } from "./stages/accounts";
import { identification } from "./stages/identification";
import { password } from "./stages/password";
import { prompt } from "./stages/prompt";
import { secondFactor } from "./stages/second-factor";
import { totpSetup } from "./stages/totp-setup";

const stages: Readonly<Record<string, Stage>> = {
  "ak-stage-identification-form": identification,
  "ak-stage-password-form": password,
  "ak-stage-authenticator-validate-form": secondFactor,
  "ak-stage-authenticator-totp-form": totpSetup,
  "ak-stage-prompt-form": prompt,
  "ak-stage-user-write-form": userWrite,
  "ak-stage-user-login-form": userLogin,
  "ak-stage-user-logout-form": userLogout,
  "ak-stage-deny-form": deny,
};

const mostStages = 50;

/** Runs flows: answers with what the next stage asks for, and takes what is answered. */
export class FlowExecutor {
  constructor(
    private readonly objects: AuthentikObjects,
    private readonly sessions: Sessions,
  ) {}

  /** `/api/v3/flows/executor/<slug>/?query=…` */
  async handle(exchange: Exchange, slug: string): Promise<void> {
    const flow = this.objects.by("flows", "slug", slug);
    if (!flow) return exchange.json(404, { detail: "No Flow matches the given query." });
    const fields = exchange.method === "POST" ? await exchange.fields() : undefined;
    const query = new URLSearchParams(exchange.url.searchParams.get("query") ?? "");
    try {
      const challenge = this.run(exchange, flow, query, fields);
      if (!challenge) return exchange.redirect(exchange.url.pathname + exchange.url.search);
      exchange.json(200, { flow_info: infoOf(flow), ...challenge });
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      console.error(error.message);
      exchange.json(200, {
        flow_info: infoOf(flow),
        ...{ component: "ak-stage-flow-error", request_id: "lab", error: error.message },
      });
    }
  }

  /** The next challenge; none where the browser is to ask again, because an answer was taken. */
  private run(exchange: Exchange, flow: Row, query: URLSearchParams, fields?: Row): Row | undefined {
    const { sessions, objects } = this;
    const session = sessions.ensure(exchange);
    const token = this.takeToken(query.get("flow_token") ?? "", flow);
    if (session.plan?.flow !== flow.pk || token) session.plan = undefined;
    try {
      session.plan ??= planOf(objects, flow, whoIn(objects, sessions, exchange), token);
      return this.advance(exchange, flow, session, query, fields);
    } catch (error) {
      if (!(error instanceof NotApplicable)) throw error;
      return this.notApplicable(exchange, flow, query, error.message);
    }
  }

  private advance(
    exchange: Exchange,
    flow: Row,
    session: Session,
    query: URLSearchParams,
    fields?: Row,
  ): Row | undefined {
    const { objects, sessions } = this;
    for (let count = 0, current = session; count < mostStages; count++) {
      const { plan } = current;
      if (!plan) break;
      const step = nextStep(objects, plan, whoIn(objects, sessions, exchange, plan));
      if (!step) return this.finished(current, query);
      const run = new Run(objects, sessions, exchange, flow, plan, current, step);
      const stage = stageOf(step);
      const outcome = fields && stage.answer ? stage.answer(run, fields) : stage.show(run);
      current = run.session;
      if (outcome.kind === "challenge") return outcome.challenge;
      if (outcome.kind === "refused") return withErrors(stage.show(run), outcome.errors);
      if (outcome.kind === "denied") {
        if (!String(step.binding?.invalid_response_action ?? "retry").startsWith("restart")) {
          return this.refuse(exchange, current, outcome.message);
        }
        const keep = step.binding?.invalid_response_action === "restart_with_context" ? plan.context : {};
        current.plan = planOf(objects, flow, whoIn(objects, sessions, exchange), keep);
      } else {
        plan.steps.splice(plan.steps.indexOf(step), 1);
      }
      if (fields) return undefined;
    }
    throw new Unsupported(`the flow ${flow.slug} does not end`);
  }

  private finished(session: Session, query: URLSearchParams): Row {
    session.plan = undefined;
    const next = query.get("next") ?? "/";
    if (!isRelative(next)) return { component: "ak-stage-access-denied", ...nobody, error_message: "Invalid next URL" };
    return redirectTo(next);
  }

  private refuse(exchange: Exchange, session: Session, message?: string): Row {
    const { username } = whoIn(this.objects, this.sessions, exchange, session.plan);
    session.plan = undefined;
    const error = message === undefined ? {} : { error_message: message };
    return { component: "ak-stage-access-denied", ...nobody, pending_user: username, ...error };
  }

  /** Whoever is logged in already goes on to where the login would have led. */
  private notApplicable(exchange: Exchange, flow: Row, query: URLSearchParams, message: string): Row {
    const next = query.get("next");
    const isLoggedIn = this.sessions.userOf(exchange) !== undefined;
    if (flow.designation === "authentication" && isLoggedIn) return redirectTo(next && isRelative(next) ? next : "/");
    if (flow.denied_action !== "message" && next && isRelative(next)) return redirectTo(next);
    if (flow.denied_action === "continue") return redirectTo("/");
    return this.refuse(exchange, this.sessions.ensure(exchange), message);
  }

  /** What a link stands for. It is used up here. */
  private takeToken(key: string, flow: Row): Partial<Context> | undefined {
    const token = takeLinkToken(this.objects, key, { intent: "verification", flow: flow.slug });
    return token && { pendingUser: token.user, isRestored: true };
  }
}

/** The flow that this brand has for a purpose; else the first one there is. */
export function defaultFlow(
  objects: AuthentikObjects,
  designation: "authentication" | "invalidation",
): Row | undefined {
  const chosen = objects.brand?.[`flow_${designation}`];
  const flows = objects.flows.filter((flow) => flow.designation === designation);
  return (
    objects.flows.find(({ pk }) => pk === chosen) ?? flows.sort((one, other) => (one.slug < other.slug ? -1 : 1))[0]
  );
}

const nobody = { pending_user: "", pending_user_avatar: "/static/dist/assets/images/user_default.png" };

const redirectTo = (to: string): Row => ({ component: "xak-flow-redirect", to });

const isRelative = (url: string): boolean => url.startsWith("/") && !/^\/[/\\]/.test(url);

const infoOf = (flow: Row): Row => ({
  title: flow.title,
  background: "/static/dist/assets/images/flow_background.jpg",
  cancel_url: "/flows/-/cancel/",
  layout: flow.layout ?? "stacked",
});

const withErrors = (shown: Outcome, response_errors: Errors): Row =>
  shown.kind === "challenge" ? { ...shown.challenge, response_errors } : { component: "xak-flow-shell", body: "" };

function stageOf({ stage }: Step): Stage {
  const found = stages[stage.component];
  if (found) return found;
  throw new Unsupported(`the lab's Authentik cannot run the stage ${stage.name} (${stage.component})`);
}
