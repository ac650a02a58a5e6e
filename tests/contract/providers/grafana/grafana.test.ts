import { evaluate } from "../../../../lab/grafana/expression";
import { roleAttributePath, type GroupRole } from "../../../../providers/grafana";
import { GrafanaApi } from "../../../helpers/unit/grafana-api";
import { hurry, Stack } from "../../../helpers/unit/provider-stack";
import { askJmespath, GrafanaDescription, type Question } from "../../../helpers/contract/grafana-description";
import { canRun, isOnPath } from "../../../helpers/contract/programs";

const officialTest = canRun("Go", isOnPath("go")) ? test : test.skip;

jest.setTimeout(180_000);
beforeAll(hurry);

const args = {
  enabled: true,
  clientId: "grafana",
  clientSecret: "Client-Secret-1",
  authUrl: "https://auth.home.arpa/application/o/authorize/",
  tokenUrl: "https://auth.home.arpa/application/o/token/",
  scopes: ["openid"],
};

officialTest("the provider's calls and the stand-in's answers are as Grafana's own client has them", async () => {
  const api = await GrafanaApi.start();
  try {
    const stack = new Stack("SsoSettings", api.connection, "grafana");
    await stack.up(args);
    await stack.refresh();
    await stack.up({ ...args, name: "Home" });
    await stack.destroy();
    await expect(
      new Stack("SsoSettings", { ...api.connection, password: "wrong" }, "grafana").up(args),
    ).rejects.toThrow();
    const token = { endpoint: api.endpoint, token: GrafanaApi.token };
    await expect(new Stack("SsoSettings", token, "grafana").up(args)).rejects.toThrow();
    const authorization = `Basic ${Buffer.from(`admin:${GrafanaApi.password}`).toString("base64")}`;
    const path = "/v1/sso-settings/generic_oauth";
    for (const [method, call, body] of [
      ["GET", "/user"],
      ["GET", "/user/orgs"],
      ["GET", "/v1/sso-settings"],
      ["GET", "/v1/sso-settings/unknown"],
      ["DELETE", path],
      ["PUT", path, "{}"],
    ] as const)
      await fetch(`${api.endpoint}/api${call}`, { method, headers: { authorization }, ...(body && { body }) });
    const description = GrafanaDescription.load();
    expect(api.exchanges.flatMap((exchange) => description.problems(exchange))).toEqual([]);
    const calls = api.exchanges.map(({ method, path: at, status }) => `${method} ${at.replace("/api", "")} ${status}`);
    expect(new Set(calls)).toEqual(
      new Set([
        ...[`GET ${path} 200`, `GET ${path} 401`, `GET ${path} 403`],
        ...[`PUT ${path} 204`, `PUT ${path} 400`, `DELETE ${path} 204`, `DELETE ${path} 404`],
        ...["GET /user 200", "GET /user/orgs 200", "GET /v1/sso-settings 200", "GET /v1/sso-settings/unknown 404"],
      ]),
    );
  } finally {
    await api.stop();
  }
});

officialTest("a role expression gives in Grafana's own JMESPath what it gives here", () => {
  const names = ["admins", "family", "o'hara", "back\\slash", "end\\", "tick`", "'`\\\"", "ä ö", "') || 'Admin' || ('"];
  const roles = names.map((group, place): GroupRole => ({ group, role: place === 0 ? "GrafanaAdmin" : "Viewer" }));
  const ofAll = roleAttributePath(roles);
  const expressions = [ofAll, roleAttributePath([]), ...roles.map((role) => roleAttributePath([role]))];
  const claims = [{}, { groups: [] }, { groups: null }, ...names.map((group) => ({ groups: ["nobody", group] }))];
  const questions: Question[] = expressions.flatMap((expression) =>
    claims.map((each) => ({ expression, claims: each })),
  );
  const here = questions.map((question) => evaluate(question.expression, { ...question.claims }) ?? "");
  const official = askJmespath(questions);
  expect(here).toEqual(official);
  const given = (group: string): string | undefined =>
    official[
      questions.findIndex(
        (each) => each.expression === ofAll && JSON.stringify(each.claims).includes(JSON.stringify(group)),
      )
    ];
  expect(names.map(given)).toEqual(roles.map(({ role }) => role));
});
