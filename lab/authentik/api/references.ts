import { keep, type Row } from "../../kit/rows";
import type { AuthentikObjects, Table } from "../objects";

/** What a field points to. */
export interface Reference {
  /** Whether there is such an object. */
  finds(objects: AuthentikObjects, key: unknown): boolean;
  /** The same for a filter of a list, where that is not by the same key. */
  filters?(objects: AuthentikObjects, key: unknown): boolean;
  /** Whether keys are whole numbers. */
  numbered?: boolean;
}

const byKey = (...tables: Table[]): Reference => ({
  finds: (objects, key) => tables.some((table) => objects[table].some(({ pk }) => pk === key)),
  numbered: ["users", "oauth2Providers", "proxyProviders"].includes(tables[0] ?? ""),
});

/** A row of one of these tables, or several. */
export const to = {
  user: byKey("users"),
  group: byKey("groups"),
  role: byKey("roles"),
  provider: byKey("oauth2Providers", "proxyProviders"),
  flow: byKey("flows"),
  stage: byKey("stages"),
  prompt: byKey("prompts"),
  policy: byKey("policies"),
  mapping: byKey("scopeMappings"),
  keypair: byKey("keypairs"),
  application: byKey("applications"),
  transport: byKey("transports"),
  /** What a policy can be bound to. Flows and their bindings have a key of their own for it, which filters want. */
  bindable: {
    finds: (objects, key) =>
      bindable(objects).some(({ pk, policybindingmodel_ptr_id }) => [pk, policybindingmodel_ptr_id].includes(key)),
    filters: (objects, key) =>
      bindable(objects).some(({ pk, policybindingmodel_ptr_id = pk }) => policybindingmodel_ptr_id === key),
  } satisfies Reference,
} as const;

/** Everything that a policy can be bound to. */
export const bindable = ({ applications, flows, flowBindings, rules }: AuthentikObjects): Row[] => [
  ...applications,
  ...flows,
  ...flowBindings,
  ...rules,
];

/** What becomes of a row that points to a deleted one: it goes, too, or points to nothing, or loses an entry of a list. */
type Rule = readonly [from: Table, field: string, fate: "delete" | "empty" | "drop"];

const flowFields = ["authentication", "user_switch", "invalidation", "recovery", "unenrollment", "user_settings"];
const moreFlowFields = ["device_code", "lockdown", "request"];

const rules: Partial<Record<Table, readonly Rule[]>> = {
  users: [
    ["tokens", "user", "delete"],
    ["devices", "user", "delete"],
    ["sessions", "user", "delete"],
    ["bindings", "user", "delete"],
  ],
  groups: [
    ["bindings", "group", "delete"],
    ["users", "groups", "drop"],
    ["groups", "parents", "drop"],
    ["rules", "destination_group", "empty"],
    ["stages", "create_users_group", "empty"],
  ],
  applications: [
    ["bindings", "target", "delete"],
    ["brands", "default_application", "empty"],
  ],
  oauth2Providers: [
    ["applications", "provider", "empty"],
    ["outposts", "providers", "drop"],
  ],
  proxyProviders: [
    ["applications", "provider", "empty"],
    ["outposts", "providers", "drop"],
  ],
  flows: [
    ["flowBindings", "target", "delete"],
    ["bindings", "target", "delete"],
    ["oauth2Providers", "authorization_flow", "delete"],
    ["proxyProviders", "authorization_flow", "delete"],
    ...(["oauth2Providers", "proxyProviders"] as const).flatMap((table): Rule[] => [
      [table, "authentication_flow", "empty"],
      [table, "invalidation_flow", "empty"],
    ]),
    ...[...flowFields, ...moreFlowFields].map((name): Rule => ["brands", `flow_${name}`, "empty"]),
    ...["enrollment_flow", "recovery_flow", "passwordless_flow", "configure_flow", "target_flow"].map((field): Rule => [
      "stages",
      field,
      "empty",
    ]),
  ],
  flowBindings: [["bindings", "target", "delete"]],
  rules: [["bindings", "target", "delete"]],
  stages: [
    ["flowBindings", "stage", "delete"],
    ["stages", "password_stage", "empty"],
    ["stages", "configuration_stages", "drop"],
  ],
  prompts: [["stages", "fields", "drop"]],
  policies: [
    ["bindings", "policy", "delete"],
    ["stages", "validation_policies", "drop"],
  ],
  scopeMappings: [
    ["oauth2Providers", "property_mappings", "drop"],
    ["proxyProviders", "property_mappings", "drop"],
  ],
  keypairs: [
    ["oauth2Providers", "signing_key", "empty"],
    ["oauth2Providers", "encryption_key", "empty"],
    ["proxyProviders", "certificate", "empty"],
    ["brands", "web_certificate", "empty"],
    ["transports", "webhook_ca", "empty"],
  ],
  transports: [["rules", "transports", "drop"]],
};

/** Puts right what points to a row that was deleted. */
export function release(objects: AuthentikObjects, table: Table, { pk }: Row): void {
  for (const [from, field, fate] of rules[table] ?? []) {
    const rows = objects[from];
    if (fate === "delete") {
      const gone = rows.filter((row) => row[field] === pk);
      if (gone.length === 0) continue;
      keep(rows, (row) => row[field] !== pk);
      for (const row of gone) release(objects, from, row);
    } else {
      for (const row of rows) {
        if (fate === "empty" && row[field] === pk) row[field] = null;
        if (fate === "drop" && row[field]?.includes(pk)) row[field] = row[field].filter((key: unknown) => key !== pk);
      }
    }
  }
  if (table === "users") delete objects.hidden.passwords[pk];
}
