import { isGuest } from "../guests";
import { stackPolicy } from "../policy";
import { at, isOff, unknown, type Resource, type Stack } from "../resource";
import { types } from "../types";

export default stackPolicy({
  name: "protected-state",
  level: "mandatory",
  summary: "What can't be made again is protected from deletion and replacement.",
  doc: `Some resources carry what no other run can bring back: the keys and the root of the certificate authority (a new root
has to reach every device), a VM or a system container with its disk, a Docker volume, a project of Harbor's with images. They must have Pulumi's \`protect\`, which refuses both to
delete and to replace them. Keys are those that sign, or are certified by, a CA certificate; an intermediate certificate
renews and needs no protection. A random password whose name ends in \`-key\` is a key as well: what Harbor and Authentik
have stored is lost without it.`,
  requirements: ["EF-005", "US5.3"],
  settings: {},
  judgeStack(stack, _settings, { violation }) {
    const keys = new Set(stack.resources.filter(isCaCertificate).flatMap((each) => signingKeys(stack, each)));
    for (const resource of stack.resources) {
      const what = lossOf(resource) ?? (keys.has(resource.urn) ? "a key of the certificate authority" : undefined);
      if (what === undefined || resource.protect) continue;
      violation(
        `it is ${what} and could be deleted or replaced; give it the resource option \`protect: true\``,
        resource,
      );
    }
  },
});

function lossOf(resource: Resource): string | undefined {
  if (isGuest(resource)) return "a guest of Proxmox with its disk";
  if (resource.type === types.volume) return "a volume with data";
  if (isImageStore(resource)) return "a project with images";
  if (resource.type === types.randomPassword && resource.name.endsWith("-key")) return "a key of what is stored";
  if (resource.type === types.selfSignedCert && isCaCertificate(resource))
    return "the root of the certificate authority";
  return undefined;
}

/** A project of Harbor's that is pushed to: what a cache holds can be fetched again, and `library` holds nothing. */
const isImageStore = ({ type, inputs }: Resource): boolean =>
  type === `${types.dynamic}/harbor:Project` && isOff(at(inputs, "registry")) && at(inputs, "name") !== "library";

/** Whether it is one is known from the program; where it isn't, it may be one. */
function isCaCertificate({ type, inputs }: Resource): boolean {
  if (type !== types.selfSignedCert && type !== types.locallySignedCert) return false;
  const isCa = at(inputs, "isCaCertificate");
  return isCa === true || isCa === unknown;
}

/** The private keys behind a certificate: its issuer's, and its own by way of its request. */
function signingKeys(stack: Stack, certificate: Resource): string[] {
  const from = (resource: Resource, property: string): Resource[] =>
    stack.dependencies(resource, property).flatMap((urn) => stack.resources.find((each) => each.urn === urn) ?? []);
  const requests = from(certificate, "certRequestPem");
  const sources = [
    ...from(certificate, "privateKeyPem"),
    ...from(certificate, "caPrivateKeyPem"),
    ...requests.flatMap((request) => from(request, "privateKeyPem")),
  ];
  return sources.filter(({ type }) => type === types.privateKey).map(({ urn }) => urn);
}
