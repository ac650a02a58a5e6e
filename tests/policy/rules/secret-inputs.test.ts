import { enforcementLevel, settingsOf } from "../../../policies/policy";
import secretInputs from "../../../policies/rules/secret-inputs";
import { Session } from "../../../policies/session";
import { toCrossGuard } from "../../../policies/crossguard";
import { types } from "../../../policies/types";
import { judge, messages, notYetKnown, secret } from "../../helpers/policy/harness";

const pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
const judged = (type: string, inputs: Record<string, unknown>) =>
  messages("secret-inputs", [{ type, name: "one", inputs }]);
const notASecret = (path: string) =>
  `\`${path}\` is not a secret, so Pulumi stores and shows it in plain text; ` +
  "wrap it in `pulumi.secret()`, or keep it in the config with `--secret`";

test.each<[string, Record<string, unknown>, string]>([
  [types.proxmoxProvider, { apiToken: "pulumi@pve!homelab=0000" }, "apiToken"],
  [types.proxmoxProvider, { password: "letmein" }, "password"],
  [types.proxmoxProvider, { ssh: JSON.stringify({ nodes: [], privateKey: pem }) }, "ssh.privateKey"],
  [types.proxmoxProvider, { ssh: JSON.stringify({ password: "letmein" }) }, "ssh.password"],
  [types.dockerProvider, { registryAuth: JSON.stringify([{ password: "letmein" }]) }, "registryAuth[0].password"],
  [types.command, { connection: { host: "192.168.1.60", privateKey: pem } }, "connection.privateKey"],
  [types.command, { connection: { proxy: { password: "letmein" } } }, "connection.proxy.password"],
  [types.command, { environment: { LANG: "C", RESTIC_PASSWORD: "letmein" } }, "environment.RESTIC_PASSWORD"],
  [types.command, { stdin: pem }, "stdin"],
  [types.hostFile, { content: pem }, "content"],
  [types.selfSignedCert, { privateKeyPem: "key" }, "privateKeyPem"],
  [types.locallySignedCert, { caPrivateKeyPem: "key" }, "caPrivateKeyPem"],
  [types.uploads[0], { contentType: "snippets", sourceRaw: { data: "#cloud-config" } }, "sourceRaw.data"],
  [types.acmePlugins[0], { data: { CF_Key: "0000" } }, "data.CF_Key"],
  [types.openIdRealms[0], { clientId: "proxmox", clientKey: "0000" }, "clientKey"],
  [types.accounts[0], { userId: "family@pve", password: "letmein" }, "password"],
  [types.registryImage, { authConfig: { address: "registry.home.arpa", password: "letmein" } }, "authConfig.password"],
  ["homelab:host:File", { content: pem }, "content"],
  ["homelab:sso:Application", { clientSecret: "0000" }, "clientSecret"],
  ["pulumi-nodejs:dynamic:Resource", { token: "0000" }, "token"],
])("secret-inputs: %s with %j is a violation", async (type, inputs, path) => {
  expect(await judged(type, inputs)).toEqual([notASecret(path)]);
});

test("secret-inputs: secrets pass, nested or as a whole", async () => {
  expect(await judged(types.command, { connection: { host: "192.168.1.60", privateKey: secret(pem) } })).toEqual([]);
  expect(await judged(types.command, { connection: secret({ privateKey: pem }), stdin: secret(pem) })).toEqual([]);
  expect(await judged(types.proxmoxProvider, { ssh: secret(JSON.stringify({ privateKey: pem })) })).toEqual([]);
  expect(await judged(types.uploads[0], { sourceRaw: { data: secret("#cloud-config") } })).toEqual([]);
});

test("secret-inputs: a secret beside it doesn't cover a plain value", async () => {
  const inputs = { password: secret("letmein"), environment: [secret("x")], connection: { password: "letmein" } };
  expect(await judged(types.command, inputs)).toEqual([notASecret("connection.password")]);
});

test("secret-inputs: what isn't given, empty or not known yet passes", async () => {
  expect(await judged(types.proxmoxProvider, { ssh: JSON.stringify({ nodes: [] }), password: "" })).toEqual([]);
  expect(await judged(types.command, { connection: { privateKey: notYetKnown, password: null } })).toEqual([]);
  expect(await judged(types.command, { connection: notYetKnown, stdin: secret(notYetKnown) })).toEqual([]);
});

test("secret-inputs: public keys, certificates and names of tokens are not secrets", async () => {
  const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  expect(await judged("homelab:host:File", { content: certificate })).toEqual([]);
  expect(await judged(types.apiTokens[0], { tokenName: "homelab", userId: "pulumi@pve" })).toEqual([]);
  expect(await judged(types.command, { environment: { RESTIC_PASSWORD_FILE: "/run/secrets/restic" } })).toEqual([]);
});

test("secret-inputs: a secret in a container's environment is a violation even as a secret", async () => {
  const envs = ["LANG=C", secret("POSTGRES_PASSWORD=a=b"), "API_TOKEN=0000"];
  const shown = (name: string) =>
    `its environment variable ${name} holds a secret, which \`docker inspect\` shows; ` +
    `mount a file and name it in ${name}_FILE, or whatever the image reads instead`;
  expect(await judged(types.container, { envs })).toEqual([
    isSecret("envs[1]"),
    shown("POSTGRES_PASSWORD"),
    shown("API_TOKEN"),
  ]);
});

const isSecret = (path: string): string =>
  `its \`${path}\` is a secret, which \`docker inspect\` shows; mount a file with it instead`;

test.each<[Record<string, unknown>, string]>([
  [{ envs: ["LANG=C", secret("GREETING=letmein")] }, "envs[1]"],
  [{ envs: secret(["LANG=C"]) }, "envs"],
  [{ command: ["app", secret(notYetKnown)] }, "command[1]"],
  [{ healthcheck: { tests: ["CMD", secret("letmein")] } }, "healthcheck.tests[1]"],
  [{ labels: [{ label: "note", value: secret("letmein") }] }, "labels[0].value"],
])("secret-inputs: a container has no secret under any name: %j", async (inputs, path) => {
  expect(await judged(types.container, inputs)).toEqual([isSecret(path)]);
});

test("secret-inputs: the id of a container's machine may be a secret to Pulumi, being what a command printed", async () => {
  const value = secret("0123456789abcdef0123456789abcdef");
  const labels = [{ label: "arpa.home.machine", value }];
  expect(await judged(types.container, { labels, image: secret("sha256:0"), volumes: [secret("/srv")] })).toEqual([]);
});

test("secret-inputs: a container's environment may name files with secrets", async () => {
  const envs = [
    "POSTGRES_PASSWORD_FILE=/run/secrets/db",
    "APP_SECRET_KEY=file:///run/secrets/key",
    "TOKEN=",
    notYetKnown,
  ];
  expect(await judged(types.container, { envs })).toEqual([]);
});

test("secret-inputs: an exempted resource passes, and the report says so", async () => {
  const exempt = [{ resource: "one", reason: "a password that everybody may know" }];
  const stack = [{ type: types.accounts[0], name: "one", inputs: { password: "guest" } }];
  const { violations, report } = await judge(stack, { "secret-inputs": { exempt } });
  expect(violations.filter(({ policy }) => policy === "secret-inputs")).toEqual([]);
  expect(report.exemptions).toEqual([{ policy: "secret-inputs", ...exempt[0] }]);
});

test("secret-inputs: it can't be advisory, because then Pulumi would not show it the secrets", () => {
  expect(settingsOf(secretInputs).safeParse({ level: "advisory" }).error?.issues).toMatchObject([
    {
      path: ["level"],
      message:
        "{value} is not mandatory or disabled, the only levels of a policy that sees which values are secrets; " +
        "exempt single resources instead",
    },
  ]);
  expect(settingsOf(secretInputs).parse({ level: "disabled" }).level).toBe("disabled");
  expect(enforcementLevel(secretInputs, "mandatory")).toBe("remediate");
  expect(enforcementLevel(secretInputs, "disabled")).toBe("disabled");
});

test("secret-inputs: refuses to judge where Pulumi didn't show the secrets", () => {
  const [policy] = toCrossGuard([secretInputs], new Session()) as unknown as [
    { enforcementLevel: string; validateResource: (args: object, report: () => void) => void },
  ];
  const args = { type: types.command, urn: "urn", props: {}, opts: {}, getConfig: () => ({}) };
  expect(policy.enforcementLevel).toBe("remediate");
  expect(() => policy.validateResource(args, jest.fn())).toThrow(
    'Pulumi did not show which values are secrets; the policy\'s enforcementLevel must be "remediate"',
  );
});
