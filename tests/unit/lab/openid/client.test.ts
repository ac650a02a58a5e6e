import { challengeOf, OpenIdClient, randomText } from "../../../../lab/openid/client";
import { OpenIdProvider } from "../../../helpers/unit/openid-provider";

let provider: OpenIdProvider;
beforeEach(async () => {
  provider = await OpenIdProvider.start();
});
afterEach(() => provider.stop());

const human = { sub: "1", preferred_username: "alice" };
const redirect_uri = "http://127.0.0.1/callback";
const connect = (issuer = provider.issuer): Promise<OpenIdClient> => OpenIdClient.discover(issuer, provider.client, {});

/** A code, and the verifier that belongs to it. */
async function code(client: OpenIdClient): Promise<[code: string, verifier: string]> {
  const verifier = randomText();
  const parameters = { redirect_uri, state: "s", nonce: "n1", code_challenge: challengeOf(verifier) };
  const address = client.authorizationUrl({ ...parameters, code_challenge_method: "S256" });
  return [provider.login(address, human).searchParams.get("code") ?? "", verifier];
}

async function idToken(): Promise<string> {
  const client = await connect();
  const tokens = await client.exchange((await code(client))[0], redirect_uri, "").catch(() => undefined);
  if (tokens) throw new Error("a code was taken without its verifier");
  const [good, verifier] = await code(client);
  return (await client.exchange(good, redirect_uri, verifier)).id_token ?? "";
}

test("EF-015: a code becomes tokens with its verifier alone, and the ID token is the provider's", async () => {
  const token = await idToken();
  await expect((await connect()).verify(token, { nonce: "n1" })).resolves.toMatchObject({ sub: "1", nonce: "n1" });
});

test("EF-015: a client's secret is shown in the body where the provider wants it there", async () => {
  provider.secretInBody = true;
  const client = await connect();
  const [given, verifier] = await code(client);
  expect(await client.exchange(given, redirect_uri, verifier)).toHaveProperty("access_token");
});

test.each(["", "x/"])("EF-015: an issuer must be named letter by letter as it names itself (%p)", async (rest) => {
  const issuer = `${provider.issuer.replace(/\/$/, "")}${rest}`;
  provider.metadata = { issuer: provider.issuer };
  const message = rest === "" ? `issuer did not match the issuer returned by provider, expected "${issuer}"` : "404";
  await expect(connect(issuer)).rejects.toThrow(message);
});

test("EF-015: a provider that is down is named", async () => {
  provider.down = /openid-configuration/;
  await expect(connect()).rejects.toThrow("503: ");
  await provider.stop();
  await expect(connect()).rejects.toThrow(
    `Get "${provider.issuer}.well-known/openid-configuration": connect ECONNREFUSED`,
  );
  provider = await OpenIdProvider.start();
});

test.each<[string, () => void, string]>([
  ["of another issuer", () => (provider.idClaims = { iss: "https://other/" }), "issued by a different provider"],
  ["for another client", () => (provider.idClaims = { aud: ["other"] }), 'expected audience "client-1" got ["other"]'],
  ["that has ended", () => (provider.idClaims = { exp: 1 }), "token is expired"],
  ["of another login", () => (provider.idClaims = { nonce: "n2" }), "invalid nonce"],
  ["signed with the secret", () => (provider.algorithm = "HS256"), 'expected [RS256] got "HS256"'],
  ["that is not signed", () => (provider.algorithm = "none"), 'expected [RS256] got "none"'],
  ["signed by somebody else", () => provider.rotateKey(false), "failed to verify signature"],
])("EF-015: an ID token %s is refused", async (_, change, message) => {
  change();
  const token = await idToken();
  await expect((await connect()).verify(token, { nonce: "n1" })).rejects.toThrow(message);
});

test("EF-015: a key that the provider changed is found", async () => {
  const client = await connect();
  provider.rotateKey();
  await expect(client.verify(await idToken())).resolves.toHaveProperty("sub", "1");
});

test.each(["ES256", "ES384"] as const)("EF-015: a provider may go over to a key for %s", async (algorithm) => {
  const before = await connect();
  provider.rotateKey(true, algorithm);
  const token = await idToken();
  await expect((await connect()).verify(token)).resolves.toHaveProperty("sub", "1");
  await expect(before.verify(token)).rejects.toThrow(`expected [RS256] got "${algorithm}"`);
  provider.rotateKey(false, algorithm);
  await expect((await connect()).verify(await idToken())).rejects.toThrow("failed to verify signature");
});

test("EF-015: a curve that one of the libraries does not know is refused", async () => {
  provider.rotateKey(true, "ES512");
  await expect((await connect()).verify(await idToken())).rejects.toThrow('expected [] got "ES512"');
});
