import { list, pattern } from "../../config/fields";
import { resourcePolicy } from "../policy";
import { at, isOff } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "known-types",
  level: "mandatory",
  summary: "The stack is made of types of resources that the policies judge.",
  doc: `A policy sees the types that it knows. A Docker plugin, a Swarm service, a command on this computer or a program of
another provider would pass them all, so every type is refused that this project doesn't use: its own components, the
types of its providers that the policies were written for, and the dynamic resources of its own packages. Of a dynamic
resource Pulumi shows a policy the type and the inputs, which [service-access](#service-access) judges, and not the code. A
provider's plugin is the one that Pulumi knows: \`pluginDownloadURL\` is refused.`,
  requirements: [],
  settings: {
    allowedTypes: list(pattern("a type token", "docker:index/tag:Tag", /^[\w-]+:[\w/-]*:\w+$/))
      .prefault([])
      .describe("Further types that the stack may have, as type tokens."),
  },
  types: () => true,
  judge({ type, inputs }, { allowedTypes }, violation) {
    if (!known.has(type) && !own.test(type) && !allowedTypes.includes(type)) {
      violation(
        `no policy was written for the type ${type}; use one of this project's, or put it into this policy's ` +
          "`allowedTypes` once you know what it can do",
      );
    }
    if (type.startsWith("pulumi:providers:") && !isOff(at(inputs, "pluginDownloadURL"))) {
      violation("its plugin comes from an address of its own; remove `pluginDownloadURL`");
    }
  },
});

/** The project's components, and objects of services, of which `service-access` knows every kind. */
const own = /^(homelab:[a-z]+:[A-Za-z0-9]+|pulumi-nodejs:dynamic\/(authentik|grafana|harbor):[A-Za-z0-9]+)$/;

const known: ReadonlySet<string> = new Set([
  "pulumi:pulumi:Stack",
  "pulumi:pulumi:StackReference",
  ...["command", "docker", "proxmoxve", "pulumi", "pulumi-nodejs", "random", "tls"].map(
    (each) => `pulumi:providers:${each}`,
  ),
  "random:index/randomString:RandomString",
  types.certificateRequest,
  types.command,
  types.container,
  types.hostDirectory,
  types.hostFile,
  types.locallySignedCert,
  types.network,
  types.privateKey,
  types.randomPassword,
  types.remoteImage,
  types.selfSignedCert,
  types.volume,
  ...types.accounts,
  ...types.acls,
  ...types.apiTokens,
  ...types.backupJobs,
  ...types.downloads,
  ...types.guests,
  ...types.openIdRealms,
  ...types.pools,
  ...types.roles,
  ...types.uploads,
]);
