import { readFileSync, utimesSync, writeFileSync } from "node:fs";

import { waitCommand } from "../../../../components/edge/certificate";
import { Sandbox } from "../../../helpers/unit/machine-stub";

/** The wait for a certificate, run for real with shims for what asks the edge. */
describe("the wait for a service's certificate", () => {
  // `openssl s_client` fails until it was called $FAILURES times.
  const openssl = `echo "$@" >> "\${0%/*}/calls"; [ "$(wc -l < "\${0%/*}/calls")" -gt "$FAILURES" ]`;
  const docker = `echo "$@" >> "\${0%/*}/docker-calls"
    echo '{"error":"unable to get certificate for other.home.arpa"}'
    i=0; while [ $i -lt 5 ]; do i=$((i + 1)); echo "{\\"error\\":\\"attempt $i: no such host grafana.home.arpa\\"}" >&2; done`;
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox({ openssl, docker, sleep: `echo "$1" >> "\${0%/*}/sleeps"` });
    writeFileSync(sandbox.path("grafana.yml"), "route");
  });
  afterEach(() => sandbox.remove());

  const wait = (failures: number) => {
    const command = waitCommand({
      machine: { address: "192.168.1.60" },
      host: "grafana.home.arpa",
      routeFile: sandbox.path("grafana.yml"),
      rootFile: "/srv/edge/root_ca.crt",
      dns: ["192.168.1.1", "192.168.1.2"],
      container: "edge-traefik",
    });
    return sandbox.run(command, { env: { FAILURES: String(failures) } });
  };
  const lines = (file: string) => readFileSync(sandbox.path(file), "utf8").trim().split("\n");

  test("asks for the name by SNI and takes no certificate but one for it, from the root (CS-001)", async () => {
    expect((await wait(0)).status).toBe(0);
    expect(lines("calls")).toEqual([
      "s_client -connect 192.168.1.60:443 -servername grafana.home.arpa -verify_hostname grafana.home.arpa " +
        "-CAfile /srv/edge/root_ca.crt -verify_return_error",
    ]);
  });

  test("prints the milliseconds since the route appeared, and asks five times a second (CS-002)", async () => {
    const placed = Date.now();
    const result = await wait(3);
    expect(result).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\n$/), stderr: "" });
    expect(Number(result.stdout)).toBeLessThanOrEqual(Date.now() - placed + 100);
    expect(lines("sleeps")).toEqual(["0.2", "0.2", "0.2"]);
  });

  test("the age of an old route is not taken for the time to issue a certificate (CS-002)", async () => {
    utimesSync(sandbox.path("grafana.yml"), 0, 0);
    expect(Number((await wait(0)).stdout)).toBeLessThan(30_000);
  });

  test("fails after half a minute with the likely reason and Traefik's own last words on the name (US1, EC-2)", async () => {
    const result = await wait(1000);
    expect(result).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "No certificate for grafana.home.arpa after 30 s. step-ca has to reach the edge under that name: check that the " +
        "DNS server (192.168.1.1, 192.168.1.2) answers grafana.home.arpa with 192.168.1.60, then run the update again. " +
        "Traefik says:\n" +
        [3, 4, 5].map((attempt) => `{"error":"attempt ${attempt}: no such host grafana.home.arpa"}\n`).join(""),
    });
    expect(lines("calls")).toHaveLength(150);
    expect(lines("docker-calls")).toEqual(["logs --tail 50 edge-traefik"]);
  });
});
