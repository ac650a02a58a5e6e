import { AuthentikApi } from "../../../helpers/unit/authentik-api";
import { largeProgram, resourcesOf, type Size } from "../../../helpers/contract/authentik-program";
import { describeWithEngine, Engine, engineTimeout } from "../../../helpers/contract/engine";
import type { PulumiProject } from "../../../helpers/contract/pulumi-project";

/** A tenth of what is measured by `tests/benchmarks/sso.ts`. */
const size: Size = { users: 100, groups: 5, applications: 10 };

describeWithEngine("a house of a hundred users, with Pulumi's own engine", () => {
  let api: AuthentikApi;
  let project: PulumiProject;

  beforeAll(async () => {
    api = await AuthentikApi.start();
    // As many rows to a page as Authentik gives.
    Object.assign(api.objects.settings, { pagination_default_page_size: 20, pagination_max_page_size: 100 });
    const program = largeProgram(api.connection.endpoint, size);
    ({ project } = await Engine.start("authentik", program, { AUTHENTIK_TOKEN: api.connection.token }));
  }, engineTimeout);

  afterAll(async () => {
    project?.remove();
    await api?.stop();
  });

  test("is made by a call for each of them, each user with a link of their own", async () => {
    const { code, output } = await project.pulumi("up", "--yes", "--skip-preview");
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`+ ${resourcesOf(size)} created`) });
    expect(api.objects.users.filter(({ groups }) => groups.length === 1)).toHaveLength(size.users + 1);
    expect(api.objects.tokens.filter(({ flow }) => flow !== undefined)).toHaveLength(size.users);
    expect(api.writes().length).toBeLessThan(resourcesOf(size));
    expect(api.exchanges.length).toBeLessThan(1.1 * resourcesOf(size));
  }, 180_000);

  test("is read again by a few lists, and nothing is written", async () => {
    api.log.splice(0);
    const { code, output } = await project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`${resourcesOf(size)} unchanged`) });
    expect(api.log.length).toBeLessThan(resourcesOf(size) / 10);
    expect(api.writes()).toEqual([]);
  }, 120_000);
});
