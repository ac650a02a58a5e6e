import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { connect, type SecureVersion, type TLSSocket } from "node:tls";

import { hours } from "../../../../config/duration";
import { describeEdge, EdgeWorld } from "../../../helpers/contract/edge-world";
import { eventually } from "../../../helpers/contract/programs";
import type { RunningEdge } from "../../../helpers/contract/running-edge";

describeEdge("a host that gigabytes go through, behind the real Traefik", (files) => {
  let world: EdgeWorld;
  let edge: RunningEdge;
  const branch = () => ({ name: "core", upstream: world.backend, paths: ["/v2/"] });
  const bulk = (name: string) => edge.addService(name, { isBulk: true, branches: [branch()] });
  const issued = (host: string) => eventually(() => edge.certificate(host), { program: edge.traefik });

  beforeAll(async () => {
    // Shorter than the time for which Traefik renews ahead: at its next start it does.
    world = new EdgeWorld({ leafValidity: hours(24) });
    await world.start(files);
    ({ edge } = world);
  });
  afterAll(() => world.stop());

  /** What a client that speaks both is answered with. */
  const protocol = async (host: string, most: SecureVersion = "TLSv1.3"): Promise<TLSSocket["alpnProtocol"]> =>
    new Promise((resolve, reject) => {
      const least: SecureVersion = most === "TLSv1.1" ? "TLSv1.1" : "TLSv1.2";
      const offered = { ALPNProtocols: ["h2", "http/1.1"], minVersion: least, maxVersion: most };
      const socket = connect({ ...edge.connection(host), ...offered }, () => {
        resolve(socket.alpnProtocol);
        socket.destroy();
      }).on("error", reject);
    });

  test("EF-006: it is served over HTTP/1.1 alone, and every other over HTTP/2 too, with TLS 1.2 at least", async () => {
    const [host, other] = [bulk("registry"), edge.addService("grafana", { branches: [branch()] })];
    await issued(host);
    await issued(other);
    expect(await protocol(host)).toBe("http/1.1");
    expect(await protocol(host, "TLSv1.2")).toBe("http/1.1");
    await expect(protocol(host, "TLSv1.1")).rejects.toThrow();
    expect(await protocol(other)).toBe("h2");
    for (const path of ["/", "/v2/"]) expect((await edge.visit(host, path)).body).toBe(`hello ${host}`);
    expect(edge.traefik.output()).not.toMatch(/TLS ?options/i);
  });

  test("EF-004: its certificate is renewed as every other's: challenges are met whatever protocols a host has", async () => {
    const host = bulk("renewed");
    const first = await issued(host);
    await edge.restart();
    const second = await eventually(
      async () => {
        const found = await edge.certificate(host);
        if (found.serialNumber === first.serialNumber) throw new Error("it is the same still");
        return found;
      },
      { program: edge.traefik },
    );
    expect(Date.parse(second.valid_from)).toBeGreaterThan(Date.parse(first.valid_from));
    expect(await protocol(host)).toBe("http/1.1");
  });

  test("one that is served already keeps its certificate; who is connected meanwhile is told to connect anew", async () => {
    const host = edge.addService("moved", { branches: [branch()] });
    const before = await issued(host);
    const session = connectHttp2(`https://${host}`, { createConnection: () => dial(host) });
    try {
      expect(await statusOf(session)).toBe(200);
      bulk("moved");
      await eventually(async () => expect(await protocol(host)).toBe("http/1.1"), { program: edge.traefik });
      expect(await statusOf(session)).toBe(421);
    } finally {
      session.close();
    }
    expect((await edge.certificate(host)).serialNumber).toBe(before.serialNumber);
    expect((await edge.visit(host)).status).toBe(200);
  });

  const dial = (host: string): TLSSocket => connect({ ...edge.connection(host), ALPNProtocols: ["h2"] });
});

function statusOf(session: ClientHttp2Session): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":path": "/" });
    stream.on("response", (headers) => resolve(Number(headers[":status"]))).on("error", reject);
    stream.resume();
  });
}
