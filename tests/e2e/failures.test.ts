import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";

import { parse } from "yaml";

import { labHome, projectRoot } from "../../lab/settings";
import { servedCertificate } from "../../lab/summary";
import { ctrlC, interrupted, killTree } from "../helpers/e2e/interruption";
import {
  addDocs,
  changedConfig,
  onConsole,
  pulumi,
  run,
  services,
  Settings,
  start,
  withDocs,
  world,
} from "../helpers/e2e/lab";

const minute = 60_000;

/** How Pulumi says that an update took less; longer ones read like `1m3s`. */
const underAMinute = /Duration: \d+s\n/;

const changedVm = (change: Record<string, unknown>): NodeJS.ProcessEnv =>
  changedConfig((config) => Object.assign(config["homelab:toolingVm"] ?? {}, change));

/** {@link withDocs}, and one entry's upstream elsewhere. */
const moved = changedConfig((config) => {
  addDocs(config);
  const whoami = services(config).find(({ name }) => name === "whoami");
  Object.assign(whoami ?? {}, { upstream: "http://198.18.60.1:3001" });
});

/** One request to the Proxmox API with the program's own token; resolves to the status code. */
function proxmox(method: string, path: string, body = ""): Promise<number> {
  const { endpoint, apiToken } = world().proxmox;
  return new Promise((resolve, reject) => {
    const headers = {
      Authorization: `PVEAPIToken=${apiToken}`,
      "content-type": "application/x-www-form-urlencoded",
      "content-length": Buffer.byteLength(body),
    };
    const ca = readFileSync(world().caFile);
    const sent = request(`${endpoint}api2/json/${path}`, { method, ca, headers }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", reject).end(body);
  });
}

/** Services the lab serves by the plain config, asked with the root that the last deployment published. */
async function expectServed(...more: string[]): Promise<void> {
  const root = readFileSync(join(labHome, "root_ca.crt"), "utf8");
  for (const name of ["grafana", "ca", ...more]) await servedCertificate(`${name}.home.arpa`, root);
}

const fingerprint = async (): Promise<string> => (await pulumi(["stack", "output", "rootFingerprint"])).output.trim();

beforeAll(async () => {
  await run("npm", ["run", "--silent", "lab:down"]);
}, 5 * minute);

describe("Bad input, before the first deployment", () => {
  test(
    "Proxmox unreachable: given up in under a minute, with the address tried",
    async () => {
      const closed = changedConfig((config) =>
        Object.assign(config["homelab:proxmox"] ?? {}, { endpoint: "https://198.18.60.1:9/" }),
      );
      const result = await start(closed);
      expect(result.code).not.toBe(0);
      expect(result.output).toContain("dial tcp 198.18.60.1:9: connect: connection refused");
      expect(result.output).toMatch(underAMinute);
    },
    5 * minute,
  );

  test(
    "image checksum mismatch: refused with both checksums, and no VM is made",
    async () => {
      const wrong = "0".repeat(128);
      const { image } = (parse(readFileSync(join(projectRoot, "Pulumi.lab.yaml"), "utf8")) as { config: Settings })
        .config["homelab:toolingVm"] as { image: { url: string; checksum: string } };
      const result = await start(changedVm({ image: { ...image, checksum: `sha512:${wrong}` } }));
      expect(result.code).not.toBe(0);
      expect(result.output).toContain(`checksum mismatch: got '${image.checksum.replace("sha512:", "")}'`);
      expect(result.output).toContain(wrong);
      expect(await proxmox("GET", "nodes/pve-mon/qemu/160/status/current")).not.toBe(200);
    },
    5 * minute,
  );

  test(
    "API token without rights: says which privilege on which path",
    async () => {
      const elsewhere = changedConfig((config) => Object.assign(config["homelab:proxmox"] ?? {}, { pool: "attic" }));
      const result = await start(elsewhere);
      expect(result.code).not.toBe(0);
      expect(result.output.replace(/\s+/g, " ")).toMatch(
        /the API token may not do on \/pool\/attic what making the VM again takes \(VM\.Allocate/,
      );
    },
    5 * minute,
  );

  test(
    "VMID already taken: says so, and the other guest stays",
    async () => {
      // The rights of phase 2 let the token give itself one, which goes with the guest.
      const own = "path=/vms/160&roles=HomelabVM&users=pulumi@pve&tokens=pulumi@pve!homelab";
      expect(await proxmox("PUT", "access/acl", own)).toBe(200);
      expect(await proxmox("POST", "nodes/pve-mon/qemu", "vmid=160&name=other")).toBe(200);
      const result = await start();
      expect(result.code).not.toBe(0);
      expect(result.output.replace(/\s+/g, " ")).toContain("VM 160 is there, but not in the pool homelab");
      expect(await proxmox("GET", "nodes/pve-mon/qemu/160/status/current")).toBe(200);
      expect(await proxmox("DELETE", "nodes/pve-mon/qemu/160")).toBe(200);
    },
    5 * minute,
  );
});

describe("Interruption at any moment, and a second run", () => {
  // One after the other in one deployment: each next start has to get past the moment before it.
  test(
    "A8: Ctrl-C at the image, killed at the VM, Ctrl-C at its first boot and at a container: the next npm start ends with every service",
    async () => {
      if (existsSync(join(labHome, "state"))) await run("npm", ["run", "--silent", "lab:down"]);
      for (const [moment, interrupt] of [
        ["tooling-image creating", ctrlC],
        ["VmLegacy tooling creating", killTree],
        ["first-boot creating", ctrlC],
        ["docker:index:Container edge-traefik creating", ctrlC],
      ] as const) {
        const result = await interrupted((output) => output.includes(moment), interrupt);
        expect(result.reached).toBe(true);
        expect(result.code).not.toBe(0);
      }
      expect((await start()).code).toBe(0);
      await expectServed();
    },
    15 * minute,
  );
});

describe("Failure of a lab that is up: a clear error, nothing lost", () => {
  const passphrase = join(labHome, "passphrase");
  const aside = `${passphrase}.aside`;
  let root: string;

  beforeAll(async () => {
    expect((await start()).code).toBe(0);
    root = await fingerprint();
  }, 10 * minute);

  /** The lab as it was: nothing to change, the same root. */
  async function expectNothingLost(): Promise<void> {
    expect((await pulumi(["preview", "--expect-no-changes"])).code).toBe(0);
    expect(await fingerprint()).toBe(root);
    await expectServed();
  }

  test(
    "wrong passphrase: says so",
    async () => {
      renameSync(passphrase, aside);
      writeFileSync(passphrase, "wrong", { mode: 0o600 });
      const result = await pulumi(["preview"]).finally(() => renameSync(aside, passphrase));
      expect(result.code).not.toBe(0);
      expect(result.output).toContain("incorrect passphrase");
    },
    2 * minute,
  );

  test(
    "missing passphrase: names the file and makes no other; with the right one back all is there",
    async () => {
      renameSync(passphrase, aside);
      const result = await pulumi(["preview"]);
      const made = existsSync(passphrase);
      renameSync(aside, passphrase);
      expect(result.code).not.toBe(0);
      expect(result.output).toContain(`${passphrase} is missing`);
      expect(made).toBe(false);
      await expectNothingLost();
    },
    2 * minute,
  );

  test(
    "VM unreachable: given up, with the address tried",
    async () => {
      const rule = ["INPUT", "-p", "tcp", "--dport", "22", "-j", "DROP"];
      expect((await onConsole("iptables", "-I", ...rule)).code).toBe(0);
      const result = await start(withDocs);
      await expectServed();
      expect(await fingerprint()).toBe(root);
      expect((await onConsole("iptables", "-D", ...rule)).code).toBe(0);
      expect(result.code).not.toBe(0);
      expect(result.output).toContain("198.18.60.60:22");
      console.info(`VM unreachable, given up: ${/Duration: .*/.exec(result.output)?.[0]}`);
      expect((await start(withDocs)).code).toBe(0);
      await expectServed("docs");
    },
    5 * minute,
  );

  test(
    "disk full on the VM: says so, and the file that was to be written is as before",
    async () => {
      const routes = "/srv/edge/routes";
      const file = `${routes}/whoami.yml`;
      const filled =
        `cp -a ${routes} /run/routes && mount -t tmpfs -o size=64k,mode=0755 full ${routes} && ` +
        `cp -a /run/routes/. ${routes}/ && ! dd if=/dev/zero of=${routes}/filler bs=4k 2>/dev/null`;
      const before = (await onConsole("cat", file)).output;
      expect((await onConsole("sh", "-c", filled)).code).toBe(0);
      const result = await start(moved);
      const after = (await onConsole("cat", file)).output;
      expect((await onConsole("sh", "-c", `umount ${routes} && rm -r /run/routes`)).code).toBe(0);
      expect(result.code).not.toBe(0);
      expect(result.output).toContain("No space left on device");
      expect(after).toBe(before);
      expect((await start(moved)).code).toBe(0);
      expect((await onConsole("cat", file)).output).toContain("http://198.18.60.1:3001");
      expect((await start()).code).toBe(0);
      await expectNothingLost();
    },
    5 * minute,
  );
});
