import { house } from "../../../lab/house";
import { Browser, logIn, type Login, type Page, type Person } from "../browser";
import { lab, pulumi, type Result } from "./lab";

/** The stack's secret outputs about people. */
export interface SsoOutputs {
  rootCertificate: string;
  ssoAdmin: { url: string; token: string; username: string; password: string };
  ssoLinks: Record<string, string>;
}

export const sites = {
  auth: "https://auth.home.arpa",
  dashboard: "https://traefik.home.arpa",
  grafana: "https://grafana.home.arpa",
  proxmox: "https://proxmox.home.arpa",
  registry: "https://registry.home.arpa",
  whoami: "https://whoami.home.arpa",
} as const;

export async function ssoOutputs(): Promise<SsoOutputs> {
  const { output } = await pulumi(["stack", "output", "--json", "--show-secrets"], {}, false);
  return JSON.parse(output) as SsoOutputs;
}

/** `pulumi up`, which has to go well; what it says. */
export async function up(settings: NodeJS.ProcessEnv = {}, ...options: string[]): Promise<string> {
  const { code, output } = await pulumi(["up", "--yes", ...options], settings);
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  return output;
}

/** `npm run lab:sso`. */
export const sso = (...args: string[]): Promise<Result> => lab(["sso", ...args]);

/** Everybody's browser: it trusts the root, and asks the house's DNS. */
export const browserOf = ({ rootCertificate }: SsoOutputs): Browser =>
  new Browser({ ca: rootCertificate, lookup: house.lookup });

/** Opens a page in a browser of its own, logs in, and closes the browser. */
export async function visit(outputs: SsoOutputs, url: string, person: Person): Promise<Login> {
  const browser = browserOf(outputs);
  try {
    return await logIn(browser, url, person);
  } finally {
    browser.close();
  }
}

/** What a page says as JSON, where it is one. */
export const json = <T>(page: Page): T => JSON.parse(page.text) as T;

/** Who Grafana takes the browser's user for, and what that may do. */
export async function grafanaUser(browser: Browser): Promise<{ login: string; role: string; admin: boolean }> {
  const user = json<{ login: string; isGrafanaAdmin: boolean }>(await browser.open(`${sites.grafana}/api/user`));
  const orgs = json<{ role: string }[]>(await browser.open(`${sites.grafana}/api/user/orgs`));
  return { login: user.login, role: orgs[0]?.role ?? "", admin: user.isGrafanaAdmin };
}

/** Authentik's API as the program uses it. */
export async function authentik<T = unknown>(
  outputs: SsoOutputs,
  method: string,
  path: string,
  body?: unknown,
): Promise<T | undefined> {
  const browser = browserOf(outputs);
  try {
    const page = await browser.step(`${sites.auth}/api/v3${path}`, {
      method,
      headers: { authorization: `Bearer ${outputs.ssoAdmin.token}` },
      ...(body !== undefined && { json: body }),
    });
    if (page.status >= 400) throw new Error(`${method} ${path}: ${page.status} ${page.text}`);
    return page.text === "" ? undefined : json<T>(page);
  } finally {
    browser.close();
  }
}

/** Logs in to Proxmox through its realm, as its web page does; says who that is there, and what rights on which paths. */
export async function proxmoxLogin(
  browser: Browser,
  person: Person,
): Promise<{ username: string; rights: Record<string, Record<string, number>> }> {
  const api = `${sites.proxmox}/api2/json/access`;
  const origin = { "redirect-url": sites.proxmox };
  const begin = { method: "POST", form: { realm: "sso", ...origin } };
  const { data: url } = json<{ data: string }>(await browser.step(`${api}/openid/auth-url`, begin));
  const { searchParams } = (await logIn(browser, url, person)).finalResponse.url;
  const form = { code: searchParams.get("code") ?? "", state: searchParams.get("state") ?? "", ...origin };
  const end = await browser.step(`${api}/openid/login`, { method: "POST", form });
  const { username, ticket } = json<{ data: { username: string; ticket: string } }>(end).data;
  const headers = { cookie: `PVEAuthCookie=${encodeURIComponent(ticket)}` };
  const permissions = await browser.step(`${api}/permissions`, { headers });
  return { username, rights: json<{ data: Record<string, Record<string, number>> }>(permissions).data };
}
