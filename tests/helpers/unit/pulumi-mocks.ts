import * as pulumi from "@pulumi/pulumi";

/** A resource as the program registered it. */
export interface Recorded {
  type: string;
  name: string;
  /** Inputs, with secrets unwrapped. */
  inputs: Record<string, unknown>;
  /** Names of the inputs that hold a secret, at whatever depth. */
  secrets: string[];
  /** Options as written in the program: `protect`, `ignoreChanges`, `deletedWith`. */
  options: pulumi.CustomResourceOptions;
  resource: pulumi.Resource;
  /** Finds the resources that its inputs, or one of them, come from: it is made after these. */
  sources: (property?: string) => Promise<pulumi.Resource[]>;
}

/** What a program registered, and what it returned. */
export class Deployment<T> {
  constructor(
    readonly resources: Recorded[],
    readonly result: T,
  ) {}

  /** The one resource of a type with a name. */
  get(type: string, name: string): Recorded {
    const found = this.resources.find((resource) => resource.type === type && resource.name === name);
    if (found) return found;
    throw new Error(`no ${type} "${name}" was registered; there are: ${this.ids().join(", ")}`);
  }

  ofType(type: string): Recorded[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** `type name` of every resource, sorted. */
  ids(): string[] {
    return this.resources.map(({ type, name }) => `${type} ${name}`).sort();
  }
}

export const types = {
  acl: "proxmoxve:index/acl:Acl",
  backupJob: "proxmoxve:backup/job:Job",
  command: "command:remote:Command",
  container: "docker:index/container:Container",
  dockerProvider: "pulumi:providers:docker",
  file: "proxmoxve:index/fileLegacy:FileLegacy",
  hostDirectory: "pulumi-nodejs:dynamic/host:Directory",
  hostFile: "pulumi-nodejs:dynamic/host:File",
  group: "proxmoxve:index/groupLegacy:GroupLegacy",
  image: "docker:index/remoteImage:RemoteImage",
  key: "tls:index/privateKey:PrivateKey",
  network: "docker:index/network:Network",
  password: "random:index/randomPassword:RandomPassword",
  randomText: "random:index/randomString:RandomString",
  request: "tls:index/certRequest:CertRequest",
  download: "proxmoxve:download/file:File",
  proxmoxProvider: "pulumi:providers:proxmoxve",
  realm: "proxmoxve:realm/openid:Openid",
  selfSigned: "tls:index/selfSignedCert:SelfSignedCert",
  signed: "tls:index/locallySignedCert:LocallySignedCert",
  vm: "proxmoxve:index/vmLegacy:VmLegacy",
} as const;

/** A root certificate whose key nobody has. Its SHA-256 by `openssl x509 -fingerprint -sha256` is {@link rootFingerprint}. */
export const rootCertificate = `-----BEGIN CERTIFICATE-----
MIIBsDCCAVWgAwIBAgIUPdT4JfCwprL7/BVxo8NhOtIYjk8wCgYIKoZIzj0EAwIw
LDEQMA4GA1UECgwHSG9tZWxhYjEYMBYGA1UEAwwPSG9tZWxhYiBSb290IENBMCAX
DTI2MTEyMTA2MzkwM1oYDzIxMjYxMDI4MDYzOTAzWjAsMRAwDgYDVQQKDAdIb21l
bGFiMRgwFgYDVQQDDA9Ib21lbGFiIFJvb3QgQ0EwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQi8AjOqXEZXHuRwgXz1ifJLAr9GgoXb+VARtWyVJGBpKXdI4rafOGq
v7n3giaL81y9uQk4YLaQYe3RR+vbLnIJo1MwUTAdBgNVHQ4EFgQUdltwtnRggrTg
5JavzvPqAcoteYkwHwYDVR0jBBgwFoAUdltwtnRggrTg5JavzvPqAcoteYkwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA5bVOAL72246Ue+YYRkCG
oo9o9jbaTpUYaDw3/YlELVICIQC3l6DpqhrcdmhHkUl/xjxW2luYc7Ang3U39I4l
K2qQ/A==
-----END CERTIFICATE-----
`;

export const rootFingerprint = "cab17caf46b40ddaa9513f8f9188a07b015500c7e785a2d128dc05d1c630c042";

/** Text that stands for the private key of a `tls.PrivateKey`: easy to find wherever it ends up. */
export const keyText = (name: string): string => `private key of ${name}`;

/** Text that stands for a random password. */
export const passwordText = (name: string): string => `password of ${name}`;

/** Salt of the hash of each random password. */
export const hashSalt = "abcdefghijklmnopqrstuu";

type Outputs = Record<string, unknown>;

/** What each type's provider would answer, with a login shell that greets. A type that is not here is refused. */
const providers: Record<string, (name: string, inputs: Outputs) => Outputs> = {
  [types.acl]: () => ({}),
  [types.backupJob]: () => ({}),
  [types.command]: (name) => ({ stdout: `Welcome!\n${commandOutput(name)}`, stderr: "" }),
  [types.container]: () => ({}),
  [types.dockerProvider]: () => ({}),
  [types.download]: () => ({}),
  [types.file]: () => ({}),
  [types.password]: (name) => ({
    result: pulumi.secret(passwordText(name)),
    bcryptHash: pulumi.secret(`$2a$10$${hashSalt}${"x".repeat(31)}`),
  }),
  [types.randomText]: (name) => ({ result: `text of ${name}` }),
  [types.group]: () => ({}),
  [types.image]: (name) => ({ imageId: `sha256:image-of-${name}` }),
  // The engine makes these secret because the SDK lists them in `additionalSecretOutputs`; the mock monitor does not.
  [types.key]: (name) => ({
    privateKeyPem: pulumi.secret(keyText(name)),
    privateKeyPemPkcs8: pulumi.secret(keyText(name)),
    privateKeyOpenssh: pulumi.secret(keyText(name)),
    publicKeyOpenssh: `ssh-ed25519 public-key-of-${name}\n`,
  }),
  [types.network]: () => ({ ipamConfigs: [{ subnet: "172.20.0.0/16" }] }),
  [types.proxmoxProvider]: () => ({}),
  [types.realm]: () => ({}),
  [types.request]: (name) => ({ certRequestPem: `request ${name}` }),
  [types.selfSigned]: () => ({ certPem: rootCertificate }),
  [types.signed]: (name) => ({ certPem: `certificate ${name}` }),
  [types.vm]: () => ({ macAddresses: ["BC:24:11:00:00:01"] }),
};

/** What a dynamic provider answers for any of its objects: outputs that only some of them have. */
const dynamicObjects: Record<string, (name: string) => Outputs> = {
  authentik: (name) => ({
    providerId: 7,
    rotation: `rotation-of-${name}`,
    userId: 8,
    link: pulumi.secret(`https://auth.home.arpa/link-of-${name}`),
  }),
  grafana: () => ({}),
  host: () => ({}),
  harbor: (name) => ({ login: `robot$${name}`, secret: pulumi.secret(passwordText(name)) }),
};

function commandOutput(name: string): string {
  if (/-(first-boot|prepare)$/.test(name)) return "0123456789abcdef0123456789abcdef";
  return name.includes("-certificate-") ? "1234" : "";
}

/**
 * Runs a program against a monitor that records instead of deploying. It ends when every resource is registered, and
 * fails when one could not be. `preview` leaves unknown what only a provider can know, as before the first update.
 */
export async function deploy<T>(
  program: () => T | Promise<T>,
  { preview = false }: { preview?: boolean } = {},
): Promise<Deployment<T>> {
  const registered = new Map<string, { inputs: Record<string, unknown>; secrets: string[] }>();
  const options = new Map<string, Pick<Recorded, "options" | "resource">>();
  const given = new Map<string, pulumi.Inputs>();

  await pulumi.runtime.setMocks(
    {
      call: ({ token }) => {
        if (token === "proxmoxve:index/getVmsLegacy:getVmsLegacy") return { vms: [] };
        if (token === "proxmoxve:index/getPoolLegacy:getPoolLegacy") return { members: [] };
        throw new Error(`unexpected call of ${token}`);
      },
      newResource: ({ type, name, inputs, custom }) => {
        registered.set(`${type} ${name}`, unwrapInputs(inputs as Outputs));
        if (!custom) return { id: undefined, state: inputs as Outputs };
        const [, service = ""] = /^pulumi-nodejs:dynamic\/(\w+):/.exec(type) ?? [];
        const provider = dynamicObjects[service] ?? providers[type];
        if (!provider) throw new Error(`unexpected resource ${type} "${name}"`);
        if (preview) return { id: undefined, state: inputs as Outputs };
        return { id: `id-of-${name}`, state: { ...(inputs as Outputs), ...provider(name, inputs as Outputs) } };
      },
    },
    "homelab",
    "test",
    preview,
  );

  let result: { value: T } | undefined;
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts, resource }) => {
      // A resource with a URN is a reference to one that is registered already.
      if (opts.urn !== undefined) return undefined;
      options.set(`${type} ${name}`, { options: opts, resource });
      given.set(`${type} ${name}`, props);
      return undefined;
    });
    result = { value: await program() };
  });
  for (const { resource } of options.values()) await resolved(resource.urn);
  await pulumi.runtime.disconnect();
  if (!result) throw new Error("the program did not run");

  const resources = [...options].map(([id, rest]) => {
    const [type = "", name = ""] = id.split(" ");
    const recorded = registered.get(id);
    if (!recorded) throw new Error(`${id} was never registered`);
    const sources = (property?: string) =>
      sourcesOf(property === undefined ? given.get(id) : given.get(id)?.[property]);
    return { type, name, ...recorded, ...rest, sources };
  });
  return new Deployment(resources, result.value);
}

/** The value of an output; rejects where making it failed. */
export function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(): Promise<T> }).promise();
}

/** The resources that a value is made from. */
async function sourcesOf(value: unknown): Promise<pulumi.Resource[]> {
  const output = pulumi.output(value) as unknown as { allResources(): Promise<Set<pulumi.Resource>> };
  return [...(await output.allResources())];
}

const secretMark = "4dabf18193072939515e22adb298388d";

function unwrapInputs(inputs: Outputs): { inputs: Record<string, unknown>; secrets: string[] } {
  const isSecret = (value: unknown): value is { value: unknown } =>
    typeof value === "object" && value !== null && secretMark in value;
  return {
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([key, value]) => [key, isSecret(value) ? value.value : value]),
    ),
    secrets: Object.keys(inputs).filter((key) => isSecret(inputs[key])),
  };
}
