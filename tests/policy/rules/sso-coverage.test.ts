import { types } from "../../../policies/types";
import { judge, messages, notYetKnown, urnOf } from "../../helpers/policy/harness";

const edge = (services: unknown) => ({ type: types.edge, name: "edge", inputs: { services } });
const authentik = { type: types.sso, name: "authentik", inputs: {} };
const judged = (services: unknown, settings: object = {}) =>
  messages("sso-coverage", [authentik, edge(services)], settings);
const remedy = "set auth to oidc or proxy, or name the reason under sso-coverage.exempt in policies/stacks/test.yaml";

test("sso-coverage: services behind single sign-on pass (US3)", async () => {
  const services = [
    { name: "grafana", host: "grafana.home.arpa", auth: "oidc" },
    { name: "dashboard", host: "dashboard.home.arpa", auth: "proxy" },
  ];
  expect(await judged(services)).toEqual([]);
  expect(await judged([])).toEqual([]);
});

test("sso-coverage: every service with its own login, or none, is told of (US3)", async () => {
  const services = [
    { name: "printer", auth: "none" },
    { name: "grafana", auth: "oidc" },
    { name: "ca", auth: "native" },
  ];
  expect(await judged(services)).toEqual([
    `the service printer has auth none, so it is not behind single sign-on; ${remedy}`,
    `the service ca has auth native, so it is not behind single sign-on; ${remedy}`,
  ]);
});

test("sso-coverage: a stack without single sign-on has nothing to cover (US3)", async () => {
  expect(await messages("sso-coverage", [edge([{ name: "printer", auth: "none" }])])).toEqual([]);
});

test("sso-coverage: what isn't known yet is a violation", async () => {
  const message = `has an auth that is not known before the update, so it is not behind single sign-on; ${remedy}`;
  expect(await judged([{ name: "grafana", auth: notYetKnown }])).toEqual([`the service grafana ${message}`]);
  expect(await judged(notYetKnown)).toEqual([`a service ${message}`]);
});

test("sso-coverage: a service is exempted by its own name, the others are not", async () => {
  const exempt = [{ resource: "ca", reason: "ACME clients prove a name, not a person" }];
  const stack = [
    authentik,
    edge([
      { name: "ca", auth: "native" },
      { name: "printer", auth: "none" },
    ]),
  ];
  const { violations, report } = await judge(stack, { "sso-coverage": { exempt } });
  expect(violations.filter(({ policy }) => policy === "sso-coverage")).toEqual([
    {
      policy: "sso-coverage",
      urn: urnOf(types.edge, "edge"),
      message: `the service printer has auth none, so it is not behind single sign-on; ${remedy}`,
    },
  ]);
  expect(report.exemptions).toEqual([{ policy: "sso-coverage", ...exempt[0] }]);
});

test("sso-coverage: judges nothing but the edge", async () => {
  const other = { type: "homelab:pki:Pki", name: "pki", inputs: { services: [{ name: "ca", auth: "none" }] } };
  expect(await messages("sso-coverage", [other])).toEqual([]);
});
