import { makeHome } from "./components/house";
import { chosen, planOf } from "./components/plan";
import { loadConfig } from "./config";

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
