import { committedSettings, completed, namesIn } from "../../../lab/stack-config";
import { withNas } from "../../helpers/e2e/hosts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE";
const facts = { upstreamCa: "the lab's authority", hostKeyOf: (name: unknown) => (name === "nas" ? key : undefined) };
const nas = { name: "nas", address: "198.18.60.70", user: "ops", memory: "3 GiB" };

describe("what the lab adds to the committed config", () => {
  test("is the host key of a machine that it knows, where none is given", () => {
    const given = { ...nas, hostKey: "ssh-ed25519 BBBB" };
    const other = { ...nas, name: "attic" };
    const settings = completed({ "homelab:hosts": [nas, given, other] }, facts);
    expect(settings).toEqual({ "homelab:hosts": [{ ...nas, hostKey: key }, given, other] });
  });

  test("is its authority, where an upstream has a certificate and none is given", () => {
    const [http, https] = [{ upstream: "http://198.18.60.1:3000" }, { upstream: "https://198.18.60.1:8006" }];
    const given = { ...https, upstreamCa: "another" };
    const settings = completed({ "homelab:services": [http, https, given] }, facts);
    expect(settings).toEqual({ "homelab:services": [http, { ...https, upstreamCa: facts.upstreamCa }, given] });
  });

  test("leaves what is written wrong to the program, which says so", () => {
    const wrong = { "homelab:hosts": [null, "nas", { name: 5 }], "homelab:services": "grafana" };
    expect(completed(wrong, facts)).toEqual(wrong);
  });
});

describe("the DNS is told", () => {
  afterEach(() => delete process.env.HOMELAB_LAB_CONFIG);

  test("what the file says that HOMELAB_LAB_CONFIG names, in place of the committed one", () => {
    expect(namesIn(committedSettings())).toBe("");
    Object.assign(process.env, withNas);
    expect(namesIn(committedSettings())).toBe("198.18.60.70 registry.home.arpa\n");
  });

  test("where the registry is, if that is on another machine", () => {
    const hosts = [{ ...nas, address: "198.18.60.72", name: "other" }, nas];
    const settings = { "homelab:toolingVm": {}, "homelab:hosts": hosts, "homelab:registry": { host: "nas" } };
    expect(namesIn(settings)).toBe("198.18.60.70 registry.home.arpa\n");
  });

  test("where everything is, if there is no tooling VM", () => {
    const settings = { "homelab:hosts": [nas], "homelab:services": [{ name: "whoami" }] };
    const names = namesIn(settings).trim().split("\n");
    expect(names.sort()).toEqual(
      ["auth", "ca", "registry", "traefik", "whoami"].map((name) => `198.18.60.70 ${name}.home.arpa`),
    );
  });

  test.each([
    ["it is on the tooling VM", { "homelab:hosts": [nas], "homelab:registry": { keepTags: 2 } }],
    ["there is no such machine", { "homelab:hosts": [nas], "homelab:registry": { host: "attic" } }],
    ["there are no machines", { "homelab:registry": { host: "nas" } }],
    ["the machine has no address", { "homelab:hosts": [{ name: "nas" }], "homelab:registry": { host: "nas" } }],
    ["neither has a name", { "homelab:hosts": [{ address: "198.18.60.70" }], "homelab:registry": {} }],
    ["both are written wrong", { "homelab:hosts": "nas", "homelab:registry": "nas" }],
  ])("nothing where %s", (_, settings) => {
    expect(namesIn({ "homelab:toolingVm": {}, ...settings })).toBe("");
  });
});
