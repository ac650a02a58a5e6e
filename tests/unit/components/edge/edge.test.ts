import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import { Edge } from "../../../../components/edge/edge";
import { route } from "../../../../components/edge/route";
import { dashboardEntry } from "../../../../components/edge/dashboard";
import { identityHeaders } from "../../../../components/edge/identity-headers";
import { commonConfig, staticConfig } from "../../../../components/edge/static-config";
import { Service } from "../../../../config/services";
import { days, hours } from "../../../../config/duration";
import { stubMachine } from "../../../helpers/unit/machine-stub";
import { deploy, resolved, rootCertificate, types } from "../../../helpers/unit/pulumi-mocks";

const grafana: Service = {
  name: "grafana",
  host: "grafana.home.arpa",
  upstream: "http://192.168.1.53:3000",
  auth: "oidc",
};
const proxmox: Service = {
  name: "proxmox",
  host: "proxmox.home.arpa",
  upstream: "https://192.168.1.10:8006",
  auth: "oidc",
};

const signOn = "http://authentik-server:9000";
const args = { signOn, address: "192.168.1.60" };

const program =
  (services: Service[] = [grafana, proxmox]) =>
  () => {
    const machine = stubMachine();
    const edge = new Edge("edge", {
      machine,
      networks: ["tooling", "pki"].map((name) => new docker.Network(name, { name })),
      services,
      signOn,
      acmeDirectory: pulumi.output("https://step-ca:9000/acme/acme/directory"),
      rootCertificate,
      leafValidity: hours(8760),
      image: "traefik@sha256:0",
      dns: ["192.168.1.1"],
    });
    return { machine, edge };
  };

test("traefik.yml: HTTPS from step-ca, HTTP redirected, the dashboard inside alone, no limit on a request body (US1, EF-001, EC-6)", async () => {
  const { inputs } = (await deploy(program())).get(types.hostFile, "edge-static");
  expect(inputs.content).toBe(`global:
  checkNewVersion: false
  sendAnonymousUsage: false
log:
  level: INFO
  format: json
entryPoints:
  web:
    address: :80
    http:
      aliasHeadersStrategy: delete
      redirections:
        entryPoint:
          to: websecure
          scheme: https
          permanent: true
  websecure:
    address: :443
    transport:
      respondingTimeouts:
        readTimeout: 0s
    http:
      aliasHeadersStrategy: delete
      middlewares:
        - security-headers@file
      tls:
        certResolver: step-ca
  ping:
    address: 127.0.0.1:8082
    http:
      aliasHeadersStrategy: delete
ping:
  entryPoint: ping
api:
  dashboard: true
  insecure: false
providers:
  file:
    directory: /etc/traefik/routes
    watch: true
  providersThrottleDuration: 50ms
certificatesResolvers:
  step-ca:
    acme:
      caServer: https://step-ca:9000/acme/acme/directory
      caCertificates:
        - /etc/traefik/root_ca.crt
      certificatesDuration: 8760
      keyType: EC256
      storage: /acme/acme.json
      tlsChallenge: {}
`);
});

test("Traefik renews by the life that certificates really have (US1, EF-004)", () => {
  const text = staticConfig({ acmeDirectory: "https://step-ca:9000/acme/acme/directory", leafValidity: days(90) });
  expect(parse(text).certificatesResolvers["step-ca"].acme.certificatesDuration).toBe(2160);
});

test("every route has TLS 1.2 or better and headers that keep a browser on HTTPS (CS-001)", () => {
  const { tls, http } = parse(commonConfig({ signOn: signOn }));
  const options = { minVersion: "VersionTLS12", sniStrict: true };
  expect(tls).toEqual({ options: { default: options, http1: { ...options, alpnProtocols: ["http/1.1"] } } });
  expect(http.middlewares["security-headers"].headers).toEqual({
    stsSeconds: 86400,
    contentTypeNosniff: true,
    customFrameOptionsValue: "SAMEORIGIN",
    referrerPolicy: "strict-origin-when-cross-origin",
    customRequestHeaders: Object.fromEntries([...identityHeaders, "Forwarded"].map((name) => [name, ""])),
    customResponseHeaders: { Server: "", "X-Powered-By": "" },
  });
});

describe("a catalogue entry's route", () => {
  test("leads from its name to its upstream, with a certificate of its own (US1, CS-001)", () => {
    expect(route(grafana, args)).toBe(`http:
  routers:
    grafana:
      rule: Host(\`grafana.home.arpa\`)
      entryPoints:
        - websecure
      service: grafana
      middlewares:
        - grafana_mark
      tls:
        certResolver: step-ca
    grafana_loop:
      rule: Host(\`grafana.home.arpa\`) && Header(\`X-Edge-Passed-grafana\`, \`192.168.1.60\`)
      priority: 1000000
      entryPoints:
        - websecure
      service: noop@internal
      middlewares:
        - loop@file
      tls:
        certResolver: step-ca
  middlewares:
    grafana_mark:
      headers:
        customRequestHeaders:
          X-Edge-Passed-grafana: 192.168.1.60
  services:
    grafana:
      loadBalancer:
        servers:
          - url: http://192.168.1.53:3000
        passHostHeader: true
`);
  });

  test("EF-006: is over HTTP/1.1 where gigabytes go through it, in each of the host's routers alike", () => {
    const branches = [{ name: "core", upstream: "http://core:8080", paths: ["/v2/"] }];
    const routers = Object.values<object>(parse(route({ ...grafana, branches, isBulk: true }, args)).http.routers);
    expect(routers).toHaveLength(3);
    for (const each of routers) expect(each).toMatchObject({ tls: { certResolver: "step-ca", options: "http1@file" } });
  });

  test("checks an upstream that speaks TLS against the root, and never skips the check (EF-001)", () => {
    const { http } = parse(route(proxmox, args));
    expect(http.services.proxmox.loadBalancer).toEqual({
      servers: [{ url: "https://192.168.1.10:8006" }],
      passHostHeader: true,
      serversTransport: "proxmox",
    });
    expect(http.serversTransports).toEqual({ proxmox: { rootCAs: ["/etc/traefik/root_ca.crt"] } });
    expect(route(proxmox, args)).not.toContain("insecureSkipVerify");
  });

  test("checks an upstream with a CA of its own against that CA alone", () => {
    const upstreamCa = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    expect(parse(route({ ...proxmox, upstreamCa }, args)).http.serversTransports).toEqual({
      proxmox: { rootCAs: [upstreamCa] },
    });
  });

  test("sends the paths of a branch to the branch's upstream, and only those (EF-006)", () => {
    const branches = [{ name: "core", upstream: "http://core:8080", paths: ["/api/", "/service/token"] }];
    const { http } = parse(route({ ...grafana, branches }, args));
    expect(http.routers["grafana-core"]).toEqual({
      rule: "Host(`grafana.home.arpa`) && (PathPrefix(`/api/`) || Path(`/service/token`))",
      entryPoints: ["websecure"],
      service: "grafana-core",
      middlewares: ["grafana_mark"],
      tls: { certResolver: "step-ca" },
    });
    expect(http.services["grafana-core"].loadBalancer.servers).toEqual([{ url: "http://core:8080" }]);
    expect(http.routers.grafana.rule).toBe("Host(`grafana.home.arpa`)");
  });

  test("US3, EF-015: asks the single sign-on first where the service has no login, and lets it answer its own path", () => {
    const { http } = parse(route({ ...grafana, auth: "proxy" }, args));
    expect(http.routers).toEqual({
      grafana: {
        rule: "Host(`grafana.home.arpa`)",
        entryPoints: ["websecure"],
        service: "grafana",
        middlewares: ["grafana_mark", "single-sign-on@file", "without-token@file"],
        tls: { certResolver: "step-ca" },
      },
      "grafana-sign-on": {
        rule: "Host(`grafana.home.arpa`) && (PathPrefix(`/outpost.goauthentik.io/`))",
        entryPoints: ["websecure"],
        service: "grafana-sign-on",
        middlewares: ["grafana_mark"],
        tls: { certResolver: "step-ca" },
      },
      grafana_loop: expect.anything(),
    });
    expect(http.services["grafana-sign-on"].loadBalancer.servers).toEqual([{ url: signOn }]);
    expect(parse(route(grafana, args)).http.routers.grafana.middlewares).toEqual(["grafana_mark"]);
  });

  test("US3, EF-015: leads to Traefik's own dashboard, for administrators, behind the single sign-on", () => {
    const entry = dashboardEntry("home.arpa", ["admins"]);
    expect(entry).toMatchObject({ host: "traefik.home.arpa", auth: "proxy", groups: ["admins"] });
    const { http } = parse(route(entry, args));
    const middlewares = ["traefik_mark", "single-sign-on@file", "without-token@file"];
    expect(http.routers.traefik).toMatchObject({ service: "api@internal", middlewares });
    expect(Object.keys(http.services)).toEqual(["traefik-sign-on"]);
  });
});

test("Traefik publishes 80 and 443 on the machine's own address, and nothing else (EF-001)", async () => {
  const published = (await deploy(program())).ofType(types.container).map(({ inputs }) => inputs.ports);
  expect(published).toEqual([
    [
      { internal: 80, external: 80, ip: "192.168.1.60", protocol: "tcp" },
      { internal: 443, external: 443, ip: "192.168.1.60", protocol: "tcp" },
    ],
  ]);
});

test("Traefik may write its account and certificates, and only read the rest (EF-002)", async () => {
  const { inputs } = (await deploy(program())).get(types.container, "edge-traefik");
  expect(inputs).toMatchObject({
    memory: 256,
    user: "65532:65532",
    command: ["--configFile=/etc/traefik/traefik.yml"],
    networksAdvanced: [{ name: "tooling" }, { name: "pki" }],
  });
  expect(inputs.volumes).toEqual([
    { hostPath: "/srv/edge/traefik.yml", containerPath: "/etc/traefik/traefik.yml", readOnly: true },
    { hostPath: "/srv/edge/root_ca.crt", containerPath: "/etc/traefik/root_ca.crt", readOnly: true },
    { hostPath: "/srv/edge/routes", containerPath: "/etc/traefik/routes", readOnly: true },
    { hostPath: "/srv/edge/acme", containerPath: "/acme", readOnly: false },
  ]);
});

test("a new service is a new route and a new wait; Traefik and the other services stay as they are (US1, CS-002)", async () => {
  const before = await deploy(program([grafana]));
  const after = await deploy(program());
  const added = after.ids().filter((id) => !before.ids().includes(id));
  expect(added).toEqual([
    "command:remote:Command edge-certificate-proxmox",
    "homelab:edge:ServedCertificate edge-certificate-proxmox",
    "pulumi-nodejs:dynamic/host:File edge-route-proxmox",
  ]);
  for (const type of [types.command, types.hostFile, types.container, types.image]) {
    for (const { name, inputs } of before.ofType(type)) expect(after.get(type, name).inputs).toEqual(inputs);
  }
});

test("a route appears once Traefik is healthy, and its certificate is asked for once the route is there (CS-002)", async () => {
  const deployment = await deploy(program());
  const traefik = deployment.get("homelab:host:Container", "edge-traefik").resource;
  const file = deployment.get(types.hostFile, "edge-route-grafana");
  expect(file.options.dependsOn).toEqual([traefik]);
  const wait = deployment.get(types.command, "edge-certificate-grafana");
  expect(wait.options.dependsOn).toEqual([file.resource]);
  expect(wait.inputs.triggers).toEqual(["machine-1", "grafana.home.arpa"]);
});

test("each service comes out with its address and how long its certificate took (CS-001, CS-002)", async () => {
  expect(await resolved((await deploy(program())).result.edge.services)).toEqual([
    { name: "grafana", url: "https://grafana.home.arpa", issuedInMilliseconds: 1234 },
    { name: "proxmox", url: "https://proxmox.home.arpa", issuedInMilliseconds: 1234 },
  ]);
});
