import type * as pulumi from "@pulumi/pulumi";

import type { Known, Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Harbor } from "./api";
import type { Inputs } from "./connection";
import { checkName } from "./words";

/** What a label is. */
export interface LabelValues {
  /** **A change replaces the label, which takes it off the images that have it.** */
  readonly name: string;
  /** The project whose label it is. Left out: a label for all. **A change replaces it.** */
  readonly project?: string;
  /** What it is for, as Harbor's pages show it. Default none. */
  readonly description?: string;
  /** `#0065ab`. Default `#FFFFFF`. */
  readonly color?: string;
}

interface LabelOuts {
  readonly labelId: number;
}

/** Arguments of {@link Label}. */
export type LabelArgs = Inputs<LabelValues>;

/** A label for images. Id: `<name>`, or `<project>/<name>`. */
export class Label extends DynamicResource {
  declare readonly labelId: pulumi.Output<number>;

  constructor(name: string, args: LabelArgs, opts?: pulumi.CustomResourceOptions) {
    super(label, name, args, opts);
  }
}

interface LabelRow {
  id: number;
  name: string;
  color?: string;
  description?: string;
}

export const label: Kind<Harbor, LabelValues, LabelOuts> = {
  token: "harbor:Label",
  noun: "label",
  identity: ["project", "name"],
  outputs: ["labelId"],
  defaults: { description: "", color: "#FFFFFF" },

  check(args, problems) {
    checkName("project", args.project, problems);
    const isName = (name: string): boolean => name.trim() !== "" && name.length <= 128;
    problems.expect("name", args.name, isName, "{value} is no name of a label; give it 1 to 128 letters");
    const isColor = (color: string): boolean => /^#[0-9a-fA-F]{6}$/.test(color);
    problems.expect("color", args.color, isColor, "{value} is no color; write #0065ab");
  },

  async create(api, args) {
    await api.post("/labels", { ...body(args), ...(await scopeOf(api, args)) }, about("create", args));
    return { labelId: (await findLabel(api, args))?.id ?? 0 };
  },

  async adopt(api, args) {
    const row = await findLabel(api, args);
    return row && { labelId: row.id };
  },

  async sync(api, args) {
    const row = await findLabel(api, args);
    if (!row) return label.create(api, args);
    const scope = await scopeOf(api, args);
    await api.put(`/labels/${row.id}`, { id: row.id, ...body(args), ...scope }, about("update", args));
    return { labelId: row.id };
  },

  async read(api, names) {
    if (names.project !== undefined && !(await api.project(names.project, about("read", names)))) return undefined;
    const row = await findLabel(api, names);
    if (!row) return undefined;
    const args = { ...names, description: row.description ?? "", color: row.color ?? "" };
    return { args, outs: { labelId: row.id } };
  },

  async delete(api, args) {
    const row = await findLabel(api, args);
    if (row) await api.delete(`/labels/${row.id}`, about("delete", args));
  },
};

type Names = Known<LabelValues>;

async function scopeOf(api: Harbor, names: Names): Promise<{ scope: "g" } | { scope: "p"; project_id: number }> {
  if (names.project === undefined) return { scope: "g" };
  return { scope: "p", project_id: await api.projectId(names.project, about("read", names)) };
}

async function findLabel(api: Harbor, names: Names): Promise<LabelRow | undefined> {
  const rows = await api.list<LabelRow>("/labels", await scopeOf(api, names), about("read", names));
  return rows.find((row) => row.name === names.name);
}

const body = ({ name, description, color }: LabelValues) => ({ name, description: description ?? "", color });

const about = (action: string, { project, name = "" }: Names) => ({
  action,
  object: "label",
  name: project === undefined ? name : `${project}/${name}`,
});
