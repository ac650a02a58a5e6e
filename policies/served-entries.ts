import { loginsAt, type Plan } from "../components/home";
import { canonicalJson } from "../config/canonical-json";
import type { PlacedEdge } from "./edges";
import { untold, type House } from "./house";
import { isHost, type Machine } from "./machines";
import { at, isKnown, items, label, type Resource, type Value } from "./resource";

type Problem = [Resource, string];

/** What is wrong with the entries that edges are given, and with whom they ask for logins; `house` where it can be told. */
export function edgeProblems(edges: readonly PlacedEdge[], house: House | undefined): Problem[] {
  const of = edges.flatMap((edge) =>
    [
      ...loginProblems(edge, house),
      ...(edge.machines.length > 1 ? [`its parts are on ${named(edge.machines)}; make an edge on each`] : []),
      ...(house ? placeProblems(edge, house) : edge.machines.filter(isHost).map(notTold)),
    ].map((problem): Problem => [edge.resource, problem]),
  );
  return [...of, ...(house ? entryProblems(house) : [])];
}

const notTold = ({ name }: Machine): string => `what the config has served on ${name} is not told; ${untold}`;

const named = (machines: readonly Machine[]): string => machines.map(({ name }) => name).join(" and ");

/** An entry of an edge. */
interface Given {
  readonly edge: Resource;
  readonly entry: Value;
  readonly name: string;
}

/** The catalogue, whichever machine each entry is on: each once, and the stack's own ones as its features have them. */
function entryProblems(house: House): Problem[] {
  const given = house.edges.flatMap(({ resource, services }) =>
    services.flatMap((entry): Given[] => {
      const name = at(entry, "name");
      return typeof name === "string" ? [{ edge: resource, entry, name }] : [];
    }),
  );
  return [
    ...given.flatMap((each, index) => [...ownProblems(each, house.plan), ...twice(each, given.slice(0, index))]),
    ...missing(house, given),
  ].map(([edge, problem]) => [edge, `${problem}; ${remedy}`]);
}

function ownProblems({ edge, entry, name }: Given, { services }: Plan): Problem[] {
  const wanted = services.find((each) => each.name === name);
  if (wanted === undefined) return [[edge, `it serves ${name}, the name of a service that the stack doesn't have`]];
  const property = difference(entry, wanted);
  return property === undefined
    ? []
    : [[edge, `its entry ${name} has another \`${property}\` than its feature gives it`]];
}

function twice({ edge, name }: Given, others: readonly Given[]): Problem[] {
  const other = others.find((each) => each.name === name);
  return other ? [[edge, `it serves ${name}, as ${label(other.edge)} does`]] : [];
}

/** With more than one machine, an entry may get lost between them. An edge that is left out of this run has no inputs. */
function missing({ edges, machines, plan }: House, given: readonly Given[]): Problem[] {
  const [first] = edges;
  const isTold = edges.every(({ resource }) => Array.isArray(at(resource.inputs, "services")));
  if (!first || !isTold || !machines.all.some(isHost)) return [];
  return plan.services
    .filter(({ name }) => !given.some((each) => each.name === name))
    .map(({ name }) => [first.resource, `no edge serves ${name}`]);
}

const remedy = "leave the entries to the plan (components/plan.ts)";

/** An entry is served on the machine that the config has it on. */
function placeProblems({ machines: [machine, ...others], services }: PlacedEdge, { plan }: House): string[] {
  if (machine === undefined || others.length > 0) return [];
  return services.flatMap((entry) => {
    const place = Object.entries(plan.served).find(([, all]) => all.some(({ name }) => name === at(entry, "name")));
    if (place === undefined || place[0] === machine.name) return [];
    return [
      `it serves ${String(at(entry, "name"))} on ${machine.name}, which the config has on ${place[0]}; ${remedy}`,
    ];
  });
}

/** The property in which an entry is not what the plan has. */
function difference(entry: Value, wanted: object): string | undefined {
  const properties = new Set([...Object.keys(wanted), ...Object.keys(entry ?? {})]);
  return [...properties].find((key) => {
    const value = at(entry, key);
    return !isKnown(value) || canonicalJson(value) !== canonicalJson((wanted as Record<string, unknown>)[key]);
  });
}

/** Where the single sign-on is asked about requests, and whose word is taken for whose a request is. */
function loginProblems({ resource, machines: [machine] }: PlacedEdge, house: House | undefined): string[] {
  const { signOn, passesOn } = asked(machine, house);
  const given = at(resource.inputs, "signOn");
  const isRight = house ? given === signOn : /^http:\/\/[a-z0-9-]+:\d+$/.test(String(given));
  const believed = items(at(resource.inputs, "passesOn"));
  const strangers = believed.filter((each) => !passesOn.some((address) => address === each));
  return [
    ...(typeof given !== "string" || isRight
      ? []
      : [`it asks for logins at ${given}, which is no container of the stack; use the \`forwardAuth\` of the plan`]),
    ...strangers.map(
      (each) => `it believes ${String(each)} whose request it passes on; believe edges that ask through this one`,
    ),
  ];
}

/** An edge that is nowhere yet is judged as the one beside Authentik. */
function asked(machine: Machine | undefined, house?: House): { signOn?: string; passesOn: readonly string[] } {
  if (!house) return { passesOn: [] };
  const { signOn, asking } = loginsAt(machine?.name ?? house.plan.hosts.sso ?? "", house.plan);
  const others = house.machines.all.filter(({ name }) => asking.includes(name));
  return { signOn, passesOn: others.flatMap(({ addresses }) => addresses) };
}
