import type { Offers } from "./components/home";
import { makeHouse } from "./components/house";
import { chosen, planOf } from "./components/plan";
import { loadConfig } from "./config";

// What the stack has follows from the config alone: the plan is whole before the first resource. Then each feature is built on
// its machine, with what the ones before it offer. Its outputs are described where it is.
const config = loadConfig();
const plan = planOf(config);
const house = makeHouse(config, plan);

let offers: Offers = {};
const outputs: Record<string, unknown> = {};
for (const feature of chosen(config)) {
  const built = feature.build({ ...house(plan.hosts[feature.name] ?? ""), ...offers }, config);
  offers = { ...offers, ...built.offers };
  Object.assign(outputs, built.outputs);
}

export = outputs;
