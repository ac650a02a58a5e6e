import * as pulumi from "@pulumi/pulumi";

import { SsoAccess } from "../../../components/sso/access";
import { HomelabConfig } from "../../../config";
import { Service } from "../../../config/services";
import { changed, read } from "./config-fixture";
import { stubMachine } from "./machine-stub";
import { Deployment, passwordText, Recorded } from "./pulumi-mocks";

/** A type of Authentik's objects in the state. */
export const authentikType = (kind: string): string => `pulumi-nodejs:dynamic/authentik:${kind}`;

export const url = "https://auth.home.arpa";
/** What stands for the ids of Authentik's containers. */
export const containerIds = ["id-of-server", "id-of-worker"];
export const connection = { endpoint: url, address: "192.168.1.60", token: "Token-Key-1" };

/** The homelab's config with some settings changed: see `changed()`. */
export const config = (changes: Record<string, unknown> = {}): HomelabConfig => read(changed(changes));

/** The way in, for what comes after it; call it inside a program. */
export function makeAccess(sso: HomelabConfig["sso"], machine = stubMachine()) {
  return { machine, access: new SsoAccess("sso", { machine, connection, url, containerIds, sso }) };
}

const entry = (name: string, rest: Partial<Service> & Pick<Service, "auth">): Service => ({
  name,
  host: `${name}.home.arpa`,
  upstream: "http://192.168.1.70:80",
  ...rest,
});

/** The registry's entry in the catalogue. */
export const registry = entry("registry", {
  auth: "oidc",
  groups: ["admins", "family"],
  description: "Container images",
});
const wiki = entry("wiki", { auth: "oidc", groups: ["family"], redirectUris: ["https://wiki.home.arpa/callback"] });

/** What the program has in its catalogue besides the config's entries, and what a house may have in it. */
export const moreServices: Service[] = [
  registry,
  wiki,
  entry("closed", { auth: "oidc", redirectUris: ["https://closed.home.arpa/callback"] }),
  entry("empty", { auth: "proxy", groups: [] }),
  entry("auth", { auth: "native" }),
  entry("blog", { auth: "none" }),
];

/** The inputs of a dynamic resource, without what every one has. */
export function ownInputs({ inputs }: Recorded): Record<string, unknown> {
  const common = ["connection", "installation", "__provider"];
  return Object.fromEntries(
    Object.entries(inputs).filter(([key, value]) => !common.includes(key) && value !== undefined),
  );
}

/** The inputs of one of Authentik's objects, without what every one has. */
export const objectInputs = (deployed: Deployment<unknown>, kind: string, name: string): Record<string, unknown> =>
  ownInputs(deployed.get(authentikType(kind), name));

/** The names of all of Authentik's objects of a kind. */
export const objectNames = (deployed: Deployment<unknown>, kind: string): string[] =>
  deployed.ofType(authentikType(kind)).map(({ name }) => name);

/** All of Authentik's objects. */
export const objects = ({ resources }: Deployment<unknown>): Recorded[] =>
  resources.filter(({ type }) => type.startsWith(authentikType("")));

/** Who may open each application: what is bound to it, in its order. */
export function allowed(deployment: Deployment<unknown>): Record<string, string[]> {
  const bindings = deployment.ofType(authentikType("PolicyBinding")).map(({ inputs: { target, bound } }) => ({
    slug: /^application\/(.+)$/.exec(String(target))?.[1],
    bound: String(bound),
  }));
  const slugs = deployment.ofType(authentikType("Application")).map(({ inputs: { slug } }) => String(slug));
  return Object.fromEntries(
    slugs.map((slug) => [slug, bindings.filter((each) => each.slug === slug).map(({ bound }) => bound)]),
  );
}

/** `type name`, or for a dynamic resource `Kind name`, of what a resource depends on by `dependsOn`. */
export function dependencies(deployed: Deployment<unknown>, { options }: Recorded): string[] {
  return [options.dependsOn ?? []].flat().map((each) => label(deployed, each as pulumi.Resource));
}

/** What a resource's inputs come from, as {@link dependencies} has it. */
export async function sources(deployed: Deployment<unknown>, recorded: Recorded): Promise<string[]> {
  return (await recorded.sources()).map((each) => label(deployed, each)).sort();
}

function label({ resources }: Deployment<unknown>, resource: pulumi.Resource): string {
  const found = resources.find((each) => each.resource === resource);
  return found ? `${found.type.replace(/^pulumi-nodejs:dynamic\/\w+:/, "")} ${found.name}` : "unknown";
}

/** Texts inside a value. */
export function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}

/** What stands for the client secret of a catalogue entry. */
export const clientSecret = (entry: string): string => passwordText(`applications-${entry}-secret`);

/** The names of the inputs that hold this text and are not secret. */
export const openHolders = (deployed: Deployment<unknown>, text: string): string[] =>
  deployed.resources.flatMap(({ name, inputs, secrets }) =>
    Object.entries(inputs)
      .filter(([key, value]) => !secrets.includes(key) && texts(value).some((found) => found.includes(text)))
      .map(([key]) => `${name}: ${key}`),
  );
