import { types } from "../../../policies/types";
import { secret, type TestResource } from "./harness";
import { guests, inventory, machine, reported } from "./house";

/** A stack that one policy of the pack is there to refuse. */
export interface BadStack {
  resources: TestResource[];
  /** Settings by policy; their defaults where there are none. */
  settings?: Record<string, object>;
  /** What Proxmox lists; it is not asked where there is nothing. */
  proxmox?: object[];
  /** First line of what the policy says of it. */
  message: string;
}

/** One bad stack for each policy of the pack. */
export const badStacks: Record<string, BadStack> = {
  "address-plan": {
    resources: [container({ ports: [{ internal: 80, external: 80 }] })],
    message: "it publishes port 80 on all interfaces; set its `ip` to 127.0.0.1",
  },
  "backup-covered": {
    resources: [{ type: types.virtualMachines[0], name: "web", inputs: { vmId: 160 } }],
    message: "no backup job of this stack names it; add its VMID to one, or exempt it with a reason",
  },
  "ca-and-edge-files": {
    resources: [{ type: types.edge, name: "edge", inputs: { signOn: "https://example.org" } }],
    message:
      "it asks for logins at https://example.org, which is no container of the stack; use the `forwardAuth` of the plan",
  },
  "docker-over-ssh": {
    resources: [{ type: types.dockerProvider, name: "docker", inputs: { host: "tcp://192.168.1.60:2375" } }],
    message: "its Docker is tcp://192.168.1.60:2375; set `host` to ssh://user@address",
  },
  "guest-hardware": {
    resources: [
      { type: types.uploads[0], name: "hook", inputs: { contentType: "snippets", sourceRaw: { fileName: "hook.sh" } } },
    ],
    message: "it puts a file on the node that is no cloud-config which a VM of the stack names; leave it out",
  },
  "guest-inventory": {
    resources: [inventory()],
    proxmox: guests.slice(1).map((guest) => reported(guest)),
    message: "guests are declared in `homelab:guests`, but not in Proxmox; remove them, or correct their `vmId`:",
  },
  "health-checks": {
    resources: [container({})],
    message:
      "it has no health check; set `healthcheck.tests` to a command that fails when the service does, such as " +
      '["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]',
  },
  "home-arpa-names": {
    resources: [{ type: types.certificateRequest, name: "web", inputs: { dnsNames: ["web.example.org"] } }],
    message: "`dnsNames[]` has web.example.org, which is not under home.arpa; choose a name that is",
  },
  "host-commands": {
    resources: [{ type: types.command, name: "run", inputs: { create: "sudo docker run alpine" } }],
    message:
      "its `create` (sudo docker run alpine) is no command of the project's components; use HostFile or HostDirectory",
  },
  "host-files": {
    resources: [
      {
        type: types.hostFile,
        name: "edge-cron",
        inputs: {
          connection: { host: "192.168.1.60", user: "ops", hostKey: "ssh-ed25519 AAAA" },
          installation: "machine",
          path: "/etc/cron.d/x",
          content: "",
          mode: "0644",
        },
      },
    ],
    message: "/etc/cron.d/x is not below a folder of its feature's; put it below /srv/<feature>/",
  },
  "human-administrators": {
    resources: [
      {
        type: `${types.authentik}:GroupMembership`,
        name: "backups",
        inputs: { group: "authentik Admins", username: "backups" },
      },
    ],
    message: "it is in authentik Admins, which no config lists; use the group of homelab:sso",
  },
  "known-types": {
    resources: [{ type: "docker:index/service:Service", name: "web" }],
    message:
      "no policy was written for the type docker:index/service:Service; use one of this project's, or put it into this " +
      "policy's `allowedTypes` once you know what it can do",
  },
  "least-privilege": {
    resources: [{ type: types.acls[0], name: "all", inputs: { path: "/", roleId: "Administrator" } }],
    message:
      "it grants Administrator on /, which is all of Proxmox; grant a role with the privileges that are needed, on the paths " +
      "where they are (`/pool/<name>`, `/storage/<name>`)",
  },
  "memory-limits": {
    resources: [container({})],
    message: "it has no memory limit; set `memory` to a number of MiB",
  },
  "needed-exemptions": {
    resources: [container({ memory: 256 })],
    settings: { "memory-limits": { exempt: [{ resource: "web", reason: "it had none until last year" }] } },
    message: 'the exemption of "web" from memory-limits lets nothing pass; correct its name, or remove it',
  },
  "no-privileged-containers": {
    resources: [container({ privileged: true })],
    message: "it sets `privileged`, which opens the whole machine to it; remove it",
  },
  "own-machines": {
    resources: [{ type: types.command, name: "run", inputs: { connection: { host: "192.168.1.66" } } }],
    message: "it works on 192.168.1.66, which is no machine of this stack; take `connection` from the machine",
  },
  "pinned-images": {
    resources: [{ type: types.remoteImage, name: "web", inputs: { name: "traefik:v3" } }],
    message:
      '"traefik:v3" can be another image tomorrow; end `name` with its digest (@sha256:…); `npm run images:pin` does so in versions.ts',
  },
  "protected-state": {
    resources: [{ type: types.volume, name: "data" }],
    message: "it is a volume with data and could be deleted or replaced; give it the resource option `protect: true`",
  },
  "ram-budget": {
    resources: [inventory(), machine(12288)],
    message:
      "the guests of pve-mon need 28.5 GiB, 2.9 GiB more than its budget (80 % of 32 GiB); give the stack's VM less memory, " +
      "move a guest to another node, or raise ram-budget.budget in policies/stacks/test.yaml",
  },
  "ram-warning": {
    resources: [inventory(), machine(7168)],
    message:
      "the guests of pve-mon have 73 % of its memory, which is above 70 %; before more is added, give a guest less, move one " +
      "to another node, or give the node more memory",
  },
  "rebuild-checked": {
    resources: [machine()],
    message:
      "whether the VM could be made again was not checked: the stack has no Proxmox provider; make one with `endpoint` and " +
      "`apiToken`",
  },
  "rebuild-rights": {
    resources: [machine(6144, { poolId: "homelab" })],
    proxmox: [reported({ name: "tooling", vmId: 160, memory: 6144, cores: 4 })],
    message:
      "VM 160 is there, but not in the pool homelab, on which the token has its rights; choose a free VMID or, if it is this " +
      "stack's VM, put it there, on the node: pveum pool modify homelab --vms 160",
  },
  "restart-policy": {
    resources: [container({ restart: "no" })],
    message: 'its restart policy is "no"; set `restart` to always or unless-stopped',
  },
  "secret-copies": {
    resources: [
      { type: types.hostFile, name: "login", inputs: { content: secret("TOKEN=Uk3xT9qPz1LmV7bC") } },
      container({ labels: [{ label: "note", value: "Uk3xT9qPz1LmV7bC" }] }),
    ],
    message:
      '`labels[0].value` has a secret of pulumi-nodejs:File "login" in plain text; take it from there without ' +
      "`pulumi.unsecret`, and give it to a container as a file",
  },
  "secret-inputs": {
    resources: [{ type: types.command, name: "restore", inputs: { environment: { RESTIC_PASSWORD: "letmein" } } }],
    message:
      "`environment.RESTIC_PASSWORD` is not a secret, so Pulumi stores and shows it in plain text; wrap it in " +
      "`pulumi.secret()`, or keep it in the config with `--secret`",
  },
  "service-access": {
    resources: [
      inventory(),
      { type: types.edge, name: "edge", inputs: { services: [] } },
      { type: types.ssoAccess, name: "sso", inputs: { sso: {} } },
      {
        type: types.registryContents,
        name: "registry",
        inputs: { registry: { project: "homelab", quota: 1, keepTags: 10, robotLifetime: "365 days", caches: [] } },
      },
      { type: `${types.dynamic}/harbor:Project`, name: "free", inputs: { name: "free", public: true } },
    ],
    message:
      'its `name` has to be "homelab" or "library"; leave it to the config and the components, or allow it in policies/objects',
  },
  "sso-coverage": {
    resources: [
      { type: types.ssoAccess, name: "sso", inputs: {} },
      { type: types.edge, name: "edge", inputs: { services: [{ name: "printer", auth: "none" }] } },
    ],
    message:
      "the service printer has auth none, so it is not behind single sign-on; set auth to oidc or proxy, or name the reason " +
      "under sso-coverage.exempt in policies/stacks/test.yaml",
  },
  "strong-keys": {
    resources: [{ type: types.randomPassword, name: "door", inputs: { length: 8 } }],
    message: "its length is 8; set `length` to 16 at least",
  },
};

function container(inputs: Record<string, unknown>): TestResource {
  return { type: types.container, name: "web", inputs };
}
