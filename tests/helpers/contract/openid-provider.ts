import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { projectRoot } from "../../../tools/versions";
import { end } from "./lab-harbor-programs";
import { freePorts, nameServer } from "./programs";

/** The name the provider's certificate is for. */
const host = "auth.home.arpa";

/** Who there is, by name. */
export type People = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** An answer to a browser. */
interface Page {
  status: number;
  location?: string;
  text: string;
}

/**
 * A real OpenID provider of another make than the lab's stand-ins, behind TLS and a name that only its name server knows. It
 * has one client, wants PKCE of it, and logs in whom the browser says to be.
 */
export class OpenIdProvider {
  private readonly cookies = new Map<string, string>();

  private constructor(
    readonly port: number,
    /** A file with the root of its certificate. */
    readonly rootFile: string,
    /** Where its name is known, `<address>:<port>`. */
    readonly nameServer: string,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(
    client: { id: string; secret: string; redirectUri: string },
    people: People,
  ): Promise<OpenIdProvider> {
    const folder = mkdtempSync(join(tmpdir(), "homelab-openid-"));
    const [key, cert] = [join(folder, "key"), join(folder, "root.crt")];
    const subject = ["-subj", "/CN=Test root", "-addext", `subjectAltName=DNS:${host}`, "-days", "2"];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key];
    execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-out", cert], { stdio: "ignore" });
    const [port = 0] = await freePorts(1);
    const names = await nameServer();
    const settings = { port, issuer: `https://${host}:${port}`, client, people, key: read(key), cert: read(cert) };
    const script = join(folder, "provider.mjs");
    writeFileSync(script, program);
    const child = spawn(process.execPath, [script], {
      env: { PATH: process.env.PATH, SETTINGS: JSON.stringify(settings), PROJECT: projectRoot },
      stdio: ["ignore", "pipe", "ignore"],
    });
    await new Promise((ready, failed) => {
      child.stdout?.once("data", ready);
      child.once("exit", () => failed(new Error("the OpenID provider ended")));
    });
    return new OpenIdProvider(port, cert, `127.0.0.1:${names.port}`, async () => {
      names.close();
      await end(child, "SIGTERM");
      rmSync(folder, { recursive: true });
    });
  }

  url(path: string): string {
    return `https://${host}:${this.port}${path}`;
  }

  /** Takes a new browser from where a client sent it through the login of somebody, to where the provider sends it back. */
  async logIn(location: string, person: string): Promise<string> {
    this.cookies.clear();
    let next = location;
    for (let hop = 0; hop < 8 && next.startsWith(this.url("/")); hop++) {
      const url = new URL(next);
      if (url.pathname.startsWith("/interaction/")) url.searchParams.set("as", person);
      const page = await this.get(url);
      if (page.location === undefined)
        throw new Error(`${url.pathname} answers ${page.status}: ${page.text.slice(0, 300)}`);
      next = new URL(page.location, url).href;
    }
    return next;
  }

  private get(url: URL): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { cookie, host: url.host };
    const place = { host: "127.0.0.1", port: this.port, path: url.pathname + url.search };
    const options = { ...place, headers, ca: read(this.rootFile), servername: host, agent: false };
    return new Promise((done, failed) => {
      const sent = request(options, (answer) => {
        for (const line of answer.headers["set-cookie"] ?? []) this.keep(line);
        let text = "";
        answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
        answer.once("end", () => done({ status: answer.statusCode ?? 0, location: answer.headers.location, text }));
      });
      sent.once("error", failed).end();
    });
  }

  private keep(line: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    this.cookies.set(name, value);
  }
}

const read = (file: string): string => readFileSync(file, "utf8");

const program = `
import { createServer } from "node:https";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const found = createRequire(process.env.PROJECT + "/package.json").resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found));
const { port, issuer, client, people, key, cert } = JSON.parse(process.env.SETTINGS);
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: client.id,
      client_secret: client.secret,
      redirect_uris: [client.redirectUri],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email"], profile: ["name", "preferred_username", "groups"] },
  pkce: { required: () => true },
  cookies: { keys: ["test"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, { uid }) => "/interaction/" + uid },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
});
const interact = async (request, response) => {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const accountId = session?.accountId ?? new URL(request.url, issuer).searchParams.get("as");
  if (prompt.name === "login") return provider.interactionFinished(request, response, { login: { accountId } });
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const grantId = await grant.save();
  return provider.interactionFinished(request, response, { consent: { grantId } });
};
const handle = provider.callback();
createServer({ key, cert }, (request, response) => {
  if (!request.url.startsWith("/interaction/")) return handle(request, response);
  interact(request, response).catch((error) => response.writeHead(500).end(String(error)));
}).listen(port, "127.0.0.1", () => process.stdout.write("ready\\n"));
`;
