import { HardenedContainer, HardenedContainerArgs } from "../../../../components/host/container";
import { mib } from "../../../../config/size";
import { stubMachine } from "../../../helpers/unit/machine-stub";
import { deploy, resolved, types } from "../../../helpers/unit/pulumi-mocks";

const digest = "docker.io/library/app:1@sha256:0000000000000000000000000000000000000000000000000000000000000000";

function program(changes: Partial<HardenedContainerArgs> = {}) {
  return () => {
    const machine = stubMachine();
    const container = new HardenedContainer("app", {
      machine,
      image: digest,
      memory: mib(256),
      user: "1000:1000",
      command: ["/app", "--config", "/etc/app.json"],
      healthcheck: ["CMD", "/app", "health"],
      networks: [{ name: "tooling", aliases: ["app-alias"] }],
      dns: ["192.168.1.1"],
      volumes: [{ hostPath: "/srv/app/app.json", containerPath: "/etc/app.json", readOnly: true }],
      configuration: ["first file", "second file"],
      ...changes,
    });
    return { machine, container };
  };
}

const label = (inputs: Record<string, unknown>, name: string): string | undefined =>
  (inputs.labels as { label: string; value: string }[]).find((entry) => entry.label === name)?.value;

async function configurationLabel(configuration: string[]): Promise<string | undefined> {
  const { inputs } = (await deploy(program({ configuration }))).get(types.container, "app");
  return label(inputs, "arpa.home.configuration");
}

test("a container runs unprivileged, read-only, limited and watched (EF-001, design decision 4)", async () => {
  const { inputs } = (await deploy(program())).get(types.container, "app");
  expect(inputs).toEqual({
    name: "app",
    image: "sha256:image-of-app",
    hostname: "app",
    user: "1000:1000",
    command: ["/app", "--config", "/etc/app.json"],
    memory: 256,
    memorySwap: 512,
    healthcheck: {
      tests: ["CMD", "/app", "health"],
      startInterval: "1s",
      interval: "5s",
      timeout: "5s",
      retries: 6,
      startPeriod: "5s",
    },
    wait: true,
    waitTimeout: 90,
    restart: "unless-stopped",
    destroyGraceSeconds: 30,
    readOnly: true,
    tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=16m" },
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
    volumes: [{ hostPath: "/srv/app/app.json", containerPath: "/etc/app.json", readOnly: true }],
    dns: ["192.168.1.1"],
    networksAdvanced: [{ name: "tooling", aliases: ["app-alias"] }],
    labels: [
      { label: "arpa.home.configuration", value: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { label: "arpa.home.machine", value: "machine-1" },
    ],
  });
});

test.each([
  "privileged",
  "devices",
  "pidMode",
  "ipcMode",
  "usernsMode",
  "networkMode",
  "ports",
  "publishAllPorts",
  "envs",
])("a container gets no %s unless it asks for it", async (key) => {
  expect((await deploy(program())).get(types.container, "app").inputs).not.toHaveProperty(key);
});

test("a container adds no capability to the ones it drops", async () => {
  const { capabilities } = (await deploy(program())).get(types.container, "app").inputs;
  expect(capabilities).not.toHaveProperty("adds");
});

test("a changed configuration file changes the container, and the same files do not (US5)", async () => {
  const before = await configurationLabel(["first file", "second file"]);
  expect(await configurationLabel(["first file", "second file"])).toBe(before);
  expect(await configurationLabel(["first file", "second file, changed"])).not.toBe(before);
  expect(await configurationLabel(["first filesecond", " file"])).not.toBe(before);
});

test("a container's labels tell nothing of what is in its files", async () => {
  const { inputs } = (await deploy(program({ configuration: ["confidential"] }))).get(types.container, "app");
  expect(JSON.stringify(inputs)).not.toContain("confidential");
});

test("image and container live on the machine's Docker, are replaced one after the other, and go with the machine", async () => {
  const deployment = await deploy(program());
  const { machine, container } = deployment.result;
  for (const type of [types.image, types.container]) {
    const { options } = deployment.get(type, "app");
    expect(options.provider).toBe(machine.docker);
    expect(options.deletedWith).toBe(machine.resource);
    expect(options.deleteBeforeReplace).toBe(true);
    expect(options.parent).toBe(container);
  }
  expect(deployment.get(types.container, "app").options.replaceOnChanges).toEqual(["healthcheck"]);
});

test("a rebuilt machine pulls the image again, by its digest (US5)", async () => {
  expect((await deploy(program())).get(types.image, "app").inputs).toEqual({
    name: digest,
    keepLocally: true,
    triggers: { machine: "machine-1" },
  });
});

test("its name is known only once the container is there", async () => {
  expect(await resolved((await deploy(program())).result.container.healthy)).toBe("app");
});
