import { problems, problemsOf, changed, homelab, secretKeys, token } from "./config-fixture";

const uuid = token.split("=")[1] ?? "";

describe("the API token and the passwords are secrets", () => {
  test("stored as plain text it is refused, and not shown", () => {
    expect(problemsOf(homelab(), [])).toEqual([
      "homelab:proxmoxApiToken: stored as plain text; encrypt it: npm run pulumi -- config set --secret homelab:proxmoxApiToken --stack homelab",
      "homelab:grafanaPassword: stored as plain text; encrypt it: npm run pulumi -- config set --secret homelab:grafanaPassword --stack homelab",
    ]);
  });

  test.each([uuid, `root@pam=${uuid}`, `root!t=${uuid}`, "root@pam!t=secret", `root@pam!t=${uuid} `])(
    "malformed it is refused, and not shown (%#)",
    (malformed) => {
      expect(problems({ proxmoxApiToken: malformed })).toEqual([
        "homelab:proxmoxApiToken: not of the form user@realm!name=uuid; set it again: " +
          "npm run pulumi -- config set --secret homelab:proxmoxApiToken --stack homelab",
      ]);
    },
  );

  test("nor is any other value shown that the stack keeps secret", () => {
    const changes = { "toolingVm.memory": "hush", "toolingVm.address": "192.168.1.1", "toolingVm.cores": 64 };
    const lines = problems(changes, [...secretKeys, "homelab:toolingVm"]);
    expect(lines).toEqual([
      "homelab:toolingVm.memory: the secret value is not an amount of memory in whole MiB, from 16 MiB to 4 TiB; " +
        "write it like 6 GiB",
      "homelab:toolingVm.address: the secret value is the gateway's address (homelab:network.gateway); choose a free address",
      "homelab:toolingVm.cores: the secret value is more than the node's 12 (homelab:proxmox.nodeCores); " +
        "give the VM fewer cores",
    ]);
  });

  test("nor a login inside an address", () => {
    expect(problems({ "services.0.upstream": "http://me:hush@192.168.1.53:3000" })).toEqual([
      'homelab:services[0].upstream: "http://***@192.168.1.53:3000" is not an address of the form http(s)://host[:port]; ' +
        "write it like http://192.168.1.53:3000",
    ]);
  });
});

describe("the tooling VM's address", () => {
  test.each([
    [
      "192.168.2.60",
      '"192.168.2.60" is not a host\'s address in homelab:network.subnet "192.168.1.0/24"; choose one inside it',
    ],
    [
      "192.168.1.255",
      '"192.168.1.255" is not a host\'s address in homelab:network.subnet "192.168.1.0/24"; choose one inside it',
    ],
    ["192.168.1.1", '"192.168.1.1" is the gateway\'s address (homelab:network.gateway); choose a free address'],
    ["192.168.1.10", '"192.168.1.10" is the node\'s address (homelab:proxmox.ssh.address); choose a free address'],
    [
      "192.168.1.61",
      '"192.168.1.61" is in the range "192.168.1.61-192.168.1.103" in use (homelab:network.inUse[1]); ' +
        "choose a free address, or take it out of the range if nothing else has it",
    ],
    ["192.168.1.300", '"192.168.1.300" is not an IPv4 address; write it like 192.168.1.60'],
  ])("%s is refused", (address, problem) => {
    expect(problems({ "toolingVm.address": address })).toEqual([`homelab:toolingVm.address: ${problem}`]);
  });

  test("is refused where a guest has it", () => {
    expect(problems({ "guests.3.address": "192.168.1.60" })).toEqual([
      'homelab:toolingVm.address: "192.168.1.60" is the address of the guest "media" (homelab:guests[3].address); ' +
        "choose a free address",
    ]);
  });

  test("the gateway too is in the subnet", () => {
    expect(problems({ "network.gateway": "10.0.0.1" })).toEqual([
      'homelab:network.gateway: "10.0.0.1" is not a host\'s address in homelab:network.subnet "192.168.1.0/24"; ' +
        "choose one inside it",
    ]);
  });
});

describe("VMIDs, cores and memory", () => {
  test("a VMID belongs to one guest", () => {
    expect(problems({ "guests.1.vmId": 101, "toolingVm.vmId": 104 })).toEqual([
      'homelab:guests[1].vmId: 101 is the VMID of the guest "pihole" (homelab:guests[0].vmId); choose another',
      'homelab:toolingVm.vmId: 104 is the VMID of the guest "media" (homelab:guests[3].vmId); choose another',
    ]);
  });

  test.each([99, 1_000_000_000, 160.5, "160"])("a VMID is in Proxmox's range: %p is not", (vmId) => {
    expect(problems({ "toolingVm.vmId": vmId })).toEqual([
      `homelab:toolingVm.vmId: ${JSON.stringify(vmId)} is not a whole number from 100 to 999999999; write it like 160`,
    ]);
  });

  test("the VM has no more cores than the node", () => {
    expect(problems({ "toolingVm.cores": 13 })).toEqual([
      "homelab:toolingVm.cores: 13 is more than the node's 12 (homelab:proxmox.nodeCores); give the VM fewer cores",
    ]);
  });

  test("the VM has the memory that its containers need (RAM budget)", () => {
    expect(problems({ "toolingVm.memory": "4575 MiB" })).toEqual([
      'homelab:toolingVm.memory: "4575 MiB" is less than the 4576 MiB that its containers need ' +
        "(dockerOverhead 512 MiB, step-ca 256 MiB, traefik 256 MiB, harbor-core 256 MiB, harbor-database 320 MiB, " +
        "harbor-exporter 64 MiB, harbor-findings 64 MiB, harbor-jobservice 160 MiB, harbor-portal 32 MiB, " +
        "harbor-registry 192 MiB, harbor-registryctl 64 MiB, harbor-trivy 768 MiB, harbor-valkey 96 MiB, authentik-database 256 MiB, " +
        "authentik-server 672 MiB, authentik-worker 608 MiB); " +
        "give the VM more memory",
    ]);
    expect(problems({ "toolingVm.memory": "4576 MiB" })).toEqual([]);
  });

  test.each(["8 MiB", "5 TiB", "6.3 GiB", "6 GB", 6])("memory is in Proxmox's range: %p is not", (memory) => {
    expect(problems({ "guests.1.memory": memory })).toEqual([
      `homelab:guests[1].memory: ${JSON.stringify(memory)} is not an amount of memory in whole MiB, ` +
        "from 16 MiB to 4 TiB; write it like 4 GiB",
    ]);
  });

  test("a disk is counted in whole GiB", () => {
    expect(problems({ "toolingVm.disk": "62.5 GiB" })).toEqual([
      'homelab:toolingVm.disk: "62.5 GiB" is not a disk size in whole GiB, at least 4 GiB; write it like 62 GiB',
    ]);
  });
});

describe("the catalogue", () => {
  const oneLabel = "is not one label below the domain, which is all the CA may sign; write it like";

  test.each(["a.b.home.arpa", "grafana.example.com", "home.arpa", "Grafana.home.arpa", "*.home.arpa"])(
    "a host is one label below the domain: %s is not (EF-001)",
    (host) => {
      expect(problems({ "services.0.host": host })).toEqual([
        `homelab:services[0].host: "${host}" ${oneLabel} "grafana.home.arpa"`,
      ]);
    },
  );

  test("the label is below the stack's own domain", () => {
    expect(problems({ domain: "lab.home.arpa", "services.0.host": "grafana.home.arpa" })).toEqual([
      `homelab:services[0].host: "grafana.home.arpa" ${oneLabel} "grafana.lab.home.arpa"`,
    ]);
  });

  test("two services share neither name nor host", () => {
    const again = { name: "grafana", upstream: "http://192.168.1.54:3000", auth: "none" };
    expect(problems({ "services.4": again, "services.1.host": "proxmox.home.arpa" })).toEqual([
      'homelab:services[3].host: "proxmox.home.arpa" is the host of homelab:services[1] too; choose another',
      'homelab:services[4].name: "grafana" is the name of homelab:services[0] too; choose another',
    ]);
  });

  test("names of the stack's own services are kept", () => {
    expect(problems({ "services.2.name": "ca" })).toEqual([
      'homelab:services[2].name: "ca" is kept for the stack\'s own services (auth, ca, registry, traefik); choose another',
    ]);
    expect(problems({ "services.1.host": "ca.home.arpa" })).toEqual([
      'homelab:services[1].host: "ca.home.arpa" is kept for the stack\'s own services (auth, ca, registry, traefik); choose another',
    ]);
  });

  test.each(["ftp://192.168.1.53", "192.168.1.53:3000", "http://", "http://192.168.1.53/grafana"])(
    "an upstream is http(s)://host[:port]: %s is not",
    (upstream) => {
      expect(problems({ "services.0.upstream": upstream })).toEqual([
        `homelab:services[0].upstream: "${upstream}" is not an address of the form http(s)://host[:port]; ` +
          "write it like http://192.168.1.53:3000",
      ]);
    },
  );

  test("the CA of an upstream is a certificate", () => {
    expect(problems({ "services.3.upstreamCa": "/etc/pve/pve-root-ca.pem" })).toEqual([
      'homelab:services[3].upstreamCa: "/etc/pve/pve-root-ca.pem" is not a certificate in PEM; ' +
        "write it like -----BEGIN CERTIFICATE-----...",
    ]);
    const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    expect(problems({ "services.3.upstreamCa": pem })).toEqual([]);
  });

  test.each(["proxy", "oidc"])("EF-012: who asks the single sign-on says who may in, be it nobody: auth %s", (auth) => {
    const wiki = { name: "wiki", upstream: "http://192.168.1.70:80", auth };
    const entry = auth === "oidc" ? { ...wiki, redirectUris: ["https://wiki.home.arpa/callback"] } : wiki;
    expect(problems({ "services.4": entry })).toEqual([
      "homelab:services[4].groups: missing; name the groups that may in, such as [family], " +
        "or write [] to close the service to everybody",
    ]);
    expect(problems({ "services.4": { ...entry, groups: [] } })).toEqual([]);
  });

  test.each(["none", "native"])("groups are refused where nobody enforces them: auth %s (EF-012)", (auth) => {
    expect(problems({ "services.2.auth": auth })).toEqual([
      `homelab:services[2].groups: ["admins"] can't be enforced with auth "${auth}"; ` +
        "use oidc or proxy, or remove the groups",
    ]);
  });
});

describe("certificates", () => {
  test("no leaf outlives what clients accept, the intermediate or 825 days (EF-001)", () => {
    expect(problems({ "pki.leafValidity": "19801h", "pki.intermediateValidity": "800 d" })).toEqual([
      'homelab:pki.leafValidity: "19801h" is longer than 825 days, the most that clients accept, "19800h"; shorten it',
      'homelab:pki.leafValidity: "19801h" is longer than half of homelab:pki.intermediateValidity, which is "9600h"; shorten it',
    ]);
    expect(problems({ "pki.leafValidity": "825 d" })).toEqual([]);
  });

  test("the intermediate doesn't outlive the root (EC-1)", () => {
    expect(problems({ "pki.rootValidity": "43799h" })).toEqual([
      'homelab:pki.intermediateValidity: "43800h" is longer than homelab:pki.rootValidity "43799h"; shorten it',
    ]);
  });
});

describe("images", () => {
  test("the cloud image has a SHA-512 checksum", () => {
    expect(problems({ "toolingVm.image.checksum": "sha512:TODO" })).toEqual([
      'homelab:toolingVm.image.checksum: "sha512:TODO" is not a SHA-512 checksum; write it like sha512:<128 hex digits>',
    ]);
  });

  test("a container image has a digest", () => {
    const digest = `@sha256:${"0".repeat(64)}`;
    expect(problems({ images: { traefik: "traefik:v3.7.13" } })).toEqual([
      'homelab:images.traefik: "traefik:v3.7.13" is not an image reference with a digest; ' +
        "write it like docker.io/library/traefik:v3.7.13@sha256:<64 hex digits>",
    ]);
    for (const name of ["traefik:v3.7.13", "192.168.1.5:5000/smallstep/step-ca:0.30.2", "smallstep/step-ca"]) {
      expect(problemsOf(changed({ images: { stepCa: name + digest } }))).toEqual([]);
    }
  });
});

describe("the registry", () => {
  test("EF-010: fits the VM's disk, with 12 GiB for everything else", () => {
    expect(problems({ registry: { disk: "51 GiB" } })).toEqual([
      'homelab:registry.disk: "51 GiB" is more than homelab:toolingVm.disk 62 GiB less 12 GiB for everything else; ' +
        "enlarge the VM's disk",
    ]);
    expect(problems({ registry: { disk: "100 GiB", quota: "80 GiB" }, "toolingVm.disk": "112 GiB" })).toEqual([]);
  });

  test("EC-6: a quota leaves a fifth of the disk for what is deleted but not freed yet", () => {
    expect(problems({ registry: { quota: "41 GiB" } })).toEqual([
      'homelab:registry.quota: "41 GiB" is more than 80 % of homelab:registry.disk 50 GiB, which leaves room for what ' +
        "is deleted but not freed yet; lower quotas or enlarge the disk",
    ]);
    const caches = [{ name: "hub", source: "docker-hub", quota: "6 GiB" }];
    expect(problems({ registry: { quota: "35 GiB", caches } })).toEqual([
      'homelab:registry.quota: "35 GiB" and the caches\' quotas are 41 GiB together, more than 80 % of ' +
        "homelab:registry.disk 50 GiB, which leaves room for what is deleted but not freed yet; lower quotas or enlarge " +
        "the disk",
    ]);
    expect(problems({ registry: { quota: "34 GiB", caches } })).toEqual([]);
  });

  test("EF-009: keeps something", () => {
    expect(problems({ registry: { keepTags: 0 } })).toEqual([
      "homelab:registry.keepTags: 0 is not a whole number from 1 to 1000; write it like 10",
    ]);
  });

  test("a schedule with 5 fields, and one that is no schedule", () => {
    expect(problems({ registry: { schedule: { scan: "0 4 * * *", garbageCollection: "weekly" } } })).toEqual([
      'homelab:registry.schedule.garbageCollection: "weekly" needs 6 fields, second to day of week, as in ' +
        '"0 30 3 * * *" for 03:30 UTC every day',
      'homelab:registry.schedule.scan: "0 4 * * *" has 5 fields; put the second, 0, in front: "0 0 4 * * *"',
    ]);
  });

  test("names that Harbor refuses, has itself, or gets twice", () => {
    const rule = "lower-case letters and digits, separated by one of . _ -";
    expect(problems({ registry: { project: "My_Images" } })).toEqual([
      `homelab:registry.project: "My_Images" is not a name of Harbor's (${rule}); write it like homelab`,
    ]);
    const caches = ["homelab", "library"].map((name) => ({ name, source: "ghcr", quota: "1 MiB" }));
    expect(problems({ registry: { quota: "1 GiB", caches } })).toEqual([
      'homelab:registry.caches[0].name: "homelab" is the name of homelab:registry.project too; choose another',
      'homelab:registry.caches[1].name: "library" is a project of Harbor\'s own, which stays closed; choose another name',
    ]);
  });

  test("a source that nobody knows, and a life that is none", () => {
    expect(
      problems({ registry: { quota: "9 GiB", caches: [{ name: "x", source: "gitlab" }], robotLifetime: "1y" } }),
    ).toEqual([
      'homelab:registry.robotLifetime: "1y" is not a number of days, or "never"; write it like 365 days',
      'homelab:registry.caches[0].source: "gitlab" is not one of docker-hub, ghcr, quay, k8s; write it like docker-hub',
    ]);
  });
});
