import { readFileSync } from "node:fs";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { AuthentikContainers } from "../../../../components/sso/containers";
import { readyCommand, AuthentikReady } from "../../../../components/sso/ready";
import { images } from "../../../../versions";
import { Sandbox, stubMachine } from "../../../helpers/unit/machine-stub";
import { deploy, rootCertificate, types } from "../../../helpers/unit/pulumi-mocks";

jest.setTimeout(60_000);

const place = {
  address: "192.168.1.60",
  host: "auth.home.arpa",
  rootFile: "/srv/authentik/roots/root_ca.crt",
  prefix: "authentik",
};

let sandbox: Sandbox | undefined;
afterEach(() => {
  sandbox?.remove();
  sandbox = undefined;
});

/** Runs the command against statuses that come one after the other; the last one stays. `000` is no answer. */
async function run(statuses: string[]) {
  const made = new Sandbox({
    sleep: 'echo "$*" >>"$SLEEPS"',
    curl: `echo "$*" >>"$CALLS"
status=$(head -n 1 "$STATUSES")
[ "$(wc -l <"$STATUSES")" -eq 1 ] || sed -i 1d "$STATUSES"
printf '%s' "$status"
[ "$status" != 000 ]`,
  });
  sandbox = made;
  const env = { CALLS: made.path("calls"), SLEEPS: made.path("sleeps"), STATUSES: made.path("statuses") };
  const command = `cat >"$STATUSES" && ${readyCommand(place)}`;
  const result = await made.run(command, { stdin: statuses.map((status) => `${status}\n`).join(""), env });
  const calls = readFileSync(env.CALLS, "utf8").trimEnd().split("\n");
  return { ...result, calls };
}

test("US3: Authentik is ready when it says so, asked under its name at the machine's address, trusting the private root", async () => {
  const { status, stdout, stderr, calls } = await run(["200"]);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(calls).toEqual([
    "--silent --max-time 10 --output /dev/null --write-out %{http_code} --cacert /srv/authentik/roots/root_ca.crt " +
      "--resolve auth.home.arpa:443:192.168.1.60 https://auth.home.arpa/-/health/ready/",
  ]);
});

test("US3: while it starts, each new answer is told once", async () => {
  const { status, stdout, calls } = await run(["000", "000", "502", "503", "503", "404", "200"]);
  expect(status).toBe(0);
  expect(stdout).toBe(
    [
      "Waiting for Authentik (it answers 000)",
      "Waiting for Authentik (it answers 502)",
      "Waiting for Authentik (it answers 503)",
      "Waiting for Authentik (it answers 404)",
      "",
    ].join("\n"),
  );
  expect(calls).toHaveLength(7);
  expect(readFileSync(sandbox?.path("sleeps") ?? "", "utf8")).toBe("2\n".repeat(6));
});

test("US3: what is not ready after ten minutes stops the update, with the logs to read", async () => {
  const { status, stdout, stderr, calls } = await run(["503"]);
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: "Waiting for Authentik (it answers 503)\n",
    stderr:
      "Authentik is not ready after ten minutes. See what it says, then run the update again:\n" +
      "  sudo docker logs --tail 50 authentik-server\n  sudo docker logs --tail 50 authentik-worker\n",
  });
  expect(calls).toHaveLength(300);
});

test("US3: a redirect, as to a page of the edge, is no readiness", async () => {
  const { stdout } = await run(["302", "200"]);
  expect(stdout).toBe("Waiting for Authentik (it answers 302)\n");
});

test("US3: another container, or machine, is waited for again, once the edge serves it", async () => {
  const deployed = await deploy(() => {
    const machine = stubMachine();
    const network = new docker.Network("tooling", { name: "tooling" });
    const common = { machine, network, domain: "home.arpa", images, dns: [] };
    const sso = new AuthentikContainers("authentik", { ...common, rootCertificate });
    const edge = new pulumi.ComponentResource("test:index:Edge", "edge");
    return {
      edge,
      machine,
      ready: new AuthentikReady("authentik-ready", { machine, authentik: sso }, { dependsOn: [edge] }),
    };
  });
  const { inputs, options, secrets } = deployed.get(types.command, "authentik-ready");
  const { edge, machine, ready } = deployed.result;
  expect(inputs).toMatchObject({
    create: readyCommand(place),
    triggers: ["machine-1", ["id-of-authentik-database", "id-of-authentik-server", "id-of-authentik-worker"]],
  });
  expect(inputs).not.toHaveProperty("delete");
  expect(secrets).toEqual(["connection"]);
  expect(options).toMatchObject({ parent: ready, deletedWith: machine.resource });
  expect(deployed.get("homelab:sso:Ready", "authentik-ready").options.dependsOn).toEqual([edge]);
});
