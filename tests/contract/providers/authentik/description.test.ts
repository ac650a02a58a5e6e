import * as official from "@goauthentik/api";

import { Description } from "../../../../lab/authentik/api/description";
import { routes } from "../../../../lab/authentik/api/routes";
import { Validation } from "../../../../lab/authentik/api/validation";
import { AuthentikApi } from "../../../helpers/unit/authentik-api";

// The first request reads the description and compiles what it needs of it.
jest.setTimeout(20_000);

describe("the description that the official client is made from", () => {
  const description = Description.load();

  test.each(routes.map(({ method, path }) => [method, path] as const))("has %s %s", (method, path) => {
    expect(description.operation(method, path)?.operationId).toMatch(/^\w+$/);
  });

  test("finds an answer and a request that do not fit it", () => {
    const validation = new Validation(description);
    const operation = description.operation("POST", "/core/groups/");
    if (!operation) throw new Error("there is no such operation");
    expect(validation.response(operation, 201, { name: "family" })).toMatch(/must have required property 'pk'/);
    expect(validation.response(operation, 418, {})).toMatch(/never answers 418/);
    expect(validation.request(operation, { name: "family", users: ["jane"] })).toEqual({
      users: ["A valid integer is required."],
    });
    expect(validation.request(operation, { name: "family" })).toBeUndefined();
  });
});

describe("the official client", () => {
  let api: AuthentikApi;
  let configuration: official.Configuration;
  beforeAll(async () => {
    api = await AuthentikApi.start();
    const { endpoint, token } = api.connection;
    configuration = new official.Configuration({ basePath: `${endpoint}/api/v3`, accessToken: token });
  });
  afterAll(() => api.stop());
  const flow = (slug: string): string => api.row("flows", "slug", slug).pk;

  test("makes, reads, changes and deletes a group and a user", async () => {
    const core = new official.CoreApi(configuration);
    const group = await core.coreGroupsCreate({ groupRequest: { name: "family", isSuperuser: false } });
    const user = await core.coreUsersCreate({
      userRequest: { username: "jane", name: "Jane", email: "jane@home.arpa" },
    });
    await core.coreGroupsAddUserCreate({ groupUuid: group.pk, userAccountRequest: { pk: user.pk } });
    expect(await core.coreUsersRetrieve({ id: user.pk })).toMatchObject({ groups: [group.pk], type: "internal" });
    const changed = await core.coreUsersPartialUpdate({ id: user.pk, patchedUserRequest: { isActive: false } });
    expect(changed).toMatchObject({ isActive: false, email: "jane@home.arpa" });
    await core.coreUsersDestroy({ id: user.pk });
    await expect(core.coreUsersRetrieve({ id: user.pk })).rejects.toMatchObject({ response: { status: 404 } });
    expect((await core.coreGroupsList({ name: "family" })).results).toMatchObject([{ users: [] }]);
  });

  test("makes a client, an application and what lets a group in", async () => {
    const providers = new official.ProvidersApi(configuration);
    const provider = await providers.providersOauth2Create({
      oAuth2ProviderRequest: {
        name: "grafana",
        authorizationFlow: flow("default-provider-authorization-implicit-consent"),
        invalidationFlow: flow("default-provider-invalidation-flow"),
        redirectUris: [{ matchingMode: "strict", url: "https://grafana.home.arpa/login/generic_oauth" }],
        grantTypes: ["authorization_code", "refresh_token"],
      },
    });
    expect(provider).toMatchObject({ clientType: "confidential", grantTypes: ["authorization_code", "refresh_token"] });
    expect(provider.clientSecret).toHaveLength(128);
    const core = new official.CoreApi(configuration);
    const application = await core.coreApplicationsCreate({
      applicationRequest: { name: "Grafana", slug: "grafana", provider: provider.pk },
    });
    expect(application.providerObj).toMatchObject({ assignedApplicationSlug: "grafana" });
    const group = await core.coreGroupsCreate({ groupRequest: { name: "friends" } });
    const policies = new official.PoliciesApi(configuration);
    await policies.policiesBindingsCreate({
      policyBindingRequest: { target: application.pk, group: group.pk, order: 0 },
    });
    const bound = await policies.policiesBindingsList({ target: application.pk });
    expect(bound.results).toMatchObject([{ groupObj: { name: "friends" } }]);
    // The administrator is not one of them.
    expect((await core.coreApplicationsList({ slug: "grafana" })).results).toEqual([]);
    expect((await core.coreApplicationsList({ slug: "grafana", superuserFullList: true })).results).toHaveLength(1);
    const urls = await providers.providersOauth2SetupUrlsRetrieve({ id: provider.pk });
    expect(urls.issuer).toBe(`${api.connection.endpoint}/application/o/grafana/`);
  });

  test("makes a login flow", async () => {
    const flows = new official.FlowsApi(configuration);
    const own = await flows.flowsInstancesCreate({
      flowRequest: { name: "Login", slug: "homelab-login", title: "Welcome", designation: "authentication" },
    });
    const stages = new official.StagesApi(configuration);
    const stage = await stages.stagesAuthenticatorValidateCreate({
      authenticatorValidateStageRequest: {
        name: "homelab-second-factor",
        notConfiguredAction: "configure",
        configurationStages: [api.row("stages", "name", "default-authenticator-totp-setup").pk],
        deviceClasses: ["totp", "static"],
      },
    });
    await flows.flowsBindingsCreate({ flowStageBindingRequest: { target: own.pk, stage: stage.pk, order: 30 } });
    expect((await flows.flowsInstancesRetrieve({ slug: "homelab-login" })).stages).toEqual([stage.pk]);
    expect((await stages.stagesAllList({ name: "homelab-second-factor" })).results).toMatchObject([
      { component: "ak-stage-authenticator-validate-form", flowSet: [{ slug: "homelab-login" }] },
    ]);
  });

  test("reads every kind of list", async () => {
    const admin = new official.AdminApi(configuration);
    const settings = await admin.adminSettingsPartialUpdate({ patchedSettingsRequest: { reputationUpperLimit: 0 } });
    expect(settings).toMatchObject({ reputationUpperLimit: 0, reputationLowerLimit: -5 });
    const lists: Promise<{ results: unknown[] }>[] = [
      new official.CoreApi(configuration).coreBrandsList({ _default: true }),
      new official.CoreApi(configuration).coreTokensList(),
      new official.CryptoApi(configuration).cryptoCertificatekeypairsList({ hasKey: true }),
      new official.OutpostsApi(configuration).outpostsInstancesList({
        managedIexact: "goauthentik.io/outposts/embedded",
      }),
      new official.PropertymappingsApi(configuration).propertymappingsProviderScopeList({ scopeName: "openid" }),
      new official.StagesApi(configuration).stagesPromptPromptsList({ fieldKey: "password" }),
      new official.EventsApi(configuration).eventsTransportsList(),
      new official.EventsApi(configuration).eventsRulesList(),
      new official.EventsApi(configuration).eventsEventsList({ action: "model_created" }),
      new official.ProvidersApi(configuration).providersAllList(),
    ];
    for (const { results } of await Promise.all(lists)) expect(results.length).toBeGreaterThan(0);
    expect(await new official.AuthenticatorsApi(configuration).authenticatorsAdminAllList()).toEqual([]);
    expect((await new official.PoliciesApi(configuration).policiesReputationScoresList()).results).toEqual([]);
  });
});
