import { policies } from "../../policies/pack";
import { changedConfig, exportedState, pulumi, run, start, type Result, type Settings } from "../helpers/e2e/lab";

const minute = 60_000;

jest.setTimeout(2 * minute);

beforeAll(async () => {
  expect((await start()).code).toBe(0);
}, 60 * minute);

/** A change that a policy forbids, and what the policy says to it. */
interface BadChange {
  policy: string;
  message: string;
  /** In the lab's config. */
  config?: (config: Settings) => void;
}

/** Changes without `config` are in `programs/violations`: the config alone can't ask for them, its own checks refuse. */
const badChanges: BadChange[] = [
  {
    policy: "ram-budget",
    message:
      "the guests of pve-mon need 28.5 GiB, 2.9 GiB more than its budget (80 % of 32 GiB); give the stack's VM less " +
      "memory, move a guest to another node, or raise ram-budget.budget in policies/stacks/lab.yaml",
    config: (config) => (block(config, "toolingVm").memory = "12 GiB"),
  },
  {
    policy: "address-plan",
    message: "198.18.60.51 is the address of the guest media and of the guest nas; correct homelab:guests",
    config: (config) => ((list(config, "guests")[1] ?? {}).address = "198.18.60.51"),
  },
  {
    policy: "backup-covered",
    message: `its backup job can't be relied on: "tooling-backup" is not enabled; mend the job, or exempt the guest with a reason`,
    config: (config) => (block(config, "toolingVm").backup = { enabled: false }),
  },
  {
    policy: "pinned-images",
    message:
      '"traefik:latest" can be another image tomorrow; end `name` with its digest (@sha256:…); `npm run images:pin` does so in versions.ts',
  },
  { policy: "memory-limits", message: "it has no memory limit; set `memory` to a number of MiB" },
  {
    policy: "no-privileged-containers",
    message: "it sets `privileged`, which opens the whole machine to it; remove it",
  },
  { policy: "docker-over-ssh", message: "its Docker is tcp://198.18.60.1:9; set `host` to ssh://user@address" },
  {
    policy: "host-commands",
    message: "its `create` (sudo docker run alpine) is no command of the project's components",
  },
  {
    policy: "host-files",
    message: "/etc/cron.d/bad is not below a folder of its feature's; put it below /srv/<feature>/",
  },
  {
    policy: "own-machines",
    message: "it works on 198.18.60.1, which is no machine of this stack; take `connection` from the machine",
  },
  {
    policy: "ca-and-edge-files",
    message: "it writes /srv/edge/routes/bad.yml, which is no file of its component's; put it elsewhere",
  },
  {
    policy: "guest-hardware",
    message: "it puts a file on the node that is no cloud-config which a VM of the stack names; leave it out",
  },
  { policy: "known-types", message: "no policy was written for the type docker:index/plugin:Plugin" },
  { policy: "human-administrators", message: "it is in authentik Admins, which no config lists" },
  { policy: "service-access", message: 'its `name` has to be "homelab" or "library"' },
  {
    policy: "health-checks",
    message:
      "it has no health check; set `healthcheck.tests` to a command that fails when the service does, such as " +
      '["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]',
  },
  { policy: "restart-policy", message: 'its restart policy is "no"; set `restart` to always or unless-stopped' },
  {
    policy: "protected-state",
    message: "it is a volume with data and could be deleted or replaced; give it the resource option `protect: true`",
  },
  {
    policy: "rebuild-rights",
    message:
      "VM 160 is there, but not in the pool attic, on which the token has its rights; choose a free VMID or, if it is this " +
      "stack's VM, put it there, on the node: pveum pool modify attic --vms 160 --allow-move 1",
    config: (config) => (block(config, "proxmox").pool = "attic"),
  },
  {
    policy: "home-arpa-names",
    message:
      "`dnsNames[]` has *.home.arpa, a wildcard; no certificate may have one (home.arpa is a public suffix), so list " +
      "each name",
  },
  {
    policy: "least-privilege",
    message:
      "it grants Administrator on /, which is all of Proxmox; grant a role with the privileges that are needed, on the " +
      "paths where they are (`/pool/<name>`, `/storage/<name>`)",
  },
  { policy: "secret-copies", message: "`content` has a secret of " },
  {
    policy: "secret-inputs",
    message:
      "`sourceRaw.data` is not a secret, so Pulumi stores and shows it in plain text; wrap it in `pulumi.secret()`, or " +
      "keep it in the config with `--secret`",
  },
  { policy: "strong-keys", message: "its length is 8; set `length` to 16 at least" },
];

const block = (config: Settings, name: string): Record<string, unknown> => config[`homelab:${name}`] ?? {};
const list = (config: Settings, name: string) => block(config, name) as unknown as Record<string, unknown>[];

test("each mandatory policy has a bad change here", () => {
  const mandatory = policies.filter(({ level }) => level === "mandatory").map(({ name }) => name);
  expect(badChanges.map(({ policy }) => policy).sort()).toEqual(mandatory.sort());
});

const resources = async (): Promise<unknown> =>
  (JSON.parse(await exportedState()) as { deployment: { resources: unknown } }).deployment.resources;

/** A message may be broken over lines by the terminal's layout. */
const flat = (text: string): string => text.replace(/\s+/g, " ");

test("a preview tells what the memory of each host is spent on, and the exemptions in force with their reasons", async () => {
  const { code, output } = await pulumi(["preview"]);
  expect(code).toBe(0);
  expect(output).toContain(`Memory:
| host    | total  | used before | added | after           | left of budget |
| ------- | ------ | ----------- | ----- | --------------- | -------------- |
| pve-mon | 32 GiB | 16.5 GiB    | 6 GiB | 22.5 GiB (70 %) | 3.1 GiB        |
| tooling | 6 GiB  | 512 MiB     | 4 GiB | 4.5 GiB (74 %)  | 1.5 GiB        |
`);
  expect(output).toContain("sso-coverage for ca: step-ca has no pages to log in to");
  expect(output).not.toContain("[advisory]");
});

test("the declared guests are compared with what Proxmox reports, and a difference is a warning", async () => {
  const { code, output } = await pulumi(
    ["preview"],
    changedConfig((config) => ((list(config, "guests")[1] ?? {}).memory = "2 GiB")),
  );
  expect(code).toBe(0);
  expect(output).toContain("[advisory]  guest-inventory");
  expect(output).toContain("- nas (VMID 152): 4 GiB of memory, declared 2 GiB");
});

test("a preview as a comment for a pull request: the violation, the memory and what would change, no secret", async () => {
  const { config } = badChanges.find(({ policy }) => policy === "ram-budget") ?? {};
  const { code, output } = await pulumi(["preview", "--markdown"], changedConfig(config ?? (() => undefined)));
  expect(code).not.toBe(0);
  expect(output).toContain(
    "<!-- homelab-preview:lab -->\n## Preview of `lab`: 2 to update — stopped by 1 policy violation\n",
  );
  expect(output).toContain("| `pve-mon` | 32 GiB | 16.5 GiB    | 12 GiB | 28.5 GiB (89 %) | -2.9 GiB       |");
  expect(output).toContain("`proxmoxve:VmLegacy` `tooling`: `memory.dedicated` 6144 → 12288");
  expect(output).not.toContain("PRIVATE KEY");
});

test("the pack starts as a program and as Pulumi starts a folder, and ends with whoever started it", async () => {
  const host = "node_modules/@pulumi/pulumi/cmd/run-policy-pack";
  for (const command of ["exec policies/run engine", `cd policies && exec node ../${host} engine .`]) {
    // The shell ends after 3 s; what it printed is complete once the pack, which holds its output open, has ended too.
    const { output } = await run("sh", ["-c", `(${command}) & sleep 3`]);
    expect(output).toMatch(/^\d+$/m);
  }
});

const inConfig = badChanges.filter(({ config }) => config);
const inProgram = badChanges.filter(({ config }) => !config);

/** A preview with many bad changes tells of each, and takes as long as with one. */
describe.each([
  {
    place: "the config",
    changes: inConfig,
    up: () =>
      pulumi(
        ["up", "--yes"],
        changedConfig((config) => inConfig.forEach((each) => each.config?.(config))),
      ),
  },
  {
    place: "the program",
    changes: inProgram,
    up: () => pulumi(["up", "--yes", "-C", "tests/helpers/e2e/programs/violations"]),
  },
])("bad changes in $place, all in one update", ({ changes, up }) => {
  let stopped: Result;

  test("up fails in its preview, and changes nothing", async () => {
    const before = await resources();
    stopped = await up();
    expect(stopped.code).not.toBe(0);
    expect(stopped.output).not.toContain("Updating (");
    expect(await resources()).toEqual(before);
  });

  test.each(changes)("$policy stops it, with its message", ({ policy, message, config }) => {
    const own = config ? "" : String.raw` \([^()]*: ${policy}\)`;
    expect(flat(stopped.output)).toMatch(new RegExp(String.raw`\[mandatory\] ${policy}${own} `));
    expect(flat(stopped.output)).toContain(message);
  });
});
