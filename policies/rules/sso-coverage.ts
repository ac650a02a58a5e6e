import { stackPolicy } from "../policy";
import { at, items, settingsFile, unknown, type Value } from "../resource";
import { types } from "../types";

export default stackPolicy({
  name: "sso-coverage",
  level: "advisory",
  summary: "Every web service is behind single sign-on, or there is a reason why not.",
  doc: `A service with accounts of its own is one more place where somebody has to be let in and, later, locked out; one
without a login is open to every device in the house. Judged are the \`services\` of every edge: \`auth\` must be \`oidc\` (the
service asks the single sign-on itself) or \`proxy\` (the edge asks before it). What can't have that is exempted by the
service's name; the reason is then part of every preview. A stack without single sign-on has nothing to cover.`,
  requirements: ["US3"],
  settings: {},
  judgeStack({ resources }, _settings, tell) {
    if (!resources.some(({ type }) => type === types.sso || type === types.ssoAccess)) return;
    for (const { urn, inputs } of resources.filter(({ type }) => type === types.edge)) {
      for (const service of items(at(inputs, "services"))) {
        const auth = at(service, "auth");
        if (covered.includes(auth)) continue;
        const name = at(service, "name");
        const known = typeof name === "string" ? name : undefined;
        const what = known === undefined ? "a service" : `the service ${known}`;
        const how = auth === unknown ? "has an auth that is not known before the update" : `has auth ${String(auth)}`;
        tell.violation(
          `${what} ${how}, so it is not behind single sign-on; set auth to oidc or proxy, ` +
            `or name the reason under sso-coverage.exempt in ${settingsFile(urn)}`,
          { urn, name: known ?? "" },
        );
      }
    }
  },
});

/** The kinds of login that single sign-on takes care of. */
const covered: readonly Value[] = ["oidc", "proxy"];
