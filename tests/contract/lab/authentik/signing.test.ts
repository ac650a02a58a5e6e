import type { Row } from "../../../../lab/kit/rows";
import { jsonIn } from "../../../helpers/browser";
import { selfSigned } from "../../../helpers/browser/certificate";
import { RelyingParty } from "../../../helpers/contract/lab-authentik-relying-party";
import { auth, AuthentikWorld, password } from "../../../helpers/contract/lab-authentik-world";

let world: AuthentikWorld;
let family: Row;
let uid: string;

beforeAll(async () => {
  world = await AuthentikWorld.start();
  family = await world.group("family");
  ({ uid } = await world.user("anna", family));
}, 60_000);

afterAll(() => world?.stop());

type KeyType = Parameters<typeof selfSigned>[1];

function keyPair(type: KeyType, name: string = type): Promise<Row> {
  const { key, cert } = selfSigned(name, type);
  return world.api("POST", "/crypto/certificatekeypairs/", { name, certificate_data: cert, key_data: key });
}

describe("EF-011: what the lab's Authentik signs logins with", () => {
  const anna = { username: "anna", password };
  const login = async (party: RelyingParty): Promise<Row> => party.redeem((await party.code(anna)).get("code") ?? "");
  const discovery = (slug: string) =>
    world.browser().step(`${auth}/application/o/${slug}/.well-known/openid-configuration`);

  it.each<[KeyType, string]>([
    ["rsa", "RS256"],
    ["ec", "ES256"],
    ["ec384", "ES384"],
    ["ec521", "ES512"],
  ])("is, with a key of the type %s, %s, and it announces that alone", async (type, algorithm) => {
    await world.application(type, [family], { signing_key: (await keyPair(type)).pk });
    const found = jsonIn<Row>(await discovery(type));
    expect(found.id_token_signing_alg_values_supported).toEqual([algorithm]);
    const party = new RelyingParty(world.browser(), type, `secret-of-${type}`);
    expect(await party.claims((await login(party)).id_token)).toMatchObject({ sub: uid });
    expect(jsonIn(await world.browser().step(found.jwks_uri))).toEqual({
      keys: [
        expect.objectContaining({ alg: algorithm, use: "sig", x5t: expect.stringMatching(/^[\w-]{27}$/) as string }),
      ],
    });
  });

  it("is no key of another type", async () => {
    await world.application("ed", [family], { signing_key: (await keyPair("ed25519")).pk });
    expect((await discovery("ed")).status).toBe(500);
  });

  it("is the new key alone once a pair has another, and what tokens it gave before go on", async () => {
    const pair = await keyPair("rsa", "moving");
    await world.application("moving", [family], { signing_key: pair.pk });
    const party = new RelyingParty(world.browser(), "moving", "secret-of-moving", "openid offline_access");
    const before = await login(party);
    await party.claims(before.id_token);
    const { key, cert } = selfSigned("moved", "ec");
    const change = { certificate_data: cert, key_data: key };
    await world.api("PATCH", `/crypto/certificatekeypairs/${pair.pk}/`, change);
    await expect(party.claims(before.id_token)).rejects.toThrow("signed with RS256");
    expect(await party.userinfo(before.access_token)).toMatchObject({ status: 200 });
    expect(await party.claims((await party.refresh(before.refresh_token)).id_token)).toMatchObject({ sub: uid });
    const next = new RelyingParty(world.browser(), "moving", "secret-of-moving");
    expect(await next.claims((await login(next)).id_token)).toMatchObject({ sub: uid });
  });
});
