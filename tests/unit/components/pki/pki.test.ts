import { catalogueEntry } from "../../../../components/pki/ca-config";
import { Pki } from "../../../../components/pki/pki";
import { changed, read } from "../../../helpers/unit/config-fixture";
import { stubMachine } from "../../../helpers/unit/machine-stub";
import {
  deploy,
  Deployment,
  keyText,
  Recorded,
  resolved,
  rootCertificate,
  rootFingerprint,
  types,
} from "../../../helpers/unit/pulumi-mocks";

const program =
  (settings: Record<string, unknown> = {}) =>
  () => {
    const machine = stubMachine();
    const config = read(changed(settings));
    return new Pki("pki", {
      machine,
      domain: config.domain,
      pki: config.pki,
      image: "step-ca@sha256:0",
      dns: ["192.168.1.1"],
    });
  };

/** Text of a file that the program writes under /srv/pki. */
function written(deployment: Deployment<Pki>, path: string): Recorded {
  const found = deployment.ofType(types.hostFile).find(({ inputs }) => inputs.path === `/srv/pki/${path}`);
  if (!found) throw new Error(`nothing writes /srv/pki/${path}`);
  return found;
}

const rootKey = keyText("pki-authority-root-key");
const intermediateKey = keyText("pki-authority-intermediate-key");

test("root and intermediate are made from the config, signed by the root key (EF-001)", async () => {
  const deployment = await deploy(program());
  const key = { algorithm: "ECDSA", ecdsaCurve: "P256" };
  const ca = {
    isCaCertificate: true,
    setSubjectKeyId: true,
    allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
  };
  expect(deployment.get(types.key, "pki-authority-root-key").inputs).toEqual(key);
  expect(deployment.get(types.key, "pki-authority-intermediate-key").inputs).toEqual(key);
  expect(deployment.get(types.selfSigned, "pki-authority-root").inputs).toEqual({
    ...ca,
    privateKeyPem: rootKey,
    subject: { commonName: "Homelab Root CA", organization: "Homelab" },
    validityPeriodHours: 175200,
  });
  expect(deployment.get(types.request, "pki-authority-intermediate-request").inputs).toEqual({
    privateKeyPem: intermediateKey,
    subject: { commonName: "Homelab Intermediate CA", organization: "Homelab" },
  });
  expect(deployment.get(types.signed, "pki-authority-intermediate").inputs).toEqual({
    ...ca,
    certRequestPem: "request pki-authority-intermediate-request",
    caPrivateKeyPem: rootKey,
    caCertPem: rootCertificate,
    validityPeriodHours: 43800,
    earlyRenewalHours: 21900,
  });
});

test("a short-lived intermediate is renewed when half its life is left, not at once (EC-1)", async () => {
  const settings = { "pki.intermediateValidity": "8760h", "pki.leafValidity": "720h" };
  const deployment = await deploy(program(settings));
  expect(deployment.get(types.signed, "pki-authority-intermediate").inputs.earlyRenewalHours).toBe(4380);
});

test("what cannot be made again without touching every device is protected (EF-005, EC-1)", async () => {
  const deployment = await deploy(program());
  const isProtected = deployment.resources.filter(({ options }) => options.protect).map(({ name }) => name);
  expect(isProtected.sort()).toEqual([
    "pki-authority-intermediate-key",
    "pki-authority-root",
    "pki-authority-root-key",
  ]);
});

test("the root key reaches the two certificates it signs and nothing else (EF-005)", async () => {
  const { resources } = await deploy(program());
  const holders = resources.filter(({ inputs }) => Object.values(inputs).includes(rootKey)).map(({ name }) => name);
  expect(holders.sort()).toEqual(["pki-authority-intermediate", "pki-authority-root"]);
  const onMachine = resources.filter(({ type }) => type === types.hostFile || type === types.container);
  expect(JSON.stringify(onMachine.map(({ inputs }) => inputs))).not.toContain(rootKey);
});

test("the intermediate key reaches the machine as a secret that step-ca alone may read (EF-005)", async () => {
  const { inputs, secrets } = written(await deploy(program()), "secrets/intermediate_ca_key");
  expect(inputs.content).toBe(intermediateKey);
  expect(secrets).toContain("content");
  expect(inputs).toMatchObject({ owner: "1000:1000", mode: "0400" });
});

test("ca.json issues for one label below the domain, for a year, over ACME alone (US1, EF-002)", async () => {
  expect(written(await deploy(program()), "config/ca.json").inputs.content).toBe(`{
  "address": ":9000",
  "authority": {
    "enableAdmin": false,
    "policy": {
      "x509": {
        "allow": {
          "dns": [
            "*.home.arpa"
          ]
        }
      }
    },
    "provisioners": [
      {
        "challenges": [
          "tls-alpn-01"
        ],
        "claims": {
          "defaultTLSCertDuration": "8760h",
          "maxTLSCertDuration": "8760h",
          "minTLSCertDuration": "5m"
        },
        "name": "acme",
        "type": "ACME"
      }
    ]
  },
  "crt": "/home/step/certs/intermediate_ca.crt",
  "db": {
    "badgerFileLoadingMode": "FileIO",
    "dataSource": "/home/step/db",
    "type": "badgerv2"
  },
  "dnsNames": [
    "ca.home.arpa",
    "step-ca"
  ],
  "key": "/home/step/secrets/intermediate_ca_key",
  "logger": {
    "format": "json"
  },
  "root": "/home/step/certs/root_ca.crt"
}
`);
});

test("domain and lifetime of certificates follow the config (US1)", async () => {
  const settings = { domain: "lab.home.arpa", "pki.leafValidity": "90 d", services: [], sso: undefined };
  const ca = JSON.parse(String(written(await deploy(program(settings)), "config/ca.json").inputs.content));
  expect(ca.authority.policy.x509.allow.dns).toEqual(["*.lab.home.arpa"]);
  expect(ca.authority.provisioners[0].claims).toMatchObject({
    maxTLSCertDuration: "2160h",
    defaultTLSCertDuration: "2160h",
  });
  expect(ca.dnsNames).toContain("ca.lab.home.arpa");
});

test("the health check finds its own CA and trusts the root it is given (EF-002)", async () => {
  const deployment = await deploy(program());
  const defaults = JSON.parse(String(written(deployment, "config/defaults.json").inputs.content));
  expect(defaults).toEqual({ "ca-url": "https://step-ca:9000", root: "/home/step/certs/root_ca.crt" });
  expect(written(deployment, "certs/root_ca.crt").inputs.content).toBe(rootCertificate);
  expect(written(deployment, "certs/intermediate_ca.crt").inputs.content).toBe(
    "certificate pki-authority-intermediate",
  );
});

test("step-ca has 256 MiB, its files read-only, its database on the disk, and no port on the LAN (EF-002)", async () => {
  const { inputs } = (await deploy(program())).get(types.container, "pki-step-ca");
  expect(inputs).toMatchObject({
    memory: 256,
    user: "1000:1000",
    command: ["/usr/local/bin/step-ca", "/home/step/config/ca.json"],
    healthcheck: { tests: ["CMD", "step", "ca", "health"] },
    networksAdvanced: [{ name: "pki", aliases: ["step-ca"] }],
    dns: ["192.168.1.1"],
  });
  const file = (path: string) => ({
    hostPath: `/srv/pki/${path}`,
    containerPath: `/home/step/${path}`,
    readOnly: true,
  });
  expect(inputs.volumes).toEqual([
    ...["config/ca.json", "config/defaults.json", "certs/root_ca.crt", "certs/intermediate_ca.crt"].map(file),
    file("secrets/intermediate_ca_key"),
    { hostPath: "/srv/pki/db", containerPath: "/home/step/db", readOnly: false },
  ]);
  expect(inputs).not.toHaveProperty("ports");
});

test("devices get the root and its fingerprint, in the form of step's own tool (EF-003)", async () => {
  const { result } = await deploy(program());
  expect(await resolved(result.rootCertificate)).toBe(rootCertificate);
  expect(await resolved(result.rootFingerprint)).toBe(rootFingerprint);
  expect(result.rootUrl).toBe("https://ca.home.arpa/roots.pem");
});

test("A6: step-ca has a network of its own, and the house sees its root and its health alone (EF-002, EF-003)", async () => {
  const deployment = await deploy(program());
  expect(deployment.get(types.network, "pki").inputs).toMatchObject({ name: "pki" });
  expect(catalogueEntry("home.arpa").paths).toEqual(["/roots.pem", "/health"]);
});

test("the edge asks step-ca by its name on the Docker network, behind the edge it is ca.home.arpa (EF-002, CS-001)", async () => {
  const { result } = await deploy(program());
  expect(await resolved(result.acmeDirectory)).toBe("https://step-ca:9000/acme/acme/directory");
  expect(catalogueEntry("home.arpa")).toMatchObject({
    name: "ca",
    host: "ca.home.arpa",
    upstream: "https://step-ca:9000",
    auth: "native",
  });
});
