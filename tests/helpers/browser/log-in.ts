import { excerpt, jsonIn, type Browser, type Page } from "./browser";
import { answer, type Challenge, type Person } from "./challenges";

/** How a login went. */
export interface Login {
  /** What Authentik asked for, in order: `homelab-login/ak-stage-password`. */
  readonly steps: readonly string[];
  /** The page at the end: the service's, where it let the person in. */
  readonly finalResponse: Page;
  /** From opening the first page to the end of the last one. */
  readonly milliseconds: number;
  /** The secret of the second factor, where one was set up. */
  readonly totpSecret?: string;
}

/** Authentik refused. The message says what it says. */
export class LoginRefused extends Error {
  constructor(
    message: string,
    /** What it had asked for until then. */
    readonly steps: readonly string[],
  ) {
    super(message);
  }
}

const mostSteps = 30;

/**
 * Opens a page of a service, and logs in to Authentik as its web page does wherever that is where the browser ends up. Ends
 * at the first page that is none of its flows. Fails with {@link LoginRefused}. A link for a new password works as well:
 * `password` then is the new one.
 */
export async function logIn(browser: Browser, startUrl: string | URL, person: Person): Promise<Login> {
  const started = Date.now();
  const steps: string[] = [];
  const learned: { totpSecret?: string } = {};
  let page = await browser.open(startUrl);
  while (flowIn(page.url) !== undefined) {
    const target = await runFlow(browser, page, person, steps, learned);
    page = await browser.open(new URL(target, page.url), { from: page.url });
  }
  if (isDenial(page)) throw new LoginRefused(`access denied: ${excerpt(page)}`, steps);
  return { steps, finalResponse: page, milliseconds: Date.now() - started, ...learned };
}

/** The slug of the flow that this page runs. */
export const flowIn = ({ pathname }: URL): string | undefined => /^\/if\/flow\/([^/]+)\/$/.exec(pathname)?.[1];

/** Goes through a flow, and says where it leads. */
async function runFlow(
  browser: Browser,
  page: Page,
  person: Person,
  steps: string[],
  learned: { totpSecret?: string },
): Promise<string> {
  const flow = flowIn(page.url) ?? "";
  let challenge = await executor(browser, page);
  while (challenge.component !== "xak-flow-redirect") {
    steps.push(`${flow}/${challenge.component}`);
    refuse(challenge, steps);
    if (steps.length > mostSteps)
      throw new LoginRefused(`the login does not end: ${steps.slice(-4).join(", ")}`, steps);
    const entered = await answer(challenge, person, learned);
    challenge = await executor(browser, page, { component: challenge.component, ...entered });
  }
  return challenge.to ?? "";
}

/** Asks for the flow's next challenge, or answers the one before. */
async function executor(browser: Browser, page: Page, json?: object): Promise<Challenge> {
  const query = encodeURIComponent(page.url.search.slice(1));
  const url = `/api/v3/flows/executor/${flowIn(page.url)}/?query=${query}`;
  const token = browser.cookies.readable(page.url, "authentik_csrf") ?? "";
  const headers = { "x-authentik-csrf": token };
  const found = await browser.fetch(page, url, json ? { method: "POST", json, headers } : { headers });
  if (found.status !== 200) throw new Error(`the flow executor answered ${found.status}: ${excerpt(found)}`);
  return jsonIn<Challenge>(found);
}

/** Fails where a challenge is a refusal. */
function refuse(challenge: Challenge, steps: readonly string[]): void {
  const { component, response_errors: errors = {}, error_message, error, body = "" } = challenge;
  const messages = Object.entries(errors).map(
    ([field, found]) => `${field}: ${found.map((each) => each.string).join(" ")}`,
  );
  if (component === "ak-stage-access-denied") {
    throw new LoginRefused(`access denied: ${error_message || "no reason is given"}`, steps);
  }
  if (component === "ak-stage-flow-error") throw new LoginRefused(`the flow failed: ${error}`, steps);
  if (component === "xak-flow-shell") {
    throw new LoginRefused(`access denied: ${body.replace(/<[^>]*>|\s+/g, " ").trim()}`, steps);
  }
  if (messages.length > 0) throw new LoginRefused(`login refused: ${messages.join("; ")}`, steps);
}

/** Whether Authentik, and not the service, says no. */
const isDenial = ({ url, text }: Page): boolean =>
  /^\/(application|flows|outpost\.goauthentik\.io)\//.test(url.pathname) &&
  /<title>[^<]*(Permission|Access) denied/i.test(text);
