import { types } from "../../../policies/types";
import { messages, notYetKnown } from "../../helpers/policy/harness";

const policy = "no-privileged-containers";

/** What every container has. */
const hardened = {
  user: "1000:1000",
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
};
const judged = (inputs: Record<string, unknown>, settings?: object) =>
  messages(policy, [{ type: types.container, name: "web-app", inputs: { ...hardened, ...inputs } }], settings);

test("no-privileged-containers: a hardened container passes, with what Docker's provider fills in", async () => {
  const inputs = {
    attach: false,
    privileged: false,
    networkMode: "bridge",
    ipcMode: "private",
    cgroupnsMode: "private",
    devices: [],
    gpus: "",
    sysctls: {},
    ulimits: [{ name: "nproc", soft: 256, hard: 256 }],
    healthcheck: { tests: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"], startInterval: "1s" },
    volumes: [
      { hostPath: "/srv/web/app/conf_1.yml", containerPath: "/app.yml", readOnly: true },
      { volumeName: "web-data", containerPath: "/data" },
    ],
    mounts: [
      { type: "volume", source: "web", target: "/etc" },
      { type: "tmpfs", target: "/tmp", tmpfsOptions: { mode: 448 } },
      { type: "bind", source: "/srv/web/data", target: "/data", bindOptions: {} },
    ],
  };
  expect(await judged(inputs)).toEqual([]);
});

test("no-privileged-containers: what only the update knows is judged then", async () => {
  const unknowns = { hostPath: notYetKnown, volumeName: notYetKnown };
  expect(await judged({ volumes: [unknowns], networksAdvanced: [{ name: notYetKnown }] })).toEqual([]);
  expect(await judged({ mounts: [{ type: "bind", source: notYetKnown }], image: notYetKnown })).toEqual([]);
});

test("no-privileged-containers: the stack may allow capabilities and paths, but not the runtime's socket", async () => {
  const capabilities = { drops: ["ALL"], adds: ["CAP_NET_BIND_SERVICE"] };
  expect(await judged({ capabilities }, { allowedCapabilities: ["net_bind_service"] })).toEqual([]);
  const volumes = [{ hostPath: "/etc/localtime" }];
  expect(await judged({ volumes }, { allowedPaths: ["/etc/localtime"] })).toEqual([]);
  expect(await judged({ volumes: [{ hostPath: "/run" }] }, { allowedPaths: ["/run"] })).toEqual([
    "it mounts /run: with the container runtime's socket it is root on its machine; remove the mount",
  ]);
});

test("no-privileged-containers: the stack may share volumes, and add containers to the project's own features", async () => {
  const volumes = [{ volumeName: "media" }];
  expect(await judged({ volumes })).toEqual([
    "it mounts the volume media, which is not web's; begin its name with web-, or put it into this policy's `allowedVolumes`",
  ]);
  expect(await judged({ volumes }, { allowedVolumes: ["media"] })).toEqual([]);
  expect(await judged({ name: "harbor-backup" })).toEqual([
    "harbor-backup is no container of the feature harbor, but would have its files; begin its name with another word, or put " +
      "it into this policy's `furtherContainers`",
  ]);
  expect(await judged({ name: "harbor-backup" }, { furtherContainers: ["harbor-backup"] })).toEqual([]);
});

test("no-privileged-containers: networks and volumes pass as the components make them", async () => {
  const network = { name: "web", labels: [{ label: "a", value: notYetKnown }], driver: "bridge" };
  expect(await messages(policy, [{ type: types.network, name: "web", inputs: network }])).toEqual([]);
  expect(await messages(policy, [{ type: types.volume, name: "data", inputs: { name: "data" } }])).toEqual([]);
});
