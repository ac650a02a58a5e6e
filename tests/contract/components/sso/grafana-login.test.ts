import { startGrafana, type Grafana } from "../../../../lab/grafana/server";
import { lookupAt, rootsWith } from "../../../../lab/house";
import { roleAttributePath } from "../../../../providers/grafana";
import { Browser } from "../../../helpers/unit/lab-grafana-login";
import { OpenIdProvider } from "../../../helpers/contract/openid-provider";

jest.setTimeout(60_000);

const redirectUri = "https://grafana.home.arpa/login/generic_oauth";
const client = { id: "grafana", secret: "Client-Secret-1", redirectUri };
const people = {
  anna: { preferred_username: "anna", name: "Anna", email: "anna@home.arpa", groups: ["admins", "family"] },
  ben: { preferred_username: "ben", name: "Ben", email: "ben@home.arpa", groups: ["family"] },
  carl: { preferred_username: "carl", name: "Carl", email: "carl@home.arpa", groups: ["friends"] },
};

let provider: OpenIdProvider;
let grafana: Grafana;
let rootFile: string;
let errors: jest.SpyInstance;
beforeAll(async () => {
  errors = jest.spyOn(console, "error").mockImplementation(() => undefined);
  provider = await OpenIdProvider.start(client, people);
  rootFile = provider.rootFile;
  grafana = await startGrafana({
    listen: { address: "127.0.0.1", port: 0 },
    rootUrl: "https://grafana.home.arpa",
    transport: { roots: () => rootsWith(rootFile), lookup: lookupAt(provider.nameServer) },
    adminPassword: "Grafana-Password-1",
  });
});
afterAll(async () => {
  await Promise.all([grafana.close(), provider.stop()]);
  errors.mockRestore();
});
beforeEach(() => {
  rootFile = provider.rootFile;
  set({});
});

function set(over: object): void {
  grafana.settings.put("generic_oauth", {
    enabled: true,
    clientId: client.id,
    clientSecret: client.secret,
    authUrl: provider.url("/auth"),
    tokenUrl: provider.url("/token"),
    apiUrl: provider.url("/me"),
    scopes: "openid,profile,email",
    usePkce: true,
    loginAttributePath: "preferred_username",
    roleAttributePath: roleAttributePath([
      { group: "family", role: "Viewer" },
      { group: "admins", role: "GrafanaAdmin" },
    ]),
    roleAttributeStrict: true,
    allowAssignGrafanaAdmin: true,
    allowSignUp: true,
    ...over,
  });
}

/** Logs somebody in; the error on the login page, where it ends there. */
async function logIn(person: string): Promise<{ browser: Browser; error?: string }> {
  const browser = new Browser(`http://127.0.0.1:${grafana.port}`);
  const sent = await browser.get("/login/generic_oauth");
  const back = await provider.logIn(sent.headers.get("location") ?? "", person);
  expect(back.split("?")[0]).toBe(redirectUri);
  const { pathname, search } = new URL(back);
  const landed = await browser.get(pathname + search);
  if (landed.headers.get("location") === "/") return { browser };
  const page = await (await browser.get("/login")).text();
  return { browser, error: /role="alert">([^<]*)</.exec(page)?.[1] };
}

test.each([
  ["anna", "Admin", true],
  ["ben", "Viewer", false],
])("%s logs in to Grafana by a real code flow with PKCE and becomes %s", async (person, role, isGrafanaAdmin) => {
  const { browser, error } = await logIn(person);
  expect(error).toBeUndefined();
  expect(await browser.api("/user")).toMatchObject({ login: person, email: `${person}@home.arpa`, isGrafanaAdmin });
  expect(await browser.api("/user/orgs")).toMatchObject([{ role }]);
});

test("who is in no group with a role is refused", async () => {
  const { browser, error } = await logIn("carl");
  expect(error).toBe("IdP did not return a role attribute, please contact your administrator");
  expect((await browser.get("/api/user")).status).toBe(401);
});

test("the provider refuses a login without PKCE", async () => {
  set({ usePkce: false });
  expect((await logIn("anna")).error).toContain("Login provider denied login request: invalid_request");
});

test("a wrong client secret fails the login, and a CA in the settings takes the place of what the machine trusts", async () => {
  set({ clientSecret: "Client-Secret-2" });
  expect((await logIn("anna")).error).toBe("Failed to get token from provider");
  rootFile = "/nonexistent/root.crt";
  set({});
  expect((await logIn("anna")).error).toBe("Login failed");
  set({ tlsClientCa: provider.rootFile });
  expect((await logIn("anna")).error).toBeUndefined();
});
