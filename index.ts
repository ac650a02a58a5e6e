import { makeHome } from "./components/house";
import { chosen, planOf } from "./components/plan";
import { loadConfig } from "./config";

// What the stack has follows from the config alone: the plan is whole before the first resource. Then each feature is built,
// with what the ones before it offer. Its outputs are described where it is.
const config = loadConfig();
const plan = planOf(config);

let home = makeHome(config, plan);
const outputs: Record<string, unknown> = {};
for (const feature of chosen(config)) {
  const built = feature.build(home, config);
  home = { ...home, ...built.offers };
  Object.assign(outputs, built.outputs);
}

export = outputs;
