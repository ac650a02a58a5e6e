import { Resolver } from "node:dns/promises";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { leadNames, nameServerSettings } from "../../../lab/name-server";
import { findProgram } from "../../../lab/process";
import { network } from "../../../lab/settings";
import { canRun, eventually, freePorts, start } from "../../helpers/contract/programs";

const dnsmasq = findProgram("dnsmasq");
const dnsmasqTest = canRun("dnsmasq", dnsmasq !== undefined) ? test : test.skip;

dnsmasqTest(
  "the lab's DNS server, told where a name leads, says so without a restart, and forgets it again",
  async () => {
    // Closed to others, as the lab's folder is.
    const folder = mkdtempSync(join(tmpdir(), "homelab-names-"));
    const names = join(folder, "names");
    const settings = join(folder, "dnsmasq.conf");
    const [port = 0] = await freePorts(1);
    mkdirSync(names);
    writeFileSync(settings, nameServerSettings({ address: "127.0.0.1", port }, names));
    const program = start(dnsmasq ?? "", ["--keep-in-foreground", "--log-facility=-", `--conf-file=${settings}`]);
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    const leads = (name: string, address: string): Promise<void> =>
      eventually(async () => expect(await resolver.resolve4(name)).toEqual([address]), { seconds: 5, program });
    try {
      await leads("registry.home.arpa", network.toolingVm);
      leadNames(`${network.nas} registry.home.arpa\n`, names);
      await leads("registry.home.arpa", network.nas);
      await expect(resolver.resolve6("registry.home.arpa")).rejects.toMatchObject({ code: "ENODATA" });
      await leads("ca.home.arpa", network.toolingVm);
      await leads("pve-mon.home.arpa", network.gateway);
      leadNames("", names);
      await leads("registry.home.arpa", network.toolingVm);
    } finally {
      await program.stop();
      rmSync(folder, { recursive: true });
    }
  },
);
