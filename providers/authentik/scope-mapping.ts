import type { ScopeMapping as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { scopeMappings } from "./lookup";
import { checkText } from "./text-checks";

/** What a scope tells a service of a user. */
export interface ScopeMappingValues {
  /** **A change makes another mapping.** */
  readonly name: string;
  /** What a client asks for: `groups`. */
  readonly scopeName: string;
  /** Python that returns a dictionary: `return {"groups": [group.name for group in request.user.all_groups()]}`. */
  readonly expression: string;
  /** What people are asked to consent to. Default none: they are not told of it. */
  readonly description?: string;
}

interface ScopeMappingOuts {
  readonly uuid: string;
}

/** Arguments of {@link ScopeMapping}. */
export type ScopeMappingArgs = Inputs<ScopeMappingValues>;

/** What a scope tells a service of a user. Id: its name. Authentik's own mappings are never touched. */
export class ScopeMapping extends DynamicResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly uuid: pulumi.Output<string>;

  constructor(name: string, args: ScopeMappingArgs, opts?: pulumi.CustomResourceOptions) {
    super(scopeMapping, name, args, opts);
  }
}

export const scopeMapping = kindOf<ScopeMappingValues, Row, ScopeMappingOuts>(
  {
    token: "authentik:ScopeMapping",
    noun: "scope mapping",
    identity: ["name"],
    outputs: ["uuid"],
    defaults: { description: "" },
    // Authentik cuts spaces and line ends off.
    normalise: (args) => ({
      ...args,
      ...(args.expression !== undefined && { expression: args.expression.trim() }),
      ...(args.description !== undefined && { description: args.description.trim() }),
    }),
    check(args, problems) {
      checkText("name", args.name, problems);
      const isScope = (scope: string): boolean => /^[^\s"\\]+$/.test(scope);
      problems.expect("scopeName", args.scopeName, isScope, "{value} is no scope; write one word, as in groups");
      const isCode = (code: string): boolean => code.trim() !== "";
      problems.expect("expression", args.expression, isCode, "is empty; write Python that returns a dictionary");
    },
  },
  {
    async find(api, { name = "" }, subject) {
      const { results } = await api.call(subject, ({ propertymappings }) =>
        propertymappings.propertymappingsProviderScopeList({ name }),
      );
      return results.find((row) => row.name === name && isOurs(row));
    },
    async look(api, { name = "" }, subject) {
      const row = await scopeMappings.row(api, name, subject);
      return row?.name === name && isOurs(row) ? row : undefined;
    },
    create: (api, args, subject) =>
      api.call(subject, ({ propertymappings }) =>
        propertymappings.propertymappingsProviderScopeCreate({ scopeMappingRequest: args }),
      ),
    update: (api, { pk: pmUuid }, args, subject) =>
      api.call(subject, ({ propertymappings }) =>
        propertymappings.propertymappingsProviderScopePartialUpdate({ pmUuid, patchedScopeMappingRequest: args }),
      ),
    destroy: (api, { pk: pmUuid }, subject) =>
      api.call(subject, ({ propertymappings }) => propertymappings.propertymappingsProviderScopeDestroy({ pmUuid })),
    argsOf: (_api, { name, scopeName, expression, description }) => ({ name, scopeName, expression, description }),
    outsOf: ({ pk }) => ({ uuid: pk }),
  },
);

/** What has a managed id is written anew by each upgrade. */
const isOurs = ({ managed }: Row): boolean => (managed ?? "") === "";
