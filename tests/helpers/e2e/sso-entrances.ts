import { jsonIn, type Page, type Person } from "../browser";
import { authentik, browserOf, sites, type SsoOutputs } from "./sso";

interface Asked {
  readonly component: string;
}

/**
 * Tries every flow of Authentik but the program's as somebody who knows the password, and says which of them let that person
 * in.
 */
export async function waysIn(outputs: SsoOutputs, { username, password }: Person): Promise<string[]> {
  const list = await authentik<{ results: { slug: string }[] }>(outputs, "GET", "/flows/instances/?page_size=100");
  const slugs = (list?.results ?? []).map(({ slug }) => slug).filter((slug) => !slug.startsWith("homelab-"));
  if (slugs.length < 10) throw new Error(`Authentik has more flows than ${slugs.join(", ")}`);
  const open: string[] = [];
  for (const slug of slugs) {
    if (await letsIn(outputs, slug, [{ uid_field: username }, { password }, { password }])) open.push(slug);
  }
  return open;
}

async function letsIn(outputs: SsoOutputs, slug: string, answers: object[]): Promise<boolean> {
  const browser = browserOf(outputs);
  const page = { url: new URL(`${sites.auth}/if/flow/${slug}/`) } as Page;
  const ask = async (json?: object): Promise<Asked> => {
    const headers = { "x-authentik-csrf": browser.cookies.readable(page.url, "authentik_csrf") ?? "" };
    const sent = json ? { method: "POST", json, headers } : { headers };
    return jsonIn<Asked>(await browser.fetch(page, `/api/v3/flows/executor/${slug}/?query=`, sent));
  };
  try {
    let { component } = await ask();
    for (const json of answers) {
      if (/^(ak-stage-access-denied|xak-flow-redirect)$/.test(component)) break;
      ({ component } = await ask(json));
    }
    return (await browser.step(`${sites.auth}/if/user/`)).status === 200;
  } finally {
    browser.close();
  }
}
