import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { labHome, network } from "../../lab/settings";
import { servedCertificate } from "../../lab/summary";
import { changedConfig, exportedState, onMachine, pulumi, Result, run, start, withDocs } from "../helpers/e2e/lab";

const minute = 60_000;
const day = 24 * 60 * minute;

interface Outputs {
  services: { name: string; url: string; issuedInMilliseconds: number }[];
  rootCertificate: string;
  rootFingerprint: string;
}

const outputs = async (): Promise<Outputs> =>
  JSON.parse((await pulumi(["stack", "output", "--json"])).output) as Outputs;

let first: Result;
let before: Outputs;

beforeAll(async () => {
  first = await start();
  expect(first.code).toBe(0);
  before = await outputs();
}, 60 * minute);

test("US5.1: npm start ends by printing each service, its certificate, the root and the next commands", () => {
  for (const { url } of before.services) expect(first.output).toContain(url);
  expect(first.output).toContain(before.rootFingerprint);
  expect(first.output).toContain("root_ca.crt");
  expect(first.output).toContain("npm run lab:down");
});

test("US1.1, CS-001: each service is served with a one-year certificate of its own that the root vouches for", async () => {
  for (const { url } of before.services) {
    const host = new URL(url).hostname;
    const certificate = await servedCertificate(host, before.rootCertificate);
    expect(certificate.subjectaltname).toBe(`DNS:${host}`);
    expect(certificate.issuer.CN).toBe("Homelab Intermediate CA");
    const life = Date.parse(certificate.valid_to) - Date.parse(certificate.valid_from);
    expect(Math.round(life / day)).toBe(365);
  }
});

test("EF-003: the root is in a file, and the CA hands it out itself", async () => {
  expect(readFileSync(join(labHome, "root_ca.crt"), "utf8").trim()).toBe(before.rootCertificate.trim());
  const served = await onMachine(
    "curl -s --cacert /srv/edge/root_ca.crt https://ca.home.arpa/roots.pem --resolve ca.home.arpa:443:198.18.60.60",
  );
  expect(served.output).toContain(before.rootCertificate.trim());
});

test(
  "US5.1: a second npm start changes nothing",
  async () => {
    const second = await start();
    expect(second.code).toBe(0);
    expect(second.output).toContain("no changes");
    expect((await pulumi(["drift"])).code).toBe(0);
  },
  5 * minute,
);

test("Security: no secret in clear in state, output or container settings", async () => {
  const state = await exportedState();
  const token = readFileSync(join(labHome, "keys", "api-token"), "utf8");
  const inspected = (await onMachine("sudo docker inspect $(sudo docker ps -aq); sudo ps axww")).output;
  for (const text of [first.output, state, inspected]) {
    expect(text).not.toContain("PRIVATE KEY");
    expect(text).not.toContain(token);
  }
});

test("A6: who routes through the VM reaches no container, which the VM itself does", async () => {
  const inspect = "sudo docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' pki-step-ca";
  const address = (await onMachine(inspect)).output.trim();
  const ask = ["curl", "--silent", "--insecure", "--max-time", "5", `https://${address}:9000/health`];
  expect((await onMachine(ask.join(" "))).output).toContain("ok");
  const route = [`${address}/32`, "via", network.toolingVm];
  expect((await run("ip", ["route", "add", ...route])).code).toBe(0);
  try {
    const [curl = "", ...args] = ask;
    expect(await run(curl, args)).toEqual({ code: 28, output: "" }); // no answer in time
  } finally {
    await run("ip", ["route", "del", ...route]);
  }
});

test("Security: user data and keys on the machine are closed to other users", async () => {
  const modes = await onMachine(
    "sudo stat -c '%a %u %n' /var/lib/cloud/instance/user-data.txt /srv/pki/secrets/intermediate_ca_key /etc/ssh/ssh_host_ed25519_key",
  );
  expect(modes.output.trim().split("\n")).toEqual([
    "600 0 /var/lib/cloud/instance/user-data.txt",
    "400 1000 /srv/pki/secrets/intermediate_ca_key",
    "600 0 /etc/ssh/ssh_host_ed25519_key",
  ]);
  expect((await onMachine("sudo find /srv /home /root -name '*root*key*'")).output.trim()).toBe("");
});

test("Security: only SSH, HTTP and HTTPS listen on the machine", async () => {
  const listening = await onMachine("sudo ss -Hltn | awk '{print $4}' | grep -v '^127\\.' | sed 's/.*://' | sort -nu");
  expect(listening.output.trim().split(/\s+/)).toEqual(["22", "80", "443"]);
});

test(
  "US1.4, CS-002: a new catalogue entry has its certificate within 5 s",
  async () => {
    expect((await start(withDocs)).code).toBe(0);
    const docs = (await outputs()).services.find(({ name }) => name === "docs");
    expect(docs?.issuedInMilliseconds).toBeLessThan(5000);
    const certificate = await servedCertificate("docs.home.arpa", before.rootCertificate);
    expect(certificate.subjectaltname).toBe("DNS:docs.home.arpa");
  },
  5 * minute,
);

test(
  "US5.2: a container removed and a key opened by hand are found by a refresh and set right",
  async () => {
    const caKey = "/srv/pki/secrets/intermediate_ca_key";
    expect((await onMachine(`sudo docker rm -f edge-traefik && sudo chmod 0444 ${caKey}`)).code).toBe(0);
    const comment = await pulumi(["drift", "--markdown"]);
    expect(comment.code).toBe(7);
    expect(comment.output).toContain("<!-- homelab-drift:lab -->\n## Drift of `lab`: 1 changed, 1 gone\n");
    expect(comment.output).toContain("\n#### 1 gone\n\n- `docker:Container` `edge-traefik`\n");
    // Without the entry of the test before.
    expect((await pulumi(["up", "--refresh", "--yes"])).code).toBe(0);
    expect((await onMachine(`sudo stat -c %a ${caKey}`)).output.trim()).toBe("400");
    await servedCertificate("grafana.home.arpa", before.rootCertificate);
  },
  5 * minute,
);

test(
  "US5.2, EF-005: a VM deleted behind Pulumi's back is rebuilt with the same root",
  async () => {
    expect((await run("npm", ["run", "--silent", "lab:destroy-vm"])).code).toBe(0);
    expect((await start()).code).toBe(0);
    expect((await outputs()).rootFingerprint).toBe(before.rootFingerprint);
    await servedCertificate("grafana.home.arpa", before.rootCertificate);
    expect((await pulumi(["preview", "--expect-no-changes"])).code).toBe(0);
  },
  10 * minute,
);

test(
  "Bad input: a VMID that is taken stops the update before anything changes",
  async () => {
    const taken = changedConfig((config) => {
      (config["homelab:toolingVm"] as Record<string, unknown>).vmId = 153;
    });
    const result = await start({ ...taken });
    expect(result.code).not.toBe(0);
    await servedCertificate("grafana.home.arpa", before.rootCertificate);
  },
  5 * minute,
);

test(
  "destroy leaves nothing in the state, in the Proxmox API and on Docker",
  async () => {
    expect((await run("npm", ["run", "--silent", "lab:destroy"])).code).toBe(0);
    const state = JSON.parse(await exportedState()) as { deployment: { resources?: unknown[] } };
    expect(state.deployment.resources ?? []).toHaveLength(0);
    const status = await run("npm", ["run", "--silent", "lab:status"]);
    expect(status.output).toMatch(/Machine +none/);
  },
  10 * minute,
);

test(
  "npm run lab:down removes everything the lab made",
  async () => {
    expect((await run("npm", ["run", "--silent", "lab:down"])).code).toBe(0);
    expect(existsSync(labHome)).toBe(false);
  },
  5 * minute,
);
