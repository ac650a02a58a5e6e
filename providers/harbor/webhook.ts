import type * as pulumi from "@pulumi/pulumi";

import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import { defined, sortedSet } from "../dynamic/values";
import { inProject, type Harbor } from "./api";
import type { Inputs } from "./connection";
import { checkName } from "./words";

/** What can be told. `QUOTA_WARNING` is at 85 %. */
export const webhookEvents = [
  "PUSH_ARTIFACT",
  "PULL_ARTIFACT",
  "DELETE_ARTIFACT",
  "QUOTA_EXCEED",
  "QUOTA_WARNING",
  "SCANNING_FAILED",
  "SCANNING_STOPPED",
  "SCANNING_COMPLETED",
  "REPLICATION",
  "TAG_RETENTION",
] as const;

/** What a webhook is. */
export interface WebhookValues {
  /** **A change removes the webhook of the project that was named before.** */
  readonly project: string;
  /** A change replaces the webhook. */
  readonly name: string;
  /** What it is for, as Harbor's pages show it. Default none. */
  readonly description?: string;
  /** What is told: one or more of {@link webhookEvents}. */
  readonly events: (typeof webhookEvents)[number][];
  /** Where it is sent to. */
  readonly address: string;
  /** Default `http`. */
  readonly type?: "http" | "slack";
  /** Only with `http`. Default `Default`. */
  readonly payloadFormat?: "Default" | "CloudEvents";
  /** The value of the header `Authorization`. A change made in Harbor is not noticed. Default none. A secret. */
  readonly authHeader?: string;
  /** Whether the certificate of the address is checked. Default `true`. */
  readonly verifyCertificate?: boolean;
  /** Default `true`. */
  readonly enabled?: boolean;
}

interface WebhookOuts {
  readonly webhookId: number;
}

/** Arguments of {@link Webhook}. */
export type WebhookArgs = Inputs<WebhookValues>;

/** Tells another service what happens in a project. Id: `<project>/<name>`. */
export class Webhook extends DynamicResource {
  declare readonly webhookId: pulumi.Output<number>;

  constructor(name: string, args: WebhookArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...webhook, secrets: ["authHeader"] }, name, args, opts);
  }
}

interface WebhookRow {
  id: number;
  name: string;
  description?: string;
  enabled: boolean;
  event_types: string[];
  targets: { type: string; address: string; skip_cert_verify?: boolean; payload_format?: string }[];
}

export const webhook: Kind<Harbor, WebhookValues, WebhookOuts> = {
  token: "harbor:Webhook",
  noun: "webhook",
  identity: ["project", "name"],
  writeOnly: ["authHeader"],
  outputs: ["webhookId"],
  defaults: { description: "", type: "http", verifyCertificate: true, enabled: true },

  normalise: (args) => ({
    ...args,
    ...(args.events && { events: sortedSet(args.events) as WebhookValues["events"] }),
    ...(args.type !== "slack" && { payloadFormat: args.payloadFormat ?? "Default" }),
  }),

  check(args, problems) {
    checkName("project", args.project, problems);
    problems.expect("name", args.name, (name) => name.trim() !== "", "is empty; give it a name");
    const isUrl = (url: string): boolean => /^https?:\/\/[^/\s]+/.test(url);
    problems.expect("address", args.address, isUrl, "{value} is no URL; write https://host/path");
    problems.oneOf("type", args.type, ["http", "slack"]);
    problems.oneOf("payloadFormat", args.payloadFormat, ["Default", "CloudEvents"]);
    if (args.type === "slack" && args.payloadFormat !== undefined) {
      problems.add("payloadFormat", "is for the type http only; leave it out");
    }
    if (args.events?.length === 0) problems.add("events", 'is empty; name at least one, such as "QUOTA_WARNING"');
    for (const event of args.events ?? []) problems.oneOf("events", event, webhookEvents);
  },

  async create(api, args) {
    const subject = about("create", args);
    await api.projectId(args.project, subject);
    await api.post(policiesOf(args.project), body(args), subject);
    return { webhookId: (await findWebhook(api, args))?.id ?? 0 };
  },

  async adopt(api, args) {
    const row = await findWebhook(api, args);
    return row && { webhookId: row.id };
  },

  async sync(api, args) {
    const row = await findWebhook(api, args);
    if (!row) return webhook.create(api, args);
    await api.put(`${policiesOf(args.project)}/${row.id}`, { id: row.id, ...body(args) }, about("update", args));
    return { webhookId: row.id };
  },

  async read(api, { project = "", name = "" }) {
    if (!(await api.project(project, about("read", { project, name })))) return undefined;
    const row = await findWebhook(api, { project, name });
    if (!row) return undefined;
    const [target] = row.targets;
    const args = {
      project,
      name,
      description: row.description ?? "",
      events: sortedSet(row.event_types) as WebhookValues["events"],
      address: target?.address,
      type: target?.type as WebhookValues["type"],
      payloadFormat: target?.type === "slack" ? undefined : ((target?.payload_format || "Default") as "Default"),
      verifyCertificate: target?.skip_cert_verify !== true,
      enabled: row.enabled,
    };
    return { args: defined(args), outs: { webhookId: row.id } };
  },

  async delete(api, args) {
    const row = await findWebhook(api, args);
    if (row) await api.delete(`${policiesOf(args.project)}/${row.id}`, about("delete", args));
  },
};

type Names = Pick<WebhookValues, "project" | "name">;

const policiesOf = (project: string): string => inProject(project, "/webhook/policies");

async function findWebhook(api: Harbor, { project, name }: Names): Promise<WebhookRow | undefined> {
  const rows = await api.list<WebhookRow>(policiesOf(project), {}, about("read", { project, name }));
  return rows.find((row) => row.name === name);
}

const body = (args: WebhookValues) => ({
  name: args.name,
  description: args.description ?? "",
  enabled: args.enabled !== false,
  event_types: args.events,
  targets: [
    {
      type: args.type ?? "http",
      address: args.address,
      auth_header: args.authHeader ?? "",
      skip_cert_verify: args.verifyCertificate === false,
      ...(args.type !== "slack" && { payload_format: args.payloadFormat ?? "Default" }),
    },
  ],
});

const about = (action: string, { project, name }: Names) => ({ action, object: "webhook", name: `${project}/${name}` });
