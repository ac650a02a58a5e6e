import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";

import { outpostPath } from "../../../../components/edge/static-config";
import { acmeProvisioner, catalogueEntry, publicAcmeDirectory } from "../../../../components/pki/ca-config";
import { catalogueEntry as signOnEntry } from "../../../../components/sso/catalogue";
import { describeEdge, EdgeWorld } from "../../../helpers/contract/edge-world";
import { detours, forgedHeaders } from "../../../helpers/contract/forgeries";
import { firstMachine } from "../../../helpers/contract/house-network";
import { eventually, issue, makeAuthority } from "../../../helpers/contract/programs";
import type { RunningEdge } from "../../../helpers/contract/running-edge";

const domain = "home.arpa";
/** The machine whose edge is beside neither step-ca nor the single sign-on, and one that has no edge. */
const [otherMachine, stranger] = ["127.0.0.2", "127.0.0.9"];

describeEdge("the edges of two machines, read by the real programs", (files) => {
  let world: EdgeWorld;
  /** Beside step-ca and the single sign-on. */
  let first: RunningEdge;
  let other: RunningEdge;
  let ca: string;
  let auth: string;

  beforeAll(async () => {
    world = new EdgeWorld({ passesOn: [otherMachine] });
    await world.start(files);
    first = world.edge;
    ca = first.addService("ca", catalogueEntry(domain, [otherMachine]));
    auth = first.addService("auth", { ...signOnEntry(domain), upstream: world.backend });
    for (const host of [ca, auth]) await eventually(() => first.certificate(host), { program: first.traefik });
    other = await world.startEdge({
      address: otherMachine,
      acmeDirectory: publicAcmeDirectory(domain),
      signOn: `https://${auth}`,
    });
  });
  afterAll(() => world.stop());

  const acme = `/acme/${acmeProvisioner}`;

  test("EF-002: the other one gets its certificates through the first one, and all of step-ca's links lead there", async () => {
    const host = other.addService("grafana");
    const issued = await eventually(() => other.certificate(host), { program: other.traefik });
    expect(issued.subjectaltname).toBe("DNS:grafana.home.arpa");
    const asked = world.network.connected.filter(({ from }) => from === otherMachine).map(({ to }) => to);
    expect([...new Set(asked)]).toEqual(["ca.home.arpa:443"]);
    const { body } = await first.visit(ca, `${acme}/directory`, {}, { from: otherMachine });
    const links = Object.values<unknown>(JSON.parse(body)).filter((value) => typeof value === "string");
    const origin = "https://ca.home.arpa";
    expect(links.map((link) => new URL(link).origin)).toEqual([origin, origin, origin, origin, origin]);
  });

  describe("A6: step-ca", () => {
    const claims = {
      "x-forwarded-for": otherMachine,
      "x-real-ip": otherMachine,
      forwarded: `for=${otherMachine}`,
      "x-client-ip": otherMachine,
      "true-client-ip": otherMachine,
    };

    test.each([firstMachine, stranger])(
      "gives nobody else certificates: %s gets 404 in every spelling",
      async (from) => {
        for (const path of ["directory", "new-nonce"].flatMap((each) => detours(`${acme}/${each}`))) {
          for (const headers of [{}, claims]) {
            const { status } = await first.visit(ca, path, headers, { from });
            expect({ path, headers, status }).toEqual({ path, headers, status: 404 });
          }
        }
        expect((await first.visit(ca, "/health", claims, { from })).status).toBe(200);
      },
    );

    test("gives the other machine certificates, and nothing else that the house does not get", async () => {
      const from = otherMachine;
      expect((await first.visit(ca, `${acme}/new-nonce`, {}, { from })).status).toBe(204);
      const beside = ["/provisioners", "/1.0/provisioners", "/acme/admin/directory", acme, `/2.0${acme}/directory`];
      const up = ["../../", "%2e%2e/%2e%2e/", "..%2f..%2f", "..;/..;/"].map((each) => `${acme}/${each}provisioners`);
      for (const path of [...beside, ...up])
        expect({ path, ...(await first.visit(ca, path, {}, { from })) }).toMatchObject({ path, status: 404 });
    });
  });

  /** What reached the upstream last, or before. */
  const received = (back = 1) => world.received.at(-back);
  const headers = (back = 1) => Object.fromEntries(received(back)?.headers ?? []);

  describe("US3, EF-015: a service on a machine without the single sign-on", () => {
    test("sends there who has not logged in, and knows who has", async () => {
      const host = other.addService("prometheus", { auth: "proxy" });
      const unknown = await other.visit(host, "/graph?of=june", { "x-authentik-username": "root" });
      expect(unknown.status).toBe(302);
      expect(unknown.headers.location).toBe(`https://${host}${outpostPath}start`);
      expect(unknown.headers["set-cookie"]).toEqual(["login=begun"]);
      expect(headers()).toMatchObject({
        Host: auth,
        "X-Forwarded-Host": host,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Method": "GET",
        "X-Forwarded-Uri": "/graph?of=june",
        "X-Forwarded-For": `${firstMachine}, ${otherMachine}`,
        "X-Edge-Passed-Auth": first.address,
      });
      const anna = await other.visit(host, "/", { cookie: "session=anna", "x-authentik-username": "root" });
      expect({ status: anna.status, body: anna.body }).toEqual({ status: 200, body: `hello ${host} anna` });
    });

    test("has the single sign-on's own pages, which know whose they are", async () => {
      const host = other.addService("alerts", { auth: "proxy" });
      for (const path of ["start", "callback?code=1&state=a%2Fb"].map((each) => outpostPath + each)) {
        expect((await other.visit(host, path)).body).toBe("log in here");
        expect(received()?.url).toBe(path);
        expect(headers()).toMatchObject({
          Host: auth,
          "X-Forwarded-Host": host,
          "X-Forwarded-Proto": "https",
          "X-Forwarded-For": `${firstMachine}, ${otherMachine}`,
        });
      }
    });

    test("A3: hears who asks from the single sign-on alone, and neither gets the token nor hears a client's lies", async () => {
      const host = other.addService("forged", { auth: "proxy" });
      const session = ["Cookie: session=anna", "X-Forwarded-Host: evil.home.arpa", "X-Forwarded-For: 10.0.0.1"];
      const hop = ["Connection: close, X-Authentik-Username"];
      const lines = forgedHeaders("X-Authentik-Anything", "X-Webauth-Anything", "Remote-Anything", "Forwarded");
      expect(await other.send(host, [...lines, ...lines, ...session, ...hop])).toBe(200);
      expect(received()?.headers.filter(([, value]) => value === "forged")).toEqual([]);
      const identity = received()?.headers.filter(([name]) => /authentik/i.test(name));
      expect(identity).toEqual([["X-Authentik-Username", "anna"]]);
      expect(received(2)?.asked).toBe(true);
      const told = received(2)?.headers.filter(([name, value]) => value === "forged" && !name.endsWith("-Anything"));
      expect(told).toEqual([]);
      expect(headers(2)).toMatchObject({
        "X-Forwarded-Host": host,
        "X-Forwarded-For": `${firstMachine}, ${otherMachine}`,
      });
    });
  });

  describe("A3: what is said of a request to the single sign-on", () => {
    const paths = ["/", `${outpostPath}auth/traefik`];
    const claims = [
      ...["X-Forwarded-Host: prometheus.home.arpa", "X_Forwarded_Host: prometheus.home.arpa"],
      ...[`X-Forwarded-For: ${otherMachine}`, `X-Real-Ip: ${otherMachine}`, "X-Forwarded-Proto: http"],
      ...["X-Forwarded-Port: 80", "X-Forwarded-Uri: /health", "X-Forwarded-Method: OPTIONS"],
      ...["X-Forwarded-Tls-Client-Cert: forged", "Forwarded: for=10.0.0.1;host=prometheus.home.arpa"],
      "Connection: close",
    ];

    test.each(paths)("is the first edge's own word where anybody else says it: %s", async (target) => {
      await first.send(auth, [...claims, ...claims, ...forgedHeaders()], { target, from: stranger });
      const origin = received()?.headers.filter(([name]) => /forward|real.?ip|^host$/i.test(name));
      expect(Object.fromEntries(origin ?? [])).toEqual({
        Host: auth,
        "X-Forwarded-Host": auth,
        "X-Forwarded-For": stranger,
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Server": expect.any(String),
        "X-Real-Ip": stranger,
      });
      expect(received()?.headers.filter(([, value]) => value === "forged")).toEqual([]);
    });

    test("is the other edge's word where that one says it, but not who asks", async () => {
      const [, target] = paths;
      await first.send(auth, [...claims, ...forgedHeaders()], { target, from: otherMachine });
      expect(headers()).toMatchObject({
        Host: auth,
        "X-Forwarded-Host": "prometheus.home.arpa",
        "X-Forwarded-For": `${otherMachine}, ${otherMachine}`,
        "X-Forwarded-Uri": "/health",
      });
      expect(received()?.headers.filter(([name]) => /authentik|remote|webauth/i.test(name))).toEqual([]);
    });
  });

  test("Traefik finds nothing in the generated files to complain of", () => {
    const complaints = [first, other].flatMap(({ traefik }) =>
      traefik
        .output()
        .split("\n")
        .filter((line) => /"level":"(error|warn)"/.test(line)),
    );
    // A Traefik that was built from its Go module alone has no pages for its dashboard.
    const wanted = /Error appending dashboard|reject some encoded characters/;
    expect(complaints.filter((line) => !wanted.test(line))).toEqual([]);
  });

  describe("A3: a machine in the place of the first one", () => {
    /** A machine that calls itself the single sign-on, and lets everybody in. */
    const impostor = "127.0.0.3";
    let asked = 0;
    const everybody: RequestListener = (_, response) => {
      asked++;
      response.setHeader("X-authentik-username", "root").end("welcome");
    };
    const foreign = (): string => {
      const home = join(world.home, "foreign");
      makeAuthority(home);
      return home;
    };
    const impostors: [string, () => Server | undefined][] = [
      ["with a certificate that another root signed", () => createServer(issue(foreign(), auth), everybody)],
      ["with a certificate for another name", () => createServer(issue(world.home, "grafana.home.arpa"), everybody)],
      ["without TLS", () => createHttpServer(everybody)],
      ["where nothing listens", () => undefined],
    ];

    test.each(impostors)("%s: the service is closed", async (_, make) => {
      const host = other.addService("guarded", { auth: "proxy" });
      const visit = (path: string) => other.visit(host, path, { cookie: "session=anna" });
      const body = `hello ${host} anna`;
      expect(await visit("/")).toMatchObject({ status: 200, body });
      const before = world.received.length;
      asked = 0;
      const server = make()?.listen(world.port.https, impostor);
      try {
        if (server) await once(server, "listening");
        world.network.lead(auth, impostor);
        expect(await visit("/")).toMatchObject({ status: 500, body: "" });
        expect((await visit(`${outpostPath}start`)).status).toBeGreaterThanOrEqual(500);
        expect({ asked, received: world.received.length - before }).toEqual({ asked: 0, received: 0 });
      } finally {
        world.network.lead(auth, first.address);
        server?.close();
      }
      expect(await visit("/")).toMatchObject({ status: 200, body });
    });

    test("with a certificate of the root for its name is believed: it is what closes the service otherwise", async () => {
      const host = other.addService("guarded", { auth: "proxy" });
      const server = createServer(issue(world.home, auth), everybody).listen(world.port.https, impostor);
      try {
        await once(server, "listening");
        world.network.lead(auth, impostor);
        expect(await other.visit(host)).toMatchObject({ status: 200, body: `hello ${host} root` });
      } finally {
        world.network.lead(auth, first.address);
        server.close();
      }
    });
  });
});
