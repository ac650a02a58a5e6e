import { addressOf } from "../../lab/house";
import { network } from "../../lab/settings";
import { servedCertificate } from "../../lab/summary";
import { logIn, type Person } from "../helpers/browser";
import { addressOnVm, containers, onNas, openPorts, status, withNas } from "../helpers/e2e/hosts";
import { onMachine, pulumi, run, start, type Result } from "../helpers/e2e/lab";
import {
  api,
  clientSays,
  dockerLogin,
  host,
  makeImage,
  onClient,
  push,
  registryOutputs,
  up,
  type RegistryOutputs,
} from "../helpers/e2e/registry";
import { browserOf, json, sites, ssoOutputs, visit } from "../helpers/e2e/sso";

const minute = 60_000;
let started: Result;
let outputs: RegistryOutputs;

const npm = (script: string): Promise<Result> => run("npm", ["run", "--silent", script]);

// The lab is made for this suite, and goes with it: in the others the registry is on the tooling VM.
beforeAll(async () => {
  await npm("lab:down");
  started = await start(withNas);
  expect(started.code).toBe(0);
  expect((await npm("lab:client")).code).toBe(0);
  outputs = await registryOutputs();
}, 60 * minute);

afterAll(() => npm("lab:down"), 5 * minute);

test("US1.1, EF-006: the registry's name leads to the nas, which serves it with a certificate of the root's", async () => {
  expect(started.output).toContain(`https://${host}`);
  expect(await addressOf(host)).toBe(network.nas);
  expect(await addressOf("auth.home.arpa")).toBe(network.toolingVm);
  const certificate = await servedCertificate(host, outputs.rootCertificate);
  expect(certificate.subjectaltname).toBe(`DNS:${host}`);
  expect(certificate.issuer.CN).toBe("Homelab Intermediate CA");
  expect(await status(onNas, `https://${host}/api/v2.0/ping`, outputs.rootCertificate)).toBe(200);
});

test("US2: the whole registry runs on the nas, and nothing of it on the tooling VM", async () => {
  const ofHarbor = async (on: typeof onNas): Promise<string[]> =>
    (await containers(on)).filter((name) => name.startsWith("harbor-"));
  expect(await ofHarbor(onNas)).toHaveLength(10);
  expect(await ofHarbor(onMachine)).toEqual([]);
  expect(await containers(onNas)).not.toContain("pki-step-ca");
  expect(await containers(onMachine)).toEqual(expect.arrayContaining(["pki-step-ca", "edge-traefik"]));
});

test(
  "US2.1, EF-006: one command prepares a machine, which pushes an image there and pulls it",
  async () => {
    const prepared = await npm("lab:registry-client");
    expect(prepared).toMatchObject({
      code: 0,
      output: expect.stringContaining(`Docker now trusts the root for ${host}`),
    });
    await makeImage(outputs, "app:v1", 5);
    await dockerLogin(outputs.registryPush);
    expect((await push(outputs, "app:v1")).code).toBe(0);
    const image = `${outputs.registryPush.project}/app:v1`;
    expect(await clientSays(`docker rmi ${image} >/dev/null && sudo docker pull --quiet ${image}`)).toBe(image);
    expect(await api(outputs, "GET", "/projects/homelab/repositories")).toMatchObject([{ name: "homelab/app" }]);
  },
  3 * minute,
);

test(
  "US3.2, EF-015: people log in there by the single sign-on, which is on the other machine",
  async () => {
    const ben: Person = { username: "ben", password: "staple battery correct" };
    const signOn = await ssoOutputs();
    await visit(signOn, signOn.ssoLinks.ben ?? "", ben);
    const browser = browserOf(signOn);
    const { finalResponse } = await logIn(browser, `${sites.registry}/c/oidc/login`, ben);
    expect(finalResponse.url.origin).toBe(sites.registry);
    const user = json(await browser.open(`${sites.registry}/api/v2.0/users/current`));
    expect(user).toMatchObject({ username: "ben", admin_role_in_auth: false });
    browser.close();
  },
  2 * minute,
);

test(
  "US5.1: a second npm start changes nothing, and finds nothing changed on either machine",
  async () => {
    const second = await start(withNas);
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining("no changes") });
    expect((await pulumi(["drift"], withNas)).code).toBe(0);
  },
  5 * minute,
);

describe("Security: of the tooling VM", () => {
  const ports = [22, 80, 443, 2375, 2376, 5000, 5432, 6379, 8000, 8080, 8082, 8443, 9000, 9090, 9100, 9443];

  test("the nas reaches SSH and the edge, and nobody reaches more than that of the nas", async () => {
    expect(await openPorts(onNas, network.toolingVm, ports)).toEqual([22, 80, 443]);
    expect([22, 80, 443]).toEqual(expect.arrayContaining(await openPorts(onClient, network.nas, ports)));
  });

  test.each([
    ["pki-step-ca", "https", "/health"],
    ["authentik-server", "http", "/-/health/live/"],
  ])("A6: the nas reaches no container by its own address, not %s", async (container, scheme, path) => {
    const address = await addressOnVm(container);
    const url = `${scheme}://${address}:9000${path}`;
    expect(await status(onMachine, url)).toBe(200);
    const route = `${address}/32 via ${network.toolingVm}`;
    expect((await onNas(`sudo ip route add ${route}`)).code).toBe(0);
    expect(await status(onNas, url)).toBe(0);
    expect((await onNas(`sudo ip route del ${route}`)).code).toBe(0);
  });

  test("the CA's ACME directory is there for the nas, and for nobody else", async () => {
    const directory = "https://ca.home.arpa/acme/acme/directory";
    expect(await status(onNas, directory, outputs.rootCertificate)).toBe(200);
    expect(await status(onClient, directory, outputs.rootCertificate)).toBe(404);
    expect(await status(onClient, "https://ca.home.arpa/roots.pem", outputs.rootCertificate)).toBe(200);
  });
});

test(
  "US5.2: a file changed by hand on the nas is found, and set right by the next update",
  async () => {
    const file = "/srv/harbor/registryctl/etc/registryctl/config.yml";
    const content = async (): Promise<string> => (await onNas(`sudo cat ${file}`, false)).output;
    const before = await content();
    expect((await onNas(`echo '# by hand' | sudo tee -a ${file}`)).code).toBe(0);
    const drift = await pulumi(["drift", "--markdown"], withNas);
    expect(drift).toMatchObject({ code: 7, output: expect.stringContaining("harbor-registryctl") });
    await up(withNas, "--refresh");
    expect(await content()).toBe(before);
    expect(
      (await onNas(`sudo docker ps --quiet --filter name=harbor-registryctl --filter health=healthy`)).output,
    ).not.toBe("");
    expect((await pulumi(["preview", "--expect-no-changes"], withNas)).code).toBe(0);
  },
  5 * minute,
);

test(
  "US2: back on the tooling VM, all of it goes from the nas but its data, which the update names",
  async () => {
    const moved = await start();
    expect(moved.code).toBe(0);
    expect(moved.output).toContain(`/srv/harbor/data/storage stays on ${network.nas}`);
    expect(await addressOf(host)).toBe(network.toolingVm);
    expect((await servedCertificate(host, outputs.rootCertificate)).subjectaltname).toBe(`DNS:${host}`);
    expect(await containers(onNas)).toEqual([""]);
    const left = "sudo find /srv -type f -not -path '/srv/harbor/data/*' -not -name acme.json";
    expect((await onNas(left)).output).toBe("");
    expect((await pulumi(["preview", "--refresh", "--expect-no-changes"])).code).toBe(0);
  },
  5 * minute,
);
