import { list, pattern } from "../../config/fields";
import { containerProperties, notKnown, opened } from "../container-properties";
import { containerName, featureOf, isPosing } from "../features";
import { resourcePolicy } from "../policy";
import { at, isOff, unknown, type Value } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "no-privileged-containers",
  level: "mandatory",
  summary: "A container has what it needs of its machine, and nothing else.",
  doc: `Whoever breaks into a container shall not own its machine and the other services there. What a container may have is
listed, property by property; anything else, and any value that is not listed, is refused:

- it runs as a numeric user and group other than root's, drops all capabilities and can't gain privileges
  (\`no-new-privileges\`); it has no other \`securityOpts\` and no namespace of the machine or of another container;
- it mounts what is below \`/srv/<feature>/\` and volumes whose name begins with \`<feature>-\`, where the feature is the
  first word of its own name (\`harbor-core\` has \`/srv/harbor/\`); a volume is on the machine's disk and has no path or
  options. The containers of the project's own features (\`edge\`, \`pki\`, \`harbor\`, \`authentik\`) are listed: no other
  has a name that begins like theirs, and what is in the folder of one (\`/srv/harbor/core\`) no other mounts;
- it joins networks; a network is a bridge without options. \`address-plan\` judges which, and ports.

What isn't known yet is refused as well, but for a path or a name that only the update will tell, such as that of a file
which has to be written first: it is judged during the update, before the container is made. A limit of processes is none
of this, for the provider has no setting of it.`,
  requirements: [],
  settings: {
    allowedCapabilities: list(pattern("a capability", "NET_BIND_SERVICE", /^[A-Za-z_]+$/))
      .prefault([])
      .describe("Capabilities that containers may add."),
    allowedPaths: list(pattern("an absolute path", "/etc/localtime", /^\/\S*$/))
      .prefault([])
      .describe(
        "Paths of the machine that containers may mount although they are not theirs; never the runtime's socket.",
      ),
    allowedVolumes: list(pattern("a volume's name", "media", /^[A-Za-z0-9][\w.-]*$/))
      .prefault([])
      .describe("Volumes that containers may mount although they are not theirs."),
    furtherContainers: list(pattern("a container's name", "harbor-backup", /^[A-Za-z0-9][\w.-]*$/))
      .prefault([])
      .describe("Containers of the project's own features that a stack has beside them."),
  },
  types: [types.container, types.network, types.volume],
  judge(resource, { furtherContainers, ...allowed }, violation) {
    const { type, inputs } = resource;
    if (type === types.network) return onlyThese(inputs, network, violation);
    if (type === types.volume) return onlyThese(inputs, volume, violation);
    const feature = featureOf(resource);
    const name = containerName(resource);
    if (isPosing(resource) && !furtherContainers.includes(name)) {
      const remedy = "begin its name with another word, or put it into this policy's `furtherContainers`";
      violation(`${name} is no container of the feature ${feature}, but would have its files; ${remedy}`);
    }
    for (const [property, check] of containerProperties) {
      for (const message of check(at(inputs, property), { name, feature, ...allowed })) {
        violation(message);
      }
    }
    onlyThese(inputs, container, violation);
  },
});

/** What may be said of a resource: any value, or these. */
type Properties = Readonly<Record<string, readonly Value[] | undefined>>;

const container: Properties = Object.fromEntries([...containerProperties.keys()].map((key) => [key, undefined]));

const network: Properties = {
  checkDuplicate: undefined,
  driver: ["bridge"],
  ipamConfigs: undefined,
  ipamDriver: ["default"],
  labels: undefined,
  name: undefined,
};

const volume: Properties = { driver: ["local"], labels: undefined, name: undefined };

function onlyThese(inputs: Value, properties: Properties, violation: (message: string) => void): void {
  if (typeof inputs !== "object" || inputs === null) return;
  for (const [property, value] of Object.entries(inputs)) {
    if (isOff(value)) continue;
    const values = properties[property];
    if (Object.hasOwn(properties, property) && (values === undefined || values.includes(value))) continue;
    if (value === unknown) violation(notKnown(property));
    else if (values) violation(`its \`${property}\` is ${String(value)}; set it to ${values.join(" or ")}`);
    else {
      const opens = opened[property];
      violation(`it sets \`${property}\`, which ${opens ? `opens ${opens} to it` : "is not on the list"}; remove it`);
    }
  }
}
