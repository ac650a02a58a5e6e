import { stackPolicy } from "../policy";
import { label, type Resource } from "../resource";
import { isWithin, texts, written } from "../texts";

export default stackPolicy({
  name: "secret-copies",
  level: "mandatory",
  summary: "What is a secret in one place is none in plain text in another.",
  doc: `Pulumi keeps a secret as long as nobody says otherwise: with \`pulumi.unsecret\`, or a copy in the program's text, the
value is in the state, in previews and wherever it goes. So every secret of the stack's inputs is looked for in the inputs that
are none: in variables, labels, files, descriptions. What can be told apart from other text is looked for, which is what random
passwords and tokens are made of: 16 or more letters and digits, small, capital and digits among them, and UUIDs. Keys and
certificates in PEM, of which [secret-inputs](#secret-inputs) knows the form, and public keys of SSH are left out.

What isn't known before the update is judged at its end.`,
  requirements: ["EF-005"],
  settings: {},
  seesSecrets: true,
  judgeStack({ resources }, _settings, { violation }) {
    const owners = new Map<string, Resource>();
    for (const resource of resources) for (const word of words(resource, true)) owners.set(word.text, resource);
    for (const resource of resources) {
      for (const { text, place } of words(resource, false)) {
        const owner = owners.get(text);
        if (owner === undefined) continue;
        violation(
          `\`${place}\` has a secret of ${label(owner)} in plain text; take it from there without \`pulumi.unsecret\`, ` +
            "and give it to a container as a file",
          resource,
        );
      }
    }
  },
});

/**
 * What looks like a secret, in the inputs of a resource that are secrets to Pulumi or in those that are not. Pulumi's own
 * notes (`__provider`, the code of a dynamic resource) are neither.
 */
function words({ inputs, secrets = [] }: Resource, inSecrets: boolean): { text: string; place: string }[] {
  return texts(inputs)
    .filter(({ path }) => !path[0]?.startsWith("__") && isWithin(path, secrets) === inSecrets)
    .flatMap(({ path, text }) => {
      const found = text.replace(publicText, "").match(candidates) ?? [];
      return found.filter(isRandom).map((word) => ({ text: word, place: written(path) }));
    });
}

/** Blocks of PEM, also in JSON, and public keys of SSH. */
const publicText = /-----BEGIN [A-Z0-9 ]+-----[^]*?-----END [A-Z0-9 ]+-----|\b(?:ssh|ecdsa)-[a-z0-9-]+ [\w+/=]+/g;

const candidates = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9]{16,}/g;

const isRandom = (word: string): boolean =>
  word.includes("-") || [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(word));
