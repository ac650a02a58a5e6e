import { auth, password, SsoWorld } from "./sso-world";

let world: SsoWorld;
beforeAll(async () => void (world = await SsoWorld.start()), 60_000);
afterAll(() => world?.stop());

const entrances = ["default-authentication-flow", "default-source-authentication", "default-source-enrollment"];
const answers = (username: string): object[] => [{ uid_field: username }, { password }];

describe("A2: an entrance of Authentik's own", () => {
  test.each([...entrances, "initial-setup"])("A2: %s lets nobody in", async (slug) => {
    world.user(`guest-${slug}`);
    const visitor = world.visitor();
    expect(await visitor.go(slug, ...answers(`guest-${slug}`))).toMatchObject({ component: "ak-stage-access-denied" });
    expect(await visitor.isIn()).toBe(false);
  });
});
