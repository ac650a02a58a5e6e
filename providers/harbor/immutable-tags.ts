import type * as pulumi from "@pulumi/pulumi";

import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import { inProject, type Harbor } from "./api";
import type { Inputs } from "./connection";
import { checkName } from "./words";

/** Which tags can be neither moved nor deleted. */
export interface ImmutableTagsValues {
  /** **A change lifts the rule of the project that was named before.** */
  readonly project: string;
  /** Which tags: `v*`. A change replaces the rule. */
  readonly tags: string;
  /** Which repositories, without the project. Default `**`, all. A change replaces the rule. */
  readonly repositories?: string;
  /** Whether the rule counts. Default `true`. */
  readonly enabled?: boolean;
}

interface ImmutableOuts {
  readonly ruleId: number;
}

/** Arguments of {@link ImmutableTags}. */
export type ImmutableTagsArgs = Inputs<ImmutableTagsValues>;

/** Tags that stay what they are. Id: `<project>/<repositories>/<tags>`, with `/` in a pattern written `%2F`. */
export class ImmutableTags extends DynamicResource {
  declare readonly ruleId: pulumi.Output<number>;

  constructor(name: string, args: ImmutableTagsArgs, opts?: pulumi.CustomResourceOptions) {
    super(immutableTags, name, args, opts);
  }
}

interface RuleRow {
  id: number;
  disabled?: boolean;
  tag_selectors: { decoration: string; pattern: string }[];
  scope_selectors: { repository: { decoration: string; pattern: string }[] };
}

export const immutableTags: Kind<Harbor, ImmutableTagsValues, ImmutableOuts> = {
  token: "harbor:ImmutableTags",
  noun: "immutable tag rule",
  identity: ["project", "repositories", "tags"],
  outputs: ["ruleId"],
  defaults: { repositories: "**", enabled: true },
  // Harbor knows the same rule again only until it was written a second time.
  observeFirst: true,

  check(args, problems) {
    checkName("project", args.project, problems);
    problems.expect("tags", args.tags, (tags) => tags.trim() !== "", 'is empty; give a pattern such as "v*"');
    problems.expect("repositories", args.repositories, (text) => text.trim() !== "", 'is empty; write "**" for all');
  },

  async create(api, args) {
    const subject = about("create", args);
    await api.projectId(args.project, subject);
    await api.post(rulesOf(args.project), { ...body(args), disabled: false }, subject);
    const ruleId = (await findRule(api, args))?.id ?? 0;
    if (args.enabled === false) await put(api, args, ruleId);
    return { ruleId };
  },

  async adopt(api, args) {
    await api.projectId(args.project, about("create", args));
    const row = await findRule(api, args);
    return row && { ruleId: row.id };
  },

  async sync(api, args) {
    const row = await findRule(api, args);
    if (!row) return immutableTags.create(api, args);
    await put(api, args, row.id);
    return { ruleId: row.id };
  },

  async read(api, names) {
    const { project = "", repositories = "**", tags = "" } = names;
    if (!(await api.project(project, about("read", { project, tags })))) return undefined;
    const row = await findRule(api, { project, repositories, tags });
    return row && { args: { project, repositories, tags, enabled: row.disabled !== true }, outs: { ruleId: row.id } };
  },

  async delete(api, args) {
    const row = await findRule(api, args);
    if (row) await api.delete(`${rulesOf(args.project)}/${row.id}`, about("delete", args));
  },
};

const rulesOf = (project: string): string => inProject(project, "/immutabletagrules");

/** There is no way to ask for one rule. */
async function findRule(api: Harbor, args: ImmutableTagsValues): Promise<RuleRow | undefined> {
  const rows = await api.list<RuleRow>(rulesOf(args.project), {}, about("read", args));
  return rows.find(({ tag_selectors: [tags], scope_selectors: { repository } }) => {
    const matches = tags?.decoration === "matches" && repository[0]?.decoration === "repoMatches";
    return matches && tags.pattern === args.tags && repository[0]?.pattern === (args.repositories ?? "**");
  });
}

const put = (api: Harbor, args: ImmutableTagsValues, id: number): Promise<void> =>
  api.put(`${rulesOf(args.project)}/${id}`, { id, ...body(args) }, about("update", args));

const body = ({ tags, repositories, enabled }: ImmutableTagsValues) => ({
  action: "immutable",
  template: "immutable_template",
  disabled: enabled === false,
  tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern: tags }],
  scope_selectors: { repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: repositories ?? "**" }] },
});

const about = (action: string, { project, tags }: { project: string; tags: string }) => ({
  action,
  object: "immutable tag rule",
  name: `${project}/${tags}`,
});
