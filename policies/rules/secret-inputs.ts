import { resourcePolicy } from "../policy";
import { at, items, type Path, type Value } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "secret-inputs",
  level: "mandatory",
  summary: "Passwords, tokens and private keys are secrets to Pulumi.",
  doc: `What Pulumi doesn't know to be a secret, it writes in plain text into the state and into every preview, which in a
pull request everybody can read. Judged are all resources, providers and components included:

- text that holds a private key in PEM form, wherever it is;
- properties whose name ends in \`password\`, \`passphrase\`, \`secret\`, \`token\`, \`privateKey\` and the like, such as
  \`apiToken\` and \`ssh.privateKey\` of the Proxmox provider or \`connection.privateKey\` of a command;
- the text of an uploaded snippet (\`sourceRaw.data\`), such as a VM's user data, and the credentials of an ACME plugin (\`data\`);
- entries of a command's \`environment\` whose name says so (\`PASSWORD\`, \`SECRET\`, \`TOKEN\`, \`API_KEY\`, …).

A variable of that kind in the \`envs\` of a container is refused even as a secret, as \`docker inspect\` shows it; a file
that the variable names (\`…_FILE\`, or a value like \`file:///run/secrets/password\`) is right.

What isn't known before the update passes, since Pulumi doesn't tell by then whether it will be a secret. It is judged
during the update, before the resource is made. Pulumi shows secrets only to policies that may stop an update, so this one
can't be advisory.`,
  requirements: ["EF-005"],
  settings: {},
  types: () => true,
  seesSecrets: true,
  judge({ type, inputs, secrets = [] }, _settings, violation) {
    const isSecret = (path: Path): boolean =>
      secrets.some((secret) => secret.every((step, depth) => step === path[depth]));
    for (const { path, text } of texts(readable(type, inputs))) {
      if (text === "" || isSecret(path) || !shouldBeSecret(type, path, text)) continue;
      violation(
        `\`${written(path)}\` is not a secret, so Pulumi stores and shows it in plain text; ` +
          "wrap it in `pulumi.secret()`, or keep it in the config with `--secret`",
      );
    }
    if (type !== types.container) return;
    for (const entry of items(at(inputs, "envs"))) {
      const [name = "", value = ""] = typeof entry === "string" ? entry.split(/=(.*)/s) : [];
      if (value === "" || value.startsWith("file://") || !isSecretVariable(name)) continue;
      violation(
        `its environment variable ${name} holds a secret, which \`docker inspect\` shows; ` +
          `mount a file and name it in ${name}_FILE, or whatever the image reads instead`,
      );
    }
  },
});

const privateKey = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;

/** Ends of the names of properties that hold secrets, in lower case; `Wo` after them means that they are write-only. */
const secretNames = [
  "authticket",
  "clientkey",
  "configfilecontent",
  "keymaterial",
  "otp",
  "passphrase",
  "password",
  "privatekey",
  "privatekeypem",
  "secret",
  "token",
] as const;

/** Properties that hold secrets although their name doesn't say so. */
const secretPlaces: readonly { types: readonly string[]; path: string }[] = [
  { types: types.uploads, path: "sourceRaw.data" },
  { types: types.acmePlugins, path: "data" },
];

function shouldBeSecret(type: string, path: Path, text: string): boolean {
  if (privateKey.test(text)) return true;
  if (path[0] === "environment" && path[1] !== undefined) return isSecretVariable(path[1]);
  const properties = path.filter((step) => !isPlaceInList(step));
  const name = (properties.at(-1) ?? "").toLowerCase().replace(/wo$/, "");
  if (secretNames.some((end) => name.endsWith(end))) return true;
  return secretPlaces.some(
    (place) => place.types.includes(type) && `${properties.join(".")}.`.startsWith(`${place.path}.`),
  );
}

function isSecretVariable(name: string): boolean {
  return /PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|(PRIVATE|API)_?KEY/i.test(name) && !/_(FILE|PATH)$/i.test(name);
}

/** Structured inputs of providers come as JSON text. */
function readable(type: string, inputs: Value): Value {
  if (!type.startsWith("pulumi:providers:") || typeof inputs !== "object" || inputs === null) return inputs;
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]): [string, Value] => {
      if (typeof value !== "string" || !/^[[{]/.test(value)) return [key, value];
      try {
        return [key, JSON.parse(value) as Value];
      } catch {
        return [key, value];
      }
    }),
  );
}

/** Every text in a value and where it is. */
function texts(value: Value, path: Path = []): { path: Path; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, [...path, key]));
}

const isPlaceInList = (step: string): boolean => /^\d+$/.test(step);

/** A path as it is written in the program: `registryAuth[0].password`. */
function written(path: Path): string {
  return path.map((step, depth) => (isPlaceInList(step) ? `[${step}]` : depth === 0 ? step : `.${step}`)).join("");
}
