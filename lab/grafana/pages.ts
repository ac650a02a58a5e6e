import { isOn, type Settings } from "./sso-settings";
import type { User } from "./state";

/** The login page: the form for local users is always there. */
export function loginPage(settings: Settings, error: string | undefined): string {
  const other = isOn(settings.enabled)
    ? `<p><a href="login/generic_oauth">Sign in with ${escape(String(settings.name))}</a></p>`
    : "";
  return page(`${error === undefined ? "" : `<p role="alert">${escape(error)}</p>`}
<form method="post" action="login">
  <input name="user" placeholder="email or username" /> <input name="password" type="password" />
  <button type="submit">Log in</button>
</form>
${other}`);
}

export function homePage({ login, role }: User): string {
  return page(`<p>Signed in as ${escape(login)} (${escape(role)})</p>
<p><a href="logout">Sign out</a></p>`);
}

const page = (content: string): string =>
  `<!doctype html>\n<html lang="en"><head><title>Grafana</title></head><body>\n${content}\n</body></html>\n`;

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escape = (text: string): string => text.replace(/[&<>"]/g, (letter) => escapes[letter] ?? letter);
