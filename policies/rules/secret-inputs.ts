import { resourcePolicy } from "../policy";
import { providerInputs } from "../provider-inputs";
import { at, items, readVariable, type Path, type Value } from "../resource";
import { isPlaceInList, isWithin, texts, written } from "../texts";
import { types } from "../types";

export default resourcePolicy({
  name: "secret-inputs",
  level: "mandatory",
  summary: "Passwords, tokens and private keys are secrets to Pulumi.",
  doc: `What Pulumi doesn't know to be a secret, it writes in plain text into the state and into every preview, which in a
pull request everybody can read. Judged are all resources, providers and components included:

- text that holds a private key (PEM, PGP, age) or an address with a password (\`postgres://user:password@host\`), wherever it is;
- properties whose name ends in \`password\`, \`passphrase\`, \`secret\`, \`token\`, \`privateKey\`, \`secretKey\`, \`apiKey\` and the like, such as
  \`apiToken\` and \`ssh.privateKey\` of the Proxmox provider or \`connection.privateKey\` of a command;
- the text of an uploaded snippet (\`sourceRaw.data\`), such as a VM's user data, and the credentials of an ACME plugin (\`data\`);
- the text (\`content\`) of a file on a machine that its owner alone may read (mode \`0400\`);
- entries of a command's \`environment\` whose name says so (\`PASSWORD\`, \`SECRET\`, \`TOKEN\`, \`API_KEY\`, \`AUTH\`, \`DSN\`, …).

A container has no secrets at all, as \`docker inspect\` shows whatever it is made with: refused is each input that Pulumi knows to
be a secret, be it a variable, a label or a part of a command line, and whatever its name. What Pulumi doesn't know to be one is
refused by its name: such a variable in \`envs\`, or such an option in the command lines. A file that the variable names
(\`…_FILE\`, or a value like \`file:///run/secrets/password\`) is right.

What isn't known before the update passes, since Pulumi doesn't tell by then whether it will be a secret. It is judged
during the update, before the resource is made. Pulumi shows secrets only to policies that may stop an update, so this one
can't be advisory.`,
  requirements: ["EF-005"],
  settings: {},
  types: () => true,
  seesSecrets: true,
  judge({ type, inputs, secrets = [] }, _settings, violation) {
    for (const { path, text } of texts(type.startsWith("pulumi:providers:") ? providerInputs(inputs) : inputs)) {
      if (text === "" || isWithin(path, secrets) || !shouldBeSecret(type, path, text)) continue;
      violation(
        `\`${written(path)}\` is not a secret, so Pulumi stores and shows it in plain text; ` +
          "wrap it in `pulumi.secret()`, or keep it in the config with `--secret`",
      );
    }
    if (type === types.hostFile && hidesText(inputs) && !isWithin(["content"], secrets)) {
      violation(
        "`content` is not a secret, although nobody else may read the file; wrap it in " +
          "`pulumi.secret()`, or let others read the file",
      );
    }
    if (type !== types.container) return;
    for (const path of secrets.filter((each) => isShown(inputs, each))) {
      violation(`its \`${written(path)}\` is a secret, which \`docker inspect\` shows; mount a file with it instead`);
    }
    for (const entry of items(at(inputs, "envs"))) {
      const [name, value] = readVariable(typeof entry === "string" ? entry : "");
      if (!holdsSecret(name, value)) continue;
      violation(
        `its environment variable ${name} holds a secret, which \`docker inspect\` shows; ` +
          `mount a file and name it in ${name}_FILE, or whatever the image reads instead`,
      );
    }
    for (const option of secretOptions(inputs)) {
      violation(
        `its command line has a secret (${option}), which \`docker inspect\` and every process list show; ` +
          "mount a file with it instead",
      );
    }
  },
});

/** Whether a known text is written to a file that its owner alone may read. */
const hidesText = (inputs: Value): boolean =>
  typeof at(inputs, "content") === "string" && String(at(inputs, "mode")).endsWith("0");

/**
 * Whether `docker inspect` shows a secret of a container's. Ids, names and paths are none, whatever they come from, nor are
 * the labels with digests and ids of machines: a command's output counts as a secret, since its connection has one.
 */
function isShown(inputs: Value, path: Path): boolean {
  if (["image", "networksAdvanced", "volumes"].includes(path[0] ?? "")) return false;
  const labels = path[0] === "labels" ? texts(at(inputs, ...path)) : [];
  return labels.length === 0 || !labels.every(({ text }) => /^([0-9a-f]{32}|[0-9a-f]{64}|arpa\.home\.\w+)$/.test(text));
}

/** PEM, PGP and age. */
const privateKey = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|AGE-SECRET-KEY-1/;

/** An address with a password in it: `postgres://user:password@host/`, `user:password@tcp(host)/`. */
const withPassword = /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@|^[^\s:@/]+:[^\s@]+@(tcp|unix)\(/i;

/** Ends of the names of properties that hold secrets, in lower case; `Wo` after them means that they are write-only. */
const secretNames = [
  "accesskey",
  "apikey",
  "authticket",
  "clientkey",
  "configfilecontent",
  "credential",
  "credentials",
  "dsn",
  "keymaterial",
  "otp",
  "passphrase",
  "passwd",
  "password",
  "privatekey",
  "privatekeypem",
  "pwd",
  "secret",
  "secretkey",
  "token",
] as const;

/** Properties that hold secrets although their name doesn't say so. */
const secretPlaces: readonly { types: readonly string[]; path: string }[] = [
  { types: types.uploads, path: "sourceRaw.data" },
  { types: types.acmePlugins, path: "data" },
];

function shouldBeSecret(type: string, path: Path, text: string): boolean {
  if (isPrivate(text)) return true;
  if (path[0] === "environment" && path[1] !== undefined) return isSecretVariable(path[1]);
  const properties = path.filter((step) => !isPlaceInList(step));
  const name = (properties.at(-1) ?? "").toLowerCase().replace(/wo$/, "");
  if (secretNames.some((end) => name.endsWith(end))) return true;
  return secretPlaces.some(
    (place) => place.types.includes(type) && `${properties.join(".")}.`.startsWith(`${place.path}.`),
  );
}

/** Words in the name of a variable that holds a secret, wherever they are in it; and those that are the whole of it, or its end. */
const secretWords =
  /PASSWORD|PASSWD|PASSPHRASE|PASSCODE|PWD|SECRET|TOKEN|BEARER|HTPASSWD|(PRIVATE|API|ACCESS|ENCRYPTION|SIGNING)_?KEY/i;
const secretEnds = /(^|_)(PASS(_|$)|(AUTH|COOKIE|CREDENTIALS?|CREDS?|DSN|JWT|SALT|SEED)$)/i;

function isSecretVariable(name: string): boolean {
  return (secretWords.test(name) || secretEnds.test(name)) && !/_(FILE|PATH)$/i.test(name);
}

function holdsSecret(name: string, value: string): boolean {
  return value !== "" && !value.startsWith("file://") && (isSecretVariable(name) || isPrivate(value));
}

// In a long text without an @, such as a certificate, the second would look from each letter on.
const isPrivate = (text: string): boolean => privateKey.test(text) || (text.includes("@") && withPassword.test(text));

/** The options and variables of a container's command lines that hold secrets: `--token=…`, `--token …`, `TOKEN=…`. */
function secretOptions(inputs: Value): string[] {
  const lines: Value[] = [at(inputs, "command"), at(inputs, "entrypoints"), at(inputs, "healthcheck", "tests")];
  return lines.flatMap((line) => {
    const words = items(line).flatMap((word) => (typeof word === "string" ? word.split(/[\s"']+/) : []));
    return words.flatMap((word, index) => {
      const [, name = "", inline] = /^-{0,2}([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
      const isOption = word.startsWith("--");
      const value = inline ?? (isOption ? (words[index + 1] ?? "") : "");
      if (isPrivate(word)) return [name || "an address"];
      return (isOption || inline !== undefined) && !value.startsWith("-") && holdsSecret(name.replace(/-/g, "_"), value)
        ? [name]
        : [];
    });
  });
}
