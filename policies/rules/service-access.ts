import type { Token } from "../../providers/dynamic/dispatcher";
import { authentik } from "../objects/authentik";
import { placeProblem, propertiesOf, secretProblem } from "../objects/checked";
import { grafana } from "../objects/grafana";
import { harbor } from "../objects/harbor";
import { houseOf, untold, type House } from "../house";
import { missingOf, problemOf, type Given, type ServiceObjects } from "../objects/kind";
import { stackPolicy, type Tell } from "../policy";
import type { Resource, Stack } from "../resource";
import { types } from "../types";

export default stackPolicy({
  name: "service-access",
  level: "mandatory",
  summary: "Authentik, Harbor and Grafana let in whom the config lets in.",
  doc: `Who gets in is decided by objects in these services: a stage that asks for a code, the members of a group, a robot's rights,
the expression that gives a role. So each object has to be one that the stack's config asks for, with the properties that
\`policies/objects\` lists for its kind; what decides nothing about who gets in may have any value. The config is what the
components were given of it: \`homelab:sso\`, \`homelab:registry\`, the catalogue and the domain. Another kind, object, property or
value is refused. So is what would lose images or fill the disk: rules of retention, quotas, and how long logins are kept. What is
left out counts as the default of its provider.

Some objects have to be there, since others would get in without them: Authentik's closed flows, settings and brand, each
stage of the two flows and what decides whether it is shown; Harbor's configuration, and its project \`library\`, which is public
until it is closed.

An object's \`connection\` leads to the service's own name and to the machine of the stack whose edge serves it. The key that logins are signed with and
the secrets of clients have to be made in the stack. The code that makes an object (\`__provider\`) cannot be judged: Pulumi shows it to
no policy.

What is made from another object may be unknown before the update, and is judged at its end.`,
  requirements: ["US3", "EF-012", "EF-013"],
  settings: {},
  async judgeStack(stack, _settings, { violation }) {
    const house = houseOf(stack);
    for (const [module, service] of Object.entries(services)) {
      const objects = stack.resources.filter(({ type }) => type.startsWith(`${types.dynamic}/${module}:`));
      if (objects.length === 0 && !stack.resources.some(({ type }) => type === service.component)) continue;
      if (house) await judgeService({ module, service, house, stack, violation }, objects);
      else violation(`whom the config lets into ${module} is not told; ${untold}`, objects[0]);
    }
  },
});

const services: Readonly<Record<string, ServiceObjects>> = { authentik, grafana, harbor };

const remedy = "leave it to the config and the components, or allow it in policies/objects";

interface Judging {
  readonly module: string;
  readonly service: ServiceObjects;
  readonly house: House;
  readonly stack: Stack;
  readonly violation: Tell["violation"];
}

async function judgeService(judging: Judging, objects: readonly Resource[]): Promise<void> {
  const { module, service, house, stack, violation } = judging;
  const kindOf = ({ type }: Resource): string => type.slice(type.lastIndexOf(":") + 1);
  for (const resource of objects.filter((each) => !Object.hasOwn(service.kinds, kindOf(each))))
    violation(`nobody has thought about whom ${module}:${kindOf(resource)} lets in; ${remedy}`, resource);
  for (const [name, kind] of Object.entries(service.kinds)) {
    const token: Token = `${module}:${name}`;
    const sound: Given[] = [];
    const wrong: Resource[] = [];
    for (const resource of objects.filter((each) => kindOf(each) === name)) {
      const properties = await propertiesOf(token, resource);
      const problem =
        placeProblem(resource, service, house) ??
        problemOf(properties, kind, house) ??
        secretProblem(resource, kind, stack);
      if (problem === undefined) sound.push(properties);
      else {
        wrong.push(resource);
        violation(`${problem}; ${remedy}`, resource);
      }
    }
    // One that is wrong may be the one that is missing.
    if (wrong.length > 0) continue;
    for (const missing of missingOf(sound, kind, house))
      violation(`there is no ${token} with ${missing}, without which others get in; ${remedy}`);
  }
}
