import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https, { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { patience } from "../../../../providers/dynamic/http";
import { redactor } from "../../../../providers/dynamic/redact";
import { Harbor } from "../../../../providers/harbor/api";
import { HarborApi } from "../../../helpers/unit/harbor-api";
import { failure, hurry, Stack } from "../../../helpers/unit/provider-stack";

let api: HarborApi;
beforeAll(hurry);
beforeEach(async () => void (api = await HarborApi.start()));
afterEach(() => api.stop());

const subject = { action: "read", object: "project", name: "media" };
const count = (line: string): number => api.log.filter((entry) => entry === line).length;

describe("what is tried again", () => {
  test.each([429, 500, 502, 503, 504, "lost", "hang"] as const)("a GET after %s, until it is answered", async (as) => {
    const harbor = new Harbor(api.connection);
    api.fail({ match: "GET /configurations", as, times: 2 });
    await expect(harbor.get("/configurations", subject)).resolves.toHaveProperty("auth_mode");
    expect(count("GET /configurations")).toBe(3);
  });

  test("nothing for ever", async () => {
    api.fail({ match: "GET", as: 503, times: 99 });
    const error = await failure(new Harbor(api.connection).get("/configurations", subject));
    expect(error).toMatchObject({ status: 503, unsure: false });
    expect(count("GET /configurations")).toBe(patience.attempts);
  });

  test("Reliability: what the edge has no route to is out of reach, and not gone", async () => {
    const edge = http.createServer((_request, response) => response.writeHead(404).end("404 page not found\n"));
    await new Promise<void>((listening) => edge.listen(0, "127.0.0.1", listening));
    const endpoint = `http://127.0.0.1:${(edge.address() as AddressInfo).port}`;
    const error = await failure(new Harbor({ ...api.connection, endpoint }).get("/configurations", subject));
    edge.close();
    expect(error).toMatchObject({ status: 503, isOutage: true });
    expect(error.message).toContain("(status 503): the edge has no route to it (404 page not found).");
  });

  test.each([400, 403, 404, 409, 412, 422])("nothing that is refused with %i", async (as) => {
    api.fail({ match: "GET", as });
    expect(await failure(new Harbor(api.connection).get("/configurations", subject))).toMatchObject({ status: as });
    expect(count("GET /configurations")).toBe(1);
  });

  test.each([500, 502, 504, "reset", "lost", "hang"] as const)(
    "no POST after %s: it may have been done",
    async (as) => {
      api.fail({ match: "POST /labels", as });
      const error = await failure(new Harbor(api.connection).post("/labels", { name: "a", scope: "g" }, subject));
      expect(error.unsure).toBe(true);
      expect(error.message).toContain("It may have been done all the same: run the update again");
      expect(count("POST /labels")).toBe(1);
    },
  );

  test.each([429, 503])("a POST after %i, when the server says when", async (as) => {
    const harbor = new Harbor(api.connection);
    api.fail({ match: "POST /labels", as, headers: { "retry-after": "0" } });
    await harbor.post("/labels", { name: "a", scope: "g" }, subject);
    expect(api.objects.labels).toHaveLength(1);
    api.fail({ match: "POST /labels", as });
    expect(await failure(harbor.post("/labels", { name: "b", scope: "g" }, subject))).toMatchObject({ status: as });
    api.fail({ match: "POST /labels", as, headers: { "retry-after": "3600" } });
    expect(await failure(harbor.post("/labels", { name: "b", scope: "g" }, subject))).toMatchObject({ status: as });
    expect(count("POST /labels")).toBe(4);
  });

  test("a POST that reached nobody", async () => {
    const { port } = api;
    await api.stop();
    const harbor = new Harbor({ endpoint: `http://127.0.0.1:${port}`, password: "x" });
    const started = Date.now();
    const error = await failure(harbor.post("/labels", {}, subject));
    expect(error).toMatchObject({ status: 0, unsure: false });
    expect(error.message).toMatch(/no answer.*ECONNREFUSED.*Check that Harbor runs/);
    expect(Date.now() - started).toBeGreaterThanOrEqual(patience.pause * 7);
    api = await HarborApi.start();
  });
});

test("a refused login is not tried again, nor by any other call of this run", async () => {
  const connection = { ...api.connection, password: "Wrong-Password-1" };
  const errors = await Promise.all([
    failure(new Stack("Project", connection).up({ name: "one" })),
    failure(new Stack("Label", connection).up({ name: "two" })),
  ]);
  expect(errors.map(({ status }) => status)).toEqual([401, 401]);
  expect(errors[0]?.message).toContain("Check the user name and password of the connection");
  expect(api.log).toHaveLength(1);
});

test("calls run one after the other", async () => {
  const harbor = new Harbor(api.connection);
  api.fail({ match: "GET /slow", as: "hang" });
  const slow = harbor.get("/slow", subject).catch(() => undefined);
  await harbor.get("/configurations", subject);
  expect(api.log.indexOf("GET /configurations")).toBe(api.log.length - 1);
  await slow;
});

test("an answer that is no JSON says so", async () => {
  const { connection } = api;
  const harbor = new Harbor(connection);
  jest.spyOn(api.objects, "handle").mockReturnValue({ status: 200, body: undefined });
  await expect(harbor.get("/configurations", subject)).resolves.toBeUndefined();
  jest.spyOn(JSON, "parse").mockImplementationOnce(() => {
    throw new SyntaxError("no JSON");
  });
  jest.spyOn(api.objects, "handle").mockReturnValue({ status: 200, body: "<html>" });
  expect((await failure(harbor.get("/configurations", subject))).message).toContain(
    "does another service answer here?",
  );
});

test("an error never has a secret in it, whatever Harbor repeats", async () => {
  const robot = { name: "ci", expires: "never", permissions: [{ access: ["project:list"] }] };
  const stack = new Stack("RobotAccount", api.connection);
  jest.spyOn(api.objects, "handle").mockImplementation(({ body }) => ({
    status: 400,
    body: { errors: [{ code: "BAD", message: `${JSON.stringify(body)} ${api.objects.password}` }] },
  }));
  const { message } = await failure(stack.up({ ...robot, chosenSecret: "Chosen-Secret-1" }));
  expect(message).toContain("[secret]");
  const hub = { name: "hub", type: "docker-hub", url: "https://a.b", username: "me", password: 'Hub-"Secret"-1' };
  const other = await failure(new Stack("RegistryEndpoint", api.connection).up(hub));
  expect(other.message).toContain('"access_secret":"[secret]"');
  for (const text of [message, other.message]) expect(text).not.toMatch(/Chosen-Secret|Correct-Horse|Hub-/);
});

test("secrets are found in a body at any depth", () => {
  const clean = redactor(["given"], {
    targets: [{ auth_header: "Bearer abc", address: "https://x" }],
    secret: "s3cret",
  });
  expect(clean("given s3cret Bearer abc https://x")).toBe("[secret] [secret] [secret] https://x");
});

/** Runs a test against an API behind TLS with a certificate for the name, and with the hosts that requests ask for. */
async function behindTls(
  name: string,
  test: (api: HarborApi, ca: string, hosts: Set<unknown>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "homelab-harbor-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=harbor".split(" ");
  execFileSync("openssl", [...args, "-addext", `subjectAltName=${name}`, "-keyout", key, "-out", cert], {
    stdio: "ignore",
  });
  const hosts = new Set<unknown>();
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) });
  const secured = await HarborApi.start(server.on("request", ({ headers }) => hosts.add(headers.host)));
  try {
    await test(secured, readFileSync(cert, "utf8"), hosts);
  } finally {
    await secured.stop();
    rmSync(folder, { recursive: true });
  }
}

test("the certificate is checked with the given CA, and refused without", () =>
  behindTls("IP:127.0.0.1", async (secured, ca) => {
    const endpoint = `https://127.0.0.1:${secured.port}`;
    const trusted = { endpoint, password: secured.objects.password, ca };
    expect(await new Stack("Project", trusted).up({ name: "media" })).toBe("create");
    const error = await failure(new Stack("Project", { ...trusted, ca: undefined }).up({ name: "other" }));
    expect(error.message).toMatch(/self-signed certificate.*`ca` is the CA of its certificate/);
    expect(error.unsure).toBe(false);
  }));

test("and that is said, so that no variable of the environment switches it off", () =>
  behindTls("IP:127.0.0.1", async ({ port, objects: { password } }, ca) => {
    const request = jest.spyOn(https, "request");
    await new Stack("Project", { endpoint: `https://127.0.0.1:${port}`, password, ca }).up({ name: "media" });
    const options = request.mock.calls.map(([, given]) => given as https.RequestOptions);
    expect(new Set(options.map(({ rejectUnauthorized }) => rejectUnauthorized))).toEqual(new Set([true]));
  }));

describe("a connection with an address", () => {
  test("asks DNS nothing; certificate and host stay those of the endpoint's name", () =>
    behindTls("DNS:registry.home.arpa", async (secured, ca, hosts) => {
      const endpoint = `https://registry.home.arpa:${secured.port}`;
      const connection = { endpoint, address: "127.0.0.1", password: secured.objects.password, ca };
      expect(await new Stack("Project", connection).up({ name: "media" })).toBe("create");
      expect(hosts).toEqual(new Set([`registry.home.arpa:${secured.port}`]));
    }));

  test("refuses a certificate for another name", () =>
    behindTls("DNS:other.home.arpa", async (secured, ca) => {
      const endpoint = `https://registry.home.arpa:${secured.port}`;
      const connection = { endpoint, address: "127.0.0.1", password: secured.objects.password, ca };
      const error = await failure(new Stack("Project", connection).up({ name: "media" }));
      expect(error.message).toMatch(/registry\.home\.arpa.*is not in the cert's altnames/);
      expect(secured.log).toEqual([]);
    }));

  test("is another connection than one to another address", async () => {
    const endpoint = `http://localhost:${api.port}`;
    const connection = { ...api.connection, endpoint };
    const nobody = await failure(new Stack("Label", { ...connection, address: "127.0.0.2" }).up({ name: "a" }));
    expect(nobody.message).toContain("ECONNREFUSED 127.0.0.2");
    expect(await new Stack("Label", { ...connection, address: "127.0.0.1" }).up({ name: "a" })).toBe("create");
  });

  test.each([
    ["registry.home.arpa", "is no IPv4 address; write it as 192.168.1.60, or leave it out to ask DNS"],
    ["fd00::60", "is no IPv4 address; write it as 192.168.1.60, or leave it out to ask DNS"],
    ["192.168.1.300", "is no IPv4 address; write it as 192.168.1.60, or leave it out to ask DNS"],
  ])("is refused as %s", async (address, reason) => {
    const stack = new Stack("Label", { endpoint: "https://registry.home.arpa", password: "x", address });
    expect(await stack.refusals({ name: "a" })).toEqual([`connection.address: ${reason}`]);
  });

  test("needs an endpoint with a name", async () => {
    const stack = new Stack("Label", { endpoint: "https://192.168.1.60", password: "x", address: "192.168.1.60" });
    expect(await stack.refusals({ name: "a" })).toEqual([
      "connection.address: is for an endpoint with a name; leave it out where the endpoint is an address",
    ]);
  });
});
