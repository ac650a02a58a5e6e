import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { shellQuote } from "../../components/shell";
import { clearInterrupted } from "../../tools/interrupted";
import type { Machine } from "../../tools/machine";
import type { Outcome } from "../../tools/run";
import type { StateResource } from "../../tools/stack";
import { Sandbox } from "./machine-stub";

const urn = (name: string): string => `urn:pulumi:lab::homelab::${name}`;
const resource = (type: string, name: string, inputs = {}): StateResource => ({ urn: urn(name), type, inputs });
const container = (name: string): StateResource => resource("docker:index/container:Container", name, { name });
const vm = resource("proxmoxve:index/vmLegacy:VmLegacy", "tooling");
const network = resource("docker:index/network:Network", "harbor", { name: "harbor" });
const file = resource("command:remote:Command", "edge-routes");

/** Docker's list of what exists, a line each: `kind name label id`. The shim knows only what the scripts ask. */
const docker = `all="$0.all"; printf '%s\\n' "$*" >>"$0.calls"
case "$1 $2" in
  "ps --all"|"network ls")
    for option; do case $option in name=*) name=\${option#name=^}; name=\${name#/}; name=\${name%$} ;; label=*) label=\${option#label=} ;; esac; done
    [ "$1" = ps ] && kind=container || kind=network
    while read -r k n l i; do
      [ "$k" = $kind ] && [ "$n" = "$name" ] && [ "\${label:-$l}" = "$l" ] && echo "$i"
    done <"$all"; true ;;
  "stop -t") grep -q " $4$" "$all" ;;
  "rm "*) grep -v " $2$" "$all" >"$all.new"; mv "$all.new" "$all" ;;
  "network rm") [ ! -f "$0.busy" ] || { echo "network $3 has active endpoints" >&2; exit 1; }
    grep -v " $3$" "$all" >"$all.new"; mv "$all.new" "$all" ;;
  *) exit 99 ;;
esac`;

let programs: Sandbox;
let calls: string[];
let told: string[];
let refreshEnds: Outcome;
beforeEach(() => {
  programs = new Sandbox({ docker });
  [calls, told] = [[], []];
  refreshEnds = { code: 0, stdout: "", stderr: "" };
  exists("container harbor-core arpa.home.machine 1", "container other arpa.home.machine 2");
});
afterEach(() => programs.remove());

const exists = (...lines: string[]): void => writeFileSync(programs.path("docker.all"), `${lines.join("\n")}\n`);
const left = (): string[] => readFileSync(programs.path("docker.all"), "utf8").trim().split("\n");
const asked = (): string[] =>
  existsSync(programs.path("docker.calls")) ? readFileSync(programs.path("docker.calls"), "utf8").split("\n") : [];

const onMachine: Machine = async (command) => {
  const { status: code, stdout, stderr } = await programs.run(command.map(shellQuote).join(" "));
  return { code, stdout, stderr };
};

/** The stack after an update that was killed while it made `halfMade`. */
const clear = (halfMade: StateResource[], resources = [vm], machine = async () => onMachine): Promise<void> => {
  const pending = halfMade.map((each) => ({ type: "creating", resource: each }));
  const stdout = JSON.stringify({ deployment: { resources, pending_operations: pending } });
  const pulumi = async (args: readonly string[]): Promise<Outcome> => {
    calls.push(args.join(" "));
    return args[0] === "stack" ? { code: 0, stdout, stderr: "" } : refreshEnds;
  };
  return clearInterrupted(pulumi, { resources, halfMade }, (line) => told.push(line), machine);
};

const forgotten =
  "refresh --yes --skip-preview --non-interactive --suppress-progress --color never " +
  `--target ${urn("tooling")} --clear-pending-creates`;

describe("an update after one that was killed", () => {
  it("removes the containers that were half-made, asked to end first, and Pulumi forgets them", async () => {
    await clear([container("harbor-core"), container("harbor-portal"), file]);
    expect(left()).toEqual(["container other arpa.home.machine 2"]);
    expect(asked()).toContain("stop -t 30 1");
    expect(told).toEqual([
      "The last update was killed while it made harbor-core, harbor-portal: removed, to be made anew.",
    ]);
    expect(calls).toEqual(["stack export --non-interactive", forgotten]);
  });

  it("removes a network that was half-made", async () => {
    exists("network harbor - 7", "network edge - 8");
    await clear([network]);
    expect(left()).toEqual(["network edge - 8"]);
  });

  it("leaves a container of that name that this program did not make", async () => {
    exists("container harbor-core somebody 1");
    await clear([container("harbor-core")]);
    expect(left()).toEqual(["container harbor-core somebody 1"]);
  });

  it("leaves a container that a later update made: it is the state's own", async () => {
    await clear([container("harbor-core")], [vm, container("harbor-core")]);
    expect(asked()).toEqual([]);
    expect(left()).toHaveLength(2);
    expect(calls).toEqual(["stack export --non-interactive", forgotten]);
  });

  it("forgets what can be made once more without asking the machine", async () => {
    await clear([file]);
    expect(asked()).toEqual([]);
    expect(told).toEqual([]);
    expect(calls).toEqual(["stack export --non-interactive", forgotten]);
  });

  it("leaves what may be half-made on Proxmox to a person", async () => {
    await clear([resource("proxmoxve:backup/job:Job", "tooling-backup"), container("harbor-core")]);
    expect(left()).toEqual(["container other arpa.home.machine 2"]);
    expect(calls).toEqual(["stack export --non-interactive"]);
  });

  it("does nothing where nothing was half-made, or where the VM is gone", async () => {
    await clear([]);
    await clear([container("harbor-core")], []);
    expect(calls).toEqual(["stack export --non-interactive"]); // the second time
    expect([...asked(), ...told]).toEqual([]);
  });

  it("says what is in the way when the machine cannot be reached, and goes on", async () => {
    await clear([container("harbor-core")], [vm], () =>
      Promise.reject(new Error("cannot log in to ops@192.168.1.60: Connection refused")),
    );
    expect(told).toEqual([
      "The last update was killed while it made harbor-core, and what is left of it could not be removed: " +
        "cannot log in to ops@192.168.1.60: Connection refused\nSee docs/runbooks/interrupted-update.md.",
    ]);
    expect(calls).toEqual(["stack export --non-interactive"]);
  });

  it("says why something could not be removed, and goes on", async () => {
    exists("network harbor - 7");
    writeFileSync(programs.path("docker.busy"), "");
    await clear([network]);
    expect(told.join()).toContain("could not be removed: network 7 has active endpoints");
    expect(calls).toEqual(["stack export --non-interactive"]);
  });

  it("ends when Pulumi does not forget", async () => {
    refreshEnds = { code: 1, stdout: "", stderr: "error: the stack is locked\n" };
    await expect(clear([file])).rejects.toThrow("forgetting what was half-made failed:\nerror: the stack is locked");
  });
});
