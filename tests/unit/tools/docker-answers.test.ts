import { expectDocker } from "../../../tools/docker-answers";
import { readArguments } from "../../../tools/pulumi-arguments";
import type { Outcome } from "../../../tools/run";

const provider = { urn: "docker", type: "pulumi:providers:docker", inputs: { host: "ssh://ops@192.168.1.60:2222" } };
const nas = { urn: "nas-docker", type: "pulumi:providers:docker", inputs: { host: "ssh://root@192.168.1.54" } };
const network = { urn: "network", type: "docker:index/network:Network", inputs: { name: "edge" } };

/** Asks on a machine that answers so, and gives what was asked where. */
async function ask(line: string, answer: Partial<Outcome> | Error = {}, resources: object[] = [provider, network]) {
  const asked: string[] = [];
  const pulumi = () => Promise.resolve({ code: 0, stdout: JSON.stringify({ deployment: { resources } }), stderr: "" });
  const reach = (_pulumi: unknown, address: string) => (command: readonly string[]) => {
    asked.push(`${address}: ${command.join(" ")}`);
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve({ code: 0, stdout: "", stderr: "", ...answer });
  };
  await expectDocker(pulumi, readArguments(line.split(" ")), reach);
  return asked;
}

describe("Reliability: before Docker's objects are compared, its provider takes a Docker that is down for networks that are gone", () => {
  it.each([
    ...["drift", "refresh", "refresh --yes", "up --refresh", "up -r", "preview --refresh", "destroy -r"],
    ...["refresh --target **", "refresh --target urn:pulumi:lab::homelab::docker:index/network:Network::edge"],
  ])("%s sees that Docker answers", async (line) => {
    expect(await ask(line)).toEqual(["192.168.1.60: timeout 20 docker version"]);
  });

  it.each(["preview", "up", "stack export", "refresh --help", "refresh --target urn:pulumi:lab::homelab::x:y:Z::vm"])(
    "%s asks nobody",
    async (line) => {
      expect(await ask(line, new Error("asked"))).toEqual([]);
    },
  );

  it.each([
    ["has no Docker", [network]],
    ["has Docker nowhere but here", [{ ...provider, inputs: { host: "unix:///run/docker.sock" } }]],
    ["has a machine that is being replaced", [{ ...provider, pendingReplacement: true }]],
  ])("a stack that %s is not asked for", async (_what, resources) => {
    expect(await ask("drift", new Error("asked"), resources)).toEqual([]);
  });

  it("each machine of the state is asked", async () => {
    expect(await ask("drift", {}, [provider, nas, network])).toEqual([
      "192.168.1.60: timeout 20 docker version",
      "192.168.1.54: timeout 20 docker version",
    ]);
  });

  it.each([
    [{ code: 1, stderr: "Cannot connect to the Docker daemon\n" }, "Cannot connect to the Docker daemon"],
    [{ code: 124 }, "docker version: exit code 124"],
    [new Error("cannot log in to ops@192.168.1.60: no route"), "cannot log in to ops@192.168.1.60: no route"],
  ])("where it does not, the command is refused, with what to do (%j)", async (answer, said) => {
    await expect(ask("drift", answer)).rejects.toThrow(
      new Error(
        "Docker on 192.168.1.60 does not answer, so nothing was compared: its networks would be taken for gone. Start it there " +
          "(sudo systemctl restart docker) and run this again. A machine that is gone itself is made again by an `up` without " +
          `--refresh.\n${said}`,
      ),
    );
  });

  it("where it does not on a machine of homelab:hosts, nobody says that the machine is made again", async () => {
    const host = {
      type: "homelab:host:SshHost",
      urn: "nas",
      inputs: { host: { name: "nas", address: "192.168.1.54" } },
    };
    await expect(ask("drift", { code: 124 }, [nas, host])).rejects.toThrow(
      new Error(
        "Docker on 192.168.1.54 does not answer, so nothing was compared: its networks would be taken for gone. Start it there " +
          "(sudo systemctl restart docker) and run this again. With another login in homelab:hosts than before, an `up` " +
          "without --refresh comes first.\ndocker version: exit code 124",
      ),
    );
  });
});
