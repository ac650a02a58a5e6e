import { changedConfig, exportedState, onMachine, pulumi, start } from "../helpers/e2e/lab";

const minute = 60_000;

const withoutRegistry = changedConfig((config) => {
  (config as Record<string, unknown>)["homelab:features"] = ["pki", "edge", "sso"];
});

/** URNs of the stack that end with one of these names. */
async function urnsOf(...names: string[]): Promise<string[]> {
  const { deployment } = JSON.parse(await exportedState()) as { deployment: { resources: { urn: string }[] } };
  return deployment.resources.map(({ urn }) => urn).filter((urn) => names.some((name) => urn.endsWith(`::${name}`)));
}

const harborContainers = async (): Promise<string[]> => {
  const { output } = await onMachine("sudo docker ps --format '{{.Names}}'");
  return output.split("\n").filter((name) => name.startsWith("harbor-"));
};

beforeAll(async () => {
  expect((await start()).code).toBe(0);
}, 60 * minute);

test(
  "EF-006: a registry that has images and the key of its database is not left out of the stack by one word",
  async () => {
    const { code, output } = await pulumi(["up", "--yes"], withoutRegistry);
    expect(code).not.toBe(0);
    expect(output).toContain("cannot be deleted");
    expect(output).toContain("because it is protected");
    expect(await harborContainers()).toHaveLength(10);
  },
  5 * minute,
);

test(
  "US2: left out with its protection taken off, all of it goes but the data on the machine, and the rest stays",
  async () => {
    const before = (await onMachine("sudo docker inspect -f '{{.State.StartedAt}}' authentik-server")).output;
    for (const urn of await urnsOf("registry-project", "harbor-secrets-key")) {
      expect((await pulumi(["state", "unprotect", urn, "--yes"])).code).toBe(0);
    }
    const { code, output } = await pulumi(["up", "--yes"], withoutRegistry);
    expect(code).toBe(0);
    expect(output).toContain("/srv/harbor/data/database stays");
    expect(await harborContainers()).toEqual([]);
    expect((await onMachine("sudo find /srv/harbor -type f -not -path '/srv/harbor/data/*'")).output).toBe("");
    expect((await onMachine("sudo ls /srv/harbor/data/database")).output).not.toBe("");
    expect((await onMachine("sudo docker inspect -f '{{.State.StartedAt}}' authentik-server")).output).toBe(before);
    expect((await onMachine("ls /srv/edge/routes")).output).not.toContain("registry");
    const again = await pulumi(["preview", "--expect-no-changes"], withoutRegistry);
    expect(again.code).toBe(0);
  },
  5 * minute,
);

test(
  "US2: once its data is removed too, it can be had again",
  async () => {
    expect((await onMachine("sudo rm -r /srv/harbor")).code).toBe(0);
    expect((await pulumi(["up", "--yes"])).code).toBe(0);
    expect(await harborContainers()).toHaveLength(10);
  },
  10 * minute,
);
