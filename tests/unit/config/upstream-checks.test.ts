import { destination, isLoopback } from "../../../config/address";
import { problems } from "../../helpers/unit/config-fixture";

const remedy = "write the address and the port at which the service itself listens";

/** What is said of an upstream of Prometheus. */
const said = (upstream: string): readonly string[] => problems({ "services.1.upstream": upstream });

const refused = (upstream: string, problem: string): string[] => [
  `homelab:services[1].upstream: "${upstream}" ${problem}`,
];

describe("A5: an upstream that leads back to the edge is refused", () => {
  test.each([
    "http://localhost:8082",
    "http://LOCALHOST.",
    "http://prometheus.localhost",
    "http://127.0.0.1:8082",
    "http://127.8.9.10",
    "http://127.1:8082",
    "http://2130706433",
    "https://[::1]:443",
    "http://[::]",
    "http://[::ffff:127.0.0.1]:8082",
    "http://[::127.0.0.1]:8082",
    "http://[64:ff9b::127.0.0.1]:8082",
    "http://0.0.0.0:80",
    "http://0",
  ])("%s is the edge's own container, with Traefik's API in it", (upstream) => {
    expect(said(upstream)).toEqual(refused(upstream, `leads into the edge's own container; ${remedy}`));
  });

  test.each([
    ["https://prometheus.home.arpa", "homelab:services[1]"],
    ["https://grafana.home.arpa:8443", "homelab:services[0]"],
    ["http://Grafana.Home.Arpa.", "homelab:services[0]"],
    ["http://grafana.home.arpa..", "homelab:services[0]"],
    ["https://ca.home.arpa", "the stack's own ca"],
    ["https://registry.home.arpa", "the stack's own registry"],
    ["https://auth.home.arpa", "the stack's own auth"],
    ["https://traefik.home.arpa", "the stack's own traefik"],
  ])("%s is a name of the catalogue", (upstream, owner) => {
    expect(said(upstream)).toEqual(
      refused(upstream, `leads back to the edge, which serves ${owner} under that name; ${remedy}`),
    );
  });

  test("a host of its own counts, and not the name that it takes the place of", () => {
    const services = [{ name: "docs", host: "wiki.home.arpa", upstream: "http://docs.home.arpa:3000", auth: "none" }];
    expect(problems({ services, "sso.grafana": undefined })).toEqual([]);
    const own = [{ name: "docs", host: "wiki.home.arpa", upstream: "http://wiki.home.arpa:3000", auth: "none" }];
    expect(problems({ services: own, "sso.grafana": undefined })).toEqual([
      'homelab:services[0].upstream: "http://wiki.home.arpa:3000" leads back to the edge, which serves ' +
        `homelab:services[0] under that name; ${remedy}`,
    ]);
  });

  test.each(["https://192.168.1.60", "http://192.168.1.60", "https://tooling.home.arpa", "http://192.168.1.60:443"])(
    "%s is the machine, at the edge's ports",
    (upstream) => {
      expect(said(upstream)).toEqual(refused(upstream, `is the edge itself (homelab:toolingVm.address); ${remedy}`));
    },
  );

  test.each([
    "http://edge-traefik:80",
    "https://step-ca:9000",
    "http://edge-traefik.tooling",
    "https://step-ca.pki:9000",
  ])("%s is a container of the stack", (upstream) => {
    const problem = "has a name without a domain, which is that of a container of the stack; ";
    expect(said(upstream)).toEqual(refused(upstream, `${problem}write the service's address or full name`));
  });

  test.each([
    "http://172.17.0.1",
    "https://172.18.0.2:9000",
    "http://[::ffff:172.31.255.254]:6379",
    "http://0xac120003",
  ])("%s may be a container of the stack", (upstream) => {
    const problem =
      "may be a container of the stack, as Docker gives these 172.17.0.0-172.31.255.255; if it is another machine's, " +
      "add it to homelab:network.inUse";
    expect(said(upstream)).toEqual(refused(upstream, problem));
    const known = [{ "network.inUse": ["172.17.0.0-172.31.255.255"] }, { "guests.0.address": "172.18.0.2" }];
    expect(known.map((each) => problems({ ...each, "services.1.upstream": "http://172.18.0.2" }))).toEqual([[], []]);
  });

  test("an address of the house's own subnet is none that Docker gives", () => {
    const network = { subnet: "172.20.0.0/16", gateway: "172.20.0.1", dns: ["172.20.0.1"] };
    const house = { network, "toolingVm.address": "172.20.0.60" };
    expect(problems({ ...house, "services.1.upstream": "http://172.20.1.2:9090" })).toEqual([]);
    expect(problems({ ...house, "services.1.upstream": "http://172.21.1.2:9090" })).toHaveLength(1);
  });

  test.each([
    "http://172.16.0.2",
    "http://172.32.0.2",
    "http://192.168.1.60:9000",
    "http://192.168.1.53:443",
    "https://nas.home.arpa",
    "https://nas.lan",
    "http://[fd00::1]:3000",
  ])("%s leads elsewhere", (upstream) => {
    expect(said(upstream)).toEqual([]);
  });
});

test("A5: a destination has one form, however it is written", () => {
  const forms = [
    "http://[::ffff:192.168.1.60]",
    "http://[64:ff9b::192.168.1.60]",
    "http://192.168.1.60:80/",
    "http://0xc0a8013c",
  ];
  expect(forms.map((each) => destination(new URL(each)))).toEqual(forms.map(() => "192.168.1.60"));
  expect(isLoopback("localhost.home.arpa")).toBe(false);
  expect(isLoopback("mylocalhost")).toBe(false);
});
