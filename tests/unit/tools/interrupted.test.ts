import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { shellQuote } from "../../../providers/host/shell";
import { clearInterrupted } from "../../../tools/interrupted";
import type { RemoteShell } from "../../../tools/remote-shell";
import type { Outcome } from "../../../tools/run";
import type { StateResource } from "../../../tools/stack";
import { programStack } from "../../helpers/policy/program";
import { Sandbox } from "../../helpers/unit/machine-stub";

const urn = (name: string): string => `urn:pulumi:lab::homelab::${name}`;
const resource = (type: string, name: string, inputs = {}, more = {}): StateResource => ({
  urn: urn(name),
  type,
  inputs,
  ...more,
});
const docker = (name: string, address: string): StateResource =>
  resource("pulumi:providers:docker", `${name}-docker`, { host: `ssh://ops@${address}` }, { id: "5e3a" });
const on = (machine: string): object => ({ provider: `${urn(`${machine}-docker`)}::5e3a` });
const container = (name: string, more = {}): StateResource =>
  resource("docker:index/container:Container", name, { name }, { ...on("tooling"), ...more });
const vm = resource("proxmoxve:index/vmLegacy:VmLegacy", "tooling", {}, { id: "160" });
/** What every state has: the stack, and the machines, whether they are there or not. */
const always = [
  resource("pulumi:pulumi:Stack", "homelab-lab"),
  resource("homelab:host:ToolingVm", "tooling", { vm: { address: "192.168.1.60" } }),
  docker("tooling", "192.168.1.60"),
  docker("nas", "192.168.1.54"),
];
const network = (more = {}): StateResource =>
  resource("docker:index/network:Network", "harbor", { name: "harbor" }, { ...on("tooling"), ...more });
const file = resource("command:remote:Command", "edge-routes");
const job = resource(
  "proxmoxve:backup/job:Job",
  "tooling-backup",
  { resourceId: "tooling" },
  { parent: urn("vm"), provider: `${urn("proxmox")}::2f1c` },
);

/** Docker's list of what exists, a line each: `kind label id name`. The shim knows only what the scripts ask. */
const shim = `all="$0.all"; printf '%s\\n' "$*" >>"$0.calls"
case "$1 $2" in
  "ps --all"|"network ls")
    for option; do case $option in label=*) label=\${option#label=} ;; --no-trunc) long=yes ;; esac; done
    [ "$1" = ps ] && kind=container || kind=network
    while read -r k l i n; do
      [ "$k" = $kind ] && [ "\${label:-$l}" = "$l" ] && [ "$long" = yes ] && echo "$k $i $n"
    done <"$all"; true ;;
  "stop -t") grep -q " $4 " "$all" ;;
  "rm "*) grep -v " $2 " "$all" >"$all.new"; mv "$all.new" "$all" ;;
  "network rm") [ ! -f "$0.busy" ] || { echo "network $3 has active endpoints" >&2; exit 1; }
    grep -v " $3 " "$all" >"$all.new"; mv "$all.new" "$all" ;;
  *) exit 99 ;;
esac`;

let programs: Sandbox;
let calls: string[];
let told: string[];
let refreshEnds: Outcome;
let importEnds: Outcome;
beforeEach(() => {
  programs = new Sandbox({ docker: shim });
  [calls, told] = [[], []];
  refreshEnds = importEnds = { code: 0, stdout: "", stderr: "" };
  exists(programs, "container arpa.home.machine 1 harbor-core", "container arpa.home.machine 2 other");
});
afterEach(() => programs.remove());

const exists = (on: Sandbox, ...lines: string[]): void => writeFileSync(on.path("docker.all"), `${lines.join("\n")}\n`);
const left = (on = programs): string[] => readFileSync(on.path("docker.all"), "utf8").split("\n").filter(Boolean);
const asked = (): string[] =>
  existsSync(programs.path("docker.calls")) ? readFileSync(programs.path("docker.calls"), "utf8").split("\n") : [];

const shell =
  (machine: Sandbox): RemoteShell =>
  async (command) => {
    const { status: code, stdout, stderr } = await machine.run(command.map(shellQuote).join(" "));
    return { code, stdout, stderr };
  };
const refused = (address: string): Promise<Outcome> =>
  Promise.reject(new Error(`cannot log in to ops@${address}: Connection refused`));

/** The stack after an update that was killed while it made `halfMade`. */
const clear = (
  halfMade: StateResource[],
  own = [vm],
  reach: (address: string) => RemoteShell = () => shell(programs),
): Promise<void> => {
  const resources = [...always, ...own];
  const pending = halfMade.map((each) => ({ type: "creating", resource: each }));
  const stdout = JSON.stringify({ deployment: { resources, pending_operations: pending } });
  const pulumi = async (args: readonly string[]): Promise<Outcome> => {
    calls.push(args.join(" "));
    if (args[0] === "import") return importEnds;
    return args[0] === "stack" ? { code: 0, stdout, stderr: "" } : refreshEnds;
  };
  return clearInterrupted(
    pulumi,
    { resources, halfMade, ids: new Set() },
    (line) => told.push(line),
    (_pulumi, address) => reach(address),
  );
};

const forgotten =
  "refresh --yes --skip-preview --non-interactive --suppress-progress --color never " +
  `--target ${urn("homelab-lab")} --clear-pending-creates`;

describe("an update after one that was killed", () => {
  it("removes the containers that were half-made, asked to end first, and Pulumi forgets them", async () => {
    await clear([container("harbor-core"), container("harbor-portal"), file]);
    expect(left()).toEqual(["container arpa.home.machine 2 other"]);
    expect(asked()).toContain("stop -t 30 1");
    expect(told).toEqual(["The last update was killed while it made harbor-core: removed, to be made anew."]);
    expect(calls).toEqual(["stack export --non-interactive", forgotten]);
  });

  const old = { id: "0", pendingReplacement: true };
  const replaced = container("harbor-core", old);
  const both = ["container arpa.home.machine 1 harbor-core", "container arpa.home.machine 2 other"];
  const others = ["container arpa.home.machine 2 other"];
  const nets = (...ids: number[]): string[] => ids.map((id) => `network arpa.home.machine ${id} harbor`);

  /** Each half-way state that Pulumi leaves: what is pending, what the state has, what is on the machine, what stays there. */
  it.each<[string, StateResource[], StateResource[], string[], string[], "forgets" | "keeps"]>([
    ["a container's first creation, before it is there", [container("harbor-core")], [], others, others, "forgets"],
    ["a container's first creation, when it is there", [container("harbor-core")], [], both, others, "forgets"],
    [
      "its replacement before the old one was deleted",
      [],
      [container("harbor-core", { id: "1" })],
      both,
      both,
      "keeps",
    ],
    ["between the deletion and the creation", [], [replaced], others, others, "keeps"],
    [
      "the same, and a backup brought the old one back",
      [],
      [replaced],
      ["container arpa.home.machine 0 harbor-core"],
      [],
      "keeps",
    ],
    ["while the new one was made", [container("harbor-core")], [replaced], both, others, "forgets"],
    ["the same, and a person cleared what was pending", [], [replaced], both, others, "keeps"],
    [
      "its creation, and a later update made it",
      [container("harbor-core")],
      [container("harbor-core", { id: "1" })],
      both,
      both,
      "forgets",
    ],
    [
      "its creation, with the old one waiting for its deletion",
      [container("harbor-core")],
      [container("harbor-core", { id: "1", delete: true })],
      both,
      both,
      "forgets",
    ],
    ["a network's first creation", [network()], [], nets(7), [], "forgets"],
    ["a network's replacement, while the new one was made", [network()], [network(old)], nets(7), [], "forgets"],
    [
      "a network's creation beside one of its name",
      [network()],
      [network({ id: "7" })],
      nets(7, 8),
      nets(7),
      "forgets",
    ],
    ["a file's creation", [file], [], both, both, "forgets"],
    ["a file's replacement", [file], [{ ...file, ...old }], both, both, "forgets"],
    ["an image's pull", [resource("docker:index/remoteImage:RemoteImage", "x")], [], both, both, "forgets"],
    ["a component's creation", [resource("homelab:pki:Pki", "x")], [], both, both, "forgets"],
    ["a provider's creation", [resource("pulumi:providers:docker", "x")], [], both, both, "forgets"],
    ["a key's creation", [resource("tls:index/privateKey:PrivateKey", "x")], [], both, both, "forgets"],
    ["an object of a service", [resource("pulumi-nodejs:dynamic/harbor:Project", "x")], [], both, both, "forgets"],
    ["the VM image's download", [resource("proxmoxve:download/file:File", "x")], [], both, both, "forgets"],
    ["the VM's snippet", [resource("proxmoxve:index/fileLegacy:FileLegacy", "x")], [], both, both, "forgets"],
    ["rights on Proxmox", [resource("proxmoxve:index/acl:Acl", "x")], [], both, both, "forgets"],
    ["a backup job that a later update made", [job], [{ ...job, id: "tooling" }], both, both, "forgets"],
  ])("A8: killed in %s", async (_, halfMade, resources, before, after, pending) => {
    exists(programs, ...before);
    await clear(halfMade, [vm, ...resources]);
    expect(left()).toEqual(after);
    expect(calls.some((call) => call.endsWith(" --clear-pending-creates"))).toBe(pending === "forgets");
  });

  const asksForJob =
    "import proxmoxve:backup/job:Job tooling-backup-made tooling --non-interactive --color never " +
    `--generate-code=false --preview-only --provider provider=${urn("proxmox")}`;
  const takesJob =
    "import proxmoxve:backup/job:Job tooling-backup tooling --non-interactive --color never --generate-code=false " +
    `--yes --skip-preview --protect=false --parent parent=${urn("vm")} --provider provider=${urn("proxmox")}`;

  it("A8: takes over a backup job, of which Proxmox makes one only", async () => {
    await clear([job]);
    expect(calls).toEqual(["stack export --non-interactive", asksForJob, takesJob, forgotten]);
    expect(told).toEqual(["The last update was killed while it made tooling-backup: it is there, and taken over."]);
  });

  it.each([
    ["a backup job", job, 255, "error: Unable to Import Backup Job: 400 (id: No such job 'tooling')"],
    [
      "a realm",
      resource("proxmoxve:realm/openid:Openid", "x", { realm: "authentik" }),
      0,
      "warning: proxmoxve:realm/openid:Openid resource 'x-made' has a problem: Missing required property 'realm'",
    ],
    ["a group", resource("proxmoxve:index/groupLegacy:GroupLegacy", "x", { groupId: "a" }), 255, "'a' does not exist"],
  ])("A8: forgets %s that Proxmox does not have", async (_, halfMade, code, stderr) => {
    importEnds = { code, stdout: "", stderr };
    await clear([halfMade]);
    expect(calls).toEqual(["stack export --non-interactive", expect.stringContaining("--preview-only"), forgotten]);
    expect(told).toEqual([]);
  });

  it("A8: of every type that the program makes, it is known what to do", async () => {
    const inputsOf = new Map((await programStack()).map(({ type, inputs }) => [type, inputs]));
    expect(inputsOf.size).toBeGreaterThan(60);
    await clear(
      [...inputsOf].map(([type, inputs]) => resource(type, type, inputs)),
      [],
    );
    expect(told.sort()).toEqual(
      ["backup/job:Job", "index/groupLegacy:GroupLegacy", "realm/openid:Openid"].map(
        (type) => `The last update was killed while it made proxmoxve:${type}: it is there, and taken over.`,
      ),
    );
  }, 180_000);

  it("A8: leaves the state as it was where Proxmox cannot be asked, and says so", async () => {
    importEnds = { code: 255, stdout: "", stderr: "error: connection refused\n" };
    await clear([job]);
    expect(calls).toEqual(["stack export --non-interactive", asksForJob]);
    expect(told).toEqual([
      "The last update was killed while it made tooling-backup, and whether it is there is not known: " +
        "error: connection refused\nSee docs/runbooks/interrupted-update.md.",
    ]);
  });

  it("leaves a container and a network of that name that this program did not make", async () => {
    const foreign = ["container somebody 1 harbor-core", "network - 7 harbor"];
    exists(programs, ...foreign);
    await clear([container("harbor-core"), network()]);
    expect(left()).toEqual(foreign);
  });

  it("does not ask the machine where nothing on it was half-made", async () => {
    await clear([file]);
    expect([...asked(), ...told]).toEqual([]);
    expect(calls).toEqual(["stack export --non-interactive", forgotten]);
  });

  it("does nothing where nothing was half-made", async () => {
    await clear([]);
    expect([...calls, ...asked(), ...told]).toEqual([]);
  });

  it.each([
    ["gone", []],
    ["being replaced", [{ ...vm, pendingReplacement: true }]],
  ])("asks no VM that is %s, and takes over what Proxmox has", async (_, resources) => {
    await clear([container("harbor-core"), job], resources);
    expect(calls).toEqual(["stack export --non-interactive", asksForJob, takesJob, forgotten]);
    expect(asked()).toEqual([]);
  });

  it("says what is in the way when the machine cannot be reached, and goes on", async () => {
    await clear([container("harbor-core")], [vm], (address) => () => refused(address));
    expect(told).toEqual([
      "The last update was killed while it made harbor-core, and what is left of it could not be removed: " +
        "cannot log in to ops@192.168.1.60: Connection refused\nSee docs/runbooks/interrupted-update.md.",
    ]);
    expect(calls).toEqual(["stack export --non-interactive"]);
  });

  describe("with a second machine", () => {
    const edge = (machine: string): StateResource => container("edge-traefik", on(machine));
    const cleared = "The last update was killed while it made edge-traefik: removed, to be made anew.";
    let nas: Sandbox;
    beforeEach(() => {
      nas = new Sandbox({ docker: shim });
      for (const each of [programs, nas]) exists(each, "container arpa.home.machine 1 edge-traefik");
    });
    afterEach(() => nas.remove());
    const reach = (address: string): RemoteShell => shell(address === "192.168.1.54" ? nas : programs);

    it("A8: removes what was half-made where it was made, and nothing of its name elsewhere", async () => {
      await clear([edge("nas")], [vm], reach);
      expect([left(nas), left()]).toEqual([[], ["container arpa.home.machine 1 edge-traefik"]]);
      expect(told).toEqual([cleared]);
    });

    it("A8: clears that one too while the VM is gone", async () => {
      await clear([edge("tooling"), edge("nas")], [], reach);
      expect([left(nas), asked()]).toEqual([[], []]);
      expect(calls).toEqual(["stack export --non-interactive", forgotten]);
    });

    it("A8: clears those that can be reached, and Pulumi forgets nothing before all can", async () => {
      const login = (address: string) => (address === "192.168.1.54" ? () => refused(address) : reach(address));
      await clear([edge("nas"), edge("tooling")], [vm], login);
      expect([left(nas).length, left()]).toEqual([1, []]);
      expect(told).toEqual([
        "The last update was killed while it made edge-traefik, and what is left of it could not be removed: " +
          "cannot log in to ops@192.168.1.54: Connection refused\nSee docs/runbooks/interrupted-update.md.",
        cleared,
      ]);
      expect(calls).toEqual(["stack export --non-interactive"]);
    });
  });

  it("says why something could not be removed, and goes on", async () => {
    exists(programs, ...nets(7));
    writeFileSync(programs.path("docker.busy"), "");
    await clear([network()]);
    expect(told.join()).toContain("could not be removed: network 7 has active endpoints");
    expect(calls).toEqual(["stack export --non-interactive"]);
  });

  it("ends when Pulumi does not forget", async () => {
    refreshEnds = { code: 1, stdout: "", stderr: "error: the stack is locked\n" };
    await expect(clear([file])).rejects.toThrow("forgetting what was half-made failed:\nerror: the stack is locked");
  });
});
