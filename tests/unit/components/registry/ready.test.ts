import { readyCommand } from "../../../../components/registry/ready";
import { Sandbox } from "../../../helpers/unit/machine-stub";

const command = readyCommand({
  address: "192.168.1.60",
  host: "registry.home.arpa",
  rootFile: "/srv/root.crt",
  prefix: "harbor",
});

const health = (...unhealthy: string[]): string => {
  const components = ["core", "jobservice", "redis", "trivy"].map((name) => {
    const status = unhealthy.includes(name) ? "unhealthy" : "healthy";
    return { ...(status === "unhealthy" && { error: "refused" }), name, status };
  });
  return JSON.stringify({ components, status: unhealthy.length === 0 ? "healthy" : "unhealthy" });
};

let sandbox: Sandbox;
afterEach(() => sandbox.remove());

/** Runs the command against answers that come one after the other; the last one stays. */
function run(answers: string[]) {
  const cases = answers.map((answer, index) => `${index + 1}) printf '%s' '${answer}' ;;`).join("\n");
  const last = answers.length;
  sandbox = new Sandbox({
    sleep: "exit 0",
    curl: `count=$(($(cat "$COUNT" 2>/dev/null || echo 0) + 1)); echo $count >"$COUNT"; echo "$*" >>"$COUNT.calls"
[ "$count" -le ${last} ] || count=${last}
case $count in
${cases}
esac`,
  });
  return sandbox.run(command, { env: { COUNT: sandbox.path("count") } });
}

test("CS-003: Harbor is ready when all its parts are healthy, asked under its name at the machine's address", async () => {
  const { status, stdout } = await run(["", health("jobservice", "trivy"), health("trivy"), health()]);
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: "Waiting for Harbor: core \nWaiting for Harbor: jobservice trivy \nWaiting for Harbor: trivy \n",
  });
});

test("CS-003: what stays unhealthy stops the update, with the logs to read", async () => {
  const { status, stderr } = await run([health("redis", "trivy")]);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr:
      "Harbor is not healthy after two minutes. See what its parts say, then run the update again:\n" +
      "  sudo docker logs --tail 50 harbor-valkey\n  sudo docker logs --tail 50 harbor-trivy\n",
  });
});

test("CS-003: an error page of the edge is no sign of health", async () => {
  const { status, stderr } = await run(["Bad Gateway"]);
  expect(status).toBe(1);
  expect(stderr).toContain("harbor-core");
});
