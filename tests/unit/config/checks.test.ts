import { problems, problemsOf, changed, homelab, secretKeys, token } from "../../helpers/unit/config-fixture";

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

  test.each(["me:hu@sh", "me:hu/sh", "me:hu@s/h"])("nor one that should have been escaped: %s", (login) => {
    expect(problems({ "services.0.upstream": `http://${login}@192.168.1.53:3000` })[0]).toMatch(
      'homelab:services[0].upstream: "http://***@192.168.1.53:3000" is not an address',
    );
  });

  test("which takes no time to find, however long a text is", () => {
    const begun = Date.now();
    for (const text of ["/".repeat(200_000), "//a".repeat(70_000), "//@".repeat(70_000)])
      expect(problems({ "services.0.upstream": text, domain: text, "services.3.upstreamCa": text })).toHaveLength(3);
    expect(Date.now() - begun).toBeLessThan(5_000);
  });

  test("a password that looks like a list is one all the same", () => {
    expect(problemsOf({ ...homelab(), "homelab:grafanaPassword": '["hush"]' })).toEqual([]);
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
        "(Docker 512 MiB, pki-step-ca 256 MiB, edge-traefik 256 MiB, authentik-database 256 MiB, authentik-server 672 MiB, " +
        "authentik-worker 608 MiB, harbor-core 256 MiB, harbor-database 320 MiB, harbor-exporter 64 MiB, harbor-findings 64 MiB, harbor-jobservice 160 MiB, harbor-portal 32 MiB, " +
        "harbor-registry 192 MiB, harbor-registryctl 64 MiB, harbor-trivy 768 MiB, harbor-valkey 96 MiB); " +
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

  test.each([
    ...["ftp://192.168.1.53", "192.168.1.53:3000", "http://", "http://192.168.1.53/grafana", "http://192.168.1.53:0"],
    // Node.js would read another address than Traefik, or one at all.
    ...["http://192.168.1.53\\", "http://192.168.\n1.53", " http://192.168.1.53", "http://192.168.1.53 "],
    ...["http://192.168.1.53?", "http://192.168.1.53#", "http://１９２.168.1.53", "http://192。168。1。53"],
    ...["http://%31%39%32.168.1.53", "http://аpple.de", "http://nas.lan`", 'http://nas.lan"', "http://*.lan"],
    // Traefik takes this for a program.
    'http://{{env"HOME"}}.lan',
    ...[`http://${"a".repeat(64)}.lan`, `http://${"abcd.".repeat(50)}home.arpa`],
  ])("an upstream is http(s)://host[:port]: %s is not", (upstream) => {
    expect(problems({ "services.0.upstream": upstream })).toEqual([
      `homelab:services[0].upstream: ${JSON.stringify(upstream).slice(0, 157)}${upstream.length > 158 ? "..." : ""} is not an address of the form http(s)://host[:port]; ` +
        "write it like http://192.168.1.53:3000",
    ]);
  });

  test("the CA of an upstream is a certificate", () => {
    expect(problems({ "services.3.upstreamCa": "/etc/pve/pve-root-ca.pem" })).toEqual([
      'homelab:services[3].upstreamCa: "/etc/pve/pve-root-ca.pem" is not a certificate in PEM; ' +
        "write it like -----BEGIN CERTIFICATE-----...",
    ]);
    const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    expect(problems({ "services.3.upstreamCa": pem })).toEqual([]);
    expect(problems({ "services.3.upstreamCa": pem + pem })).toEqual([]);
    // Traefik takes this for a program.
    expect(problems({ "services.3.upstreamCa": pem.replace("MIIB", '{{ env "HOME" }}') })).toHaveLength(1);
  });

  test("a description is a text that a database takes", () => {
    expect(problems({ "services.0.description": "Dashboards\n\tand <more>" })).toEqual([]);
    expect(problems({ "services.0.description": "a\u0000b" })).toEqual([
      'homelab:services[0].description: "a\\u0000b" is not a text without control characters; write it like Dashboards',
    ]);
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

test("the domain is one that DNS has, with room for a label before it", () => {
  const lines = (domain: string) => problems({ domain, services: [], "sso.grafana": undefined });
  expect(lines(`${"a".repeat(63)}.home.arpa`)).toEqual([]);
  expect(lines(`${"a".repeat(64)}.home.arpa`)).toHaveLength(1);
  const longest = `${"a.".repeat(89)}ab`.slice(0, 179);
  expect(lines(`${longest}.home.arpa`)).toEqual([]);
  expect(lines(`a${longest}.home.arpa`)).toEqual([
    expect.stringContaining("of labels of at most 63 letters, 189 in all"),
  ]);
});

describe("certificates", () => {
  test.each(["1s", "5m", "90m", "2540401h"])("live for whole hours, at most 290 years: %s is none of that", (life) => {
    const line = `is not a duration of whole hours, at most 290 years; write it like`;
    expect(problems({ "pki.rootValidity": life })).toEqual([`homelab:pki.rootValidity: "${life}" ${line} 175200h`]);
    expect(problems({ "pki.leafValidity": life })).toEqual([`homelab:pki.leafValidity: "${life}" ${line} 8760h`]);
  });

  test("live for hours or days, however they are written", () => {
    expect(problems({ "pki.leafValidity": "60m", "pki.rootValidity": "105850 d" })).toEqual([]);
  });

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
