import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { gib } from "../../../config/size";
import { askProxmox, liveGuests } from "../../../policies/proxmox-guests";
import { types } from "../../../policies/types";
import { judge, messages, notYetKnown, secret, urnOf, type TestResource } from "../../helpers/policy/harness";
import {
  apiToken,
  guests,
  inventory,
  listing,
  machine,
  provider,
  reported,
  withProxmox,
} from "../../helpers/policy/house";

const tooling = { name: "tooling", vmId: 160, memory: gib(6), cores: 4 };
const everything = guests.map((guest) => reported(guest));

/** What the policy says of the mission's house where Proxmox lists these guests. */
const judged = (list: readonly object[], resources: readonly TestResource[] = [inventory(), machine()]) =>
  withProxmox(listing(list), ({ endpoint }) =>
    messages("guest-inventory", [provider({ endpoint, apiToken: secret(apiToken) }), ...resources]),
  );

const notCompared = (why: string): string => `\`homelab:guests\` was not compared with Proxmox: ${why}`;

test("guest-inventory: the guests that are declared are there", async () => {
  expect(await judged([...everything, reported(tooling)])).toEqual([]);
});

test("guest-inventory: templates, stopped guests and other nodes need no declaration", async () => {
  const more = [
    reported({ ...tooling, vmId: 900 }, { template: 1 }),
    reported({ ...tooling, vmId: 901 }, { status: "stopped" }),
    reported({ ...tooling, vmId: 902 }, { node: "pve-2" }),
  ];
  expect(await judged([...everything, ...more])).toEqual([]);
});

test("guest-inventory: a guest whose node is offline is there, and its size unknown", async () => {
  const offline = guests.map(({ vmId }) => ({ type: "qemu", vmid: vmId, node: "pve-mon", status: "unknown" }));
  expect(await judged(offline)).toEqual([]);
});

test("guest-inventory: declared, but not there", async () => {
  expect(await judged(everything.slice(0, 2))).toEqual([
    "guests are declared in `homelab:guests`, but not in Proxmox; remove them, or correct their `vmId`:\n" +
      "- monitoring (VMID 103)\n- media (VMID 104)",
  ]);
});

test("guest-inventory: there, but not declared", async () => {
  const dns = reported({ name: "dns", vmId: 120, memory: gib(0.5), cores: 1 }, { id: "lxc/120", type: "lxc" });
  expect(await judged([...everything, dns])).toEqual([
    "guests are running, but not declared; add them to `homelab:guests`, or stop them:\n" +
      "- dns (VMID 120): 512 MiB, cores: 1, on pve-mon",
  ]);
});

test("guest-inventory: of another size, or on another node", async () => {
  const differing = [
    reported({ name: "pihole", vmId: 101, memory: gib(1), cores: 1 }),
    reported({ name: "home-assistant", vmId: 102, memory: gib(2), cores: 4 }),
    reported({ name: "monitoring", vmId: 103, memory: gib(4), cores: 4 }, { node: "pve-2" }),
    reported({ name: "media", vmId: 104, memory: gib(8), cores: 4 }),
  ];
  expect(await judged(differing)).toEqual([
    "guests are not as `homelab:guests` declares them; correct it, or the guests:\n" +
      "- pihole (VMID 101): 1 GiB of memory, declared 512 MiB\n" +
      "- home-assistant (VMID 102): 2 GiB of memory, declared 4 GiB; cores: 4, declared 2",
    "guests are on another node than `homelab:guests` says; move them back, or take them out of it:\n" +
      "- monitoring (VMID 103): on pve-2 instead of pve-mon",
  ]);
});

test("guest-inventory: a VMID that two guests have", async () => {
  const twice = inventory([...guests, { name: "nas", vmId: 104, memory: gib(8), cores: 4 }]);
  expect(await judged(everything, [twice, machine()])).toEqual([
    "VMID 104 is given to media and to nas; each guest needs one of its own: correct `homelab:guests` or the `vmId` of the " +
      "stack's VM",
  ]);
});

const lacksAudit = notCompared(
  "it shows the API token none of the declared guests; most likely the token lacks VM.Audit on /vms; give it to the token " +
    "and to its user: pveum acl modify /vms --roles PVEAuditor --users pulumi@pve --tokens 'pulumi@pve!homelab'",
);

test("guest-inventory: an empty list is a token that may not look", async () => {
  expect(await judged([])).toEqual([lacksAudit]);
  expect(await judged([reported(tooling)])).toEqual([lacksAudit]);
});

test("guest-inventory: an empty house has nothing to compare", async () => {
  expect(await judged([], [inventory([])])).toEqual([]);
});

describe("guest-inventory: where the comparison can't be made, it says so", () => {
  const noProvider = "the stack has no Proxmox provider; make one with `endpoint` and `apiToken`";
  const unknown = (input: string): string =>
    `the Proxmox provider's ${input} is not known before the update; take it from the stack's config`;
  const endpoint = "http://127.0.0.1:9";

  test.each<[string, TestResource[], string]>([
    ["no provider", [inventory()], noProvider],
    ["no token", [inventory(), provider({ endpoint })], unknown("`apiToken`")],
    ["a token that isn't known", [inventory(), provider({ endpoint, apiToken: notYetKnown })], unknown("`apiToken`")],
    [
      "an endpoint that isn't known",
      [inventory(), provider({ endpoint: notYetKnown, apiToken })],
      unknown("`endpoint`"),
    ],
    ["no inventory", [machine()], "the stack has no inventory (components/inventory.ts)"],
    ["an inventory that isn't known", [inventory(notYetKnown)], "its inventory is not known before the update"],
  ])("%s", async (_, stack, why) => {
    expect(await messages("guest-inventory", stack)).toEqual([notCompared(why)]);
  });

  test.each<[number, string]>([
    [401, "refused the API token (401); check `homelab:proxmoxApiToken`, and that the token has not expired"],
    [403, "denied the API token access (403); check the token's rights in Proxmox"],
    [302, "answered 302; check `homelab:proxmox.endpoint`, and Proxmox's own log"],
    [500, "answered 500; check `homelab:proxmox.endpoint`, and Proxmox's own log"],
  ])("status %d", async (status, why) => {
    await withProxmox(
      (response, { headers }) => void response.writeHead(status, { "x-echo": headers.authorization }).end(apiToken),
      async ({ endpoint, requests }) => {
        const found = await messages("guest-inventory", [provider({ endpoint, apiToken }), inventory()]);
        expect(found).toEqual([notCompared(`${endpoint} ${why}`)]);
        expect(requests).toHaveLength(1);
      },
    );
  });

  test.each([
    ["no JSON", "<html>"],
    ["another shape", '{"data": {}}'],
    ["guests without VMIDs", '{"data": [{"node": "pve-mon", "status": "running"}]}'],
    ["nothing", ""],
  ])("an answer of %s", async (_, body) => {
    await withProxmox(
      (response) => void response.end(body),
      async ({ endpoint }) => {
        const failure = `${endpoint} did not answer like Proxmox; check that \`homelab:proxmox.endpoint\` is its API`;
        expect(await askProxmox(endpoint, apiToken)).toEqual({ failure });
      },
    );
  });

  test("nobody listens", async () => {
    const closed = await withProxmox(listing([]), ({ endpoint }) => Promise.resolve(endpoint));
    expect(await askProxmox(closed, apiToken)).toEqual({
      failure: `${closed} cannot be reached (ECONNREFUSED); check that it is on and \`homelab:proxmox.endpoint\``,
    });
  });

  test("no answer in time, which is not waited for twice", async () => {
    await withProxmox(
      () => undefined,
      async ({ endpoint, requests }) => {
        expect(await askProxmox(endpoint, apiToken, 100)).toEqual({
          failure: `${endpoint} did not answer in time; check that it is on and reachable`,
        });
        expect(requests).toHaveLength(1);
      },
    );
  });

  test("a certificate that this computer does not trust", async () => {
    const folder = mkdtempSync(join(tmpdir(), "guests-"));
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    const subject = ["-subj", "/CN=node", "-addext", "subjectAltName=IP:127.0.0.1"];
    const options = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    execFileSync("openssl", [...options, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
    const seen: unknown[] = [];
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request) => seen.push(request));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await askProxmox(`${origin}/`, apiToken)).toEqual({
      failure:
        `${origin} cannot be trusted (DEPTH_ZERO_SELF_SIGNED_CERT); put the node's /etc/pve/pve-root-ca.pem into the file ` +
        "that SSL_CERT_FILE names, and use an address that its certificate holds",
    });
    expect(seen).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  test.each(["11111111-2222-3333-4444-555555555555", "pulumi@pve!homelab=1111\n2222", "pulumi@pve!homelab="])(
    "the token %j, without telling it",
    async (token) => {
      expect(await askProxmox("http://127.0.0.1:9", token)).toEqual({
        failure: "the API token is not of the form user@realm!name=secret; check `homelab:proxmoxApiToken`",
      });
    },
  );

  test.each(["192.168.1.10:8006", "https://root:secret@192.168.1.10:8006", "file:///etc"])(
    "the endpoint %j, without telling it",
    async (address) => {
      expect(await askProxmox(address, apiToken)).toEqual({
        failure: "the endpoint is not a web address; check `homelab:proxmox.endpoint`",
      });
    },
  );
});

test("guest-inventory: a connection that breaks is tried once more", async () => {
  let calls = 0;
  await withProxmox(
    (response) => void (calls++ === 0 ? response.destroy() : listing(everything)(response, response.req)),
    async ({ endpoint }) => {
      expect(await askProxmox(endpoint, apiToken)).toMatchObject({ guests: guests.map(({ vmId }) => ({ vmId })) });
    },
  );
  expect(calls).toBe(2);
});

test("guest-inventory: a connection that breaks again is given up", async () => {
  await withProxmox(
    (response) => void response.destroy(),
    async ({ endpoint, requests }) => {
      expect(await askProxmox(endpoint, apiToken)).toEqual({
        failure: `${endpoint} cannot be reached (UND_ERR_SOCKET); check that it is on and \`homelab:proxmox.endpoint\``,
      });
      expect(requests).toHaveLength(2);
    },
  );
});

test("guest-inventory: the token follows no redirect", async () => {
  await withProxmox(
    (response, { url }) => {
      if (url === "/elsewhere") listing(everything)(response, response.req);
      else response.writeHead(302, { location: "/elsewhere" }).end();
    },
    async ({ endpoint, requests }) => {
      expect(await askProxmox(endpoint, apiToken)).toEqual({
        failure: `${endpoint} answered 302; check \`homelab:proxmox.endpoint\`, and Proxmox's own log`,
      });
      expect(requests).toHaveLength(1);
    },
  );
});

test("guest-inventory: of several Proxmox providers, that of the stack's VMs is asked", async () => {
  await withProxmox(listing(everything), async ({ endpoint }) => {
    const other = { ...provider({ endpoint: "http://127.0.0.1:9", apiToken }), name: "other" };
    const vm = { ...machine(), provider: urnOf(types.proxmoxProvider, "proxmox") };
    expect(await messages("guest-inventory", [other, provider({ endpoint, apiToken }), inventory(), vm])).toEqual([]);
  });
});

test("guest-inventory: Proxmox is asked once for the whole pack, as its API wants it", async () => {
  await withProxmox(listing(everything), async ({ endpoint, requests }) => {
    await judge([provider({ endpoint: `${endpoint}/`, apiToken }), inventory(), machine()]);
    await liveGuests(`${endpoint}/`, apiToken);
    expect(requests.filter(({ url }) => url?.includes("/cluster/resources"))).toEqual([
      { url: "/api2/json/cluster/resources", authorization: `PVEAPIToken=${apiToken}` },
    ]);
  });
});

test("guest-inventory: no message holds the token's secret", async () => {
  const [, value = ""] = apiToken.split("=");
  for (const list of [[], everything.slice(1), [...everything, reported({ ...tooling, vmId: 120 })]]) {
    for (const message of await judged(list)) expect(message).not.toContain(value);
  }
});
