import { Logins } from "../../../lab/authentik/flows/logins";
import { startAuthentik } from "../../../lab/authentik/testing";

/**
 * The lab's Authentik in memory, with logins, as a process of its own: what speaks OpenID cannot be loaded by a test. Every
 * other page is there and empty, so that it plays the applications too.
 */
async function main(): Promise<void> {
  const authentik = await startAuthentik({
    before: async (request, response) => {
      if (await logins.handle(request, response)) return true;
      if (request.url?.startsWith("/api/")) return false;
      response.end();
      return true;
    },
  });
  const logins = new Logins(authentik.objects);
  console.log(JSON.stringify({ url: authentik.url, token: authentik.token }));
}

void main();
