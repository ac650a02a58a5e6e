import { z } from "zod";

import type { Size } from "../config/size";
import { isGuest } from "./guests";
import { at, type Resource, type Stack } from "./resource";
import { types } from "./types";

/** A guest as Proxmox reports it. Memory and cores are missing while its node is offline. */
export interface LiveGuest {
  readonly vmId: number;
  readonly name: string;
  readonly node: string;
  readonly running: boolean;
  readonly template: boolean;
  /** Missing where it is in none, or in one that the token may not see. */
  readonly pool?: string;
  readonly memory?: Size;
  readonly cores?: number;
}

/** A node as Proxmox reports it. Its memory is missing where the token may not see it (`Sys.Audit`). */
export interface LiveNode {
  readonly name: string;
  readonly memory?: Size;
}

/** What Proxmox lets the token see, or why it could not be asked and what to check. */
export type Live = { readonly guests: readonly LiveGuest[]; readonly nodes: readonly LiveNode[] } | Failure;

const answer = z.object({
  data: z.array(z.looseObject({ type: z.string() })),
});

const nodeRows = z.array(
  z
    .object({ node: z.string(), maxmem: z.number().optional() })
    .transform(({ node, maxmem }): LiveNode => ({ name: node, memory: maxmem as Size | undefined })),
);

const guestRows = z.array(
  z
    .object({
      vmid: z.int(),
      name: z.string().optional(),
      node: z.string(),
      status: z.string(),
      template: z.union([z.boolean(), z.number()]).optional(),
      pool: z.string().optional(),
      maxmem: z.number().optional(),
      maxcpu: z.number().optional(),
    })
    .transform(({ vmid, name, node, status, template, pool, maxmem, maxcpu }): LiveGuest => ({
      vmId: vmid,
      name: name ?? `guest ${vmid}`,
      node,
      running: status === "running",
      template: Boolean(template),
      pool,
      memory: maxmem as Size | undefined,
      cores: maxcpu,
    })),
);

const attempts = 2;
const patience = 5_000;
const asked = new Map<string, Promise<object>>();

/** The provider of the stack's guests; where it makes none, its first one. */
export function proxmoxProvider({ resources }: Stack): Resource | undefined {
  const providers = resources.filter(({ type }) => type === types.proxmoxProvider);
  const used = resources.find(isGuest)?.provider;
  return providers.find(({ urn }) => urn === used) ?? providers[0];
}

/** Where Proxmox's API is, and the token that may ask it. */
export interface Connection {
  readonly endpoint: string;
  readonly token: string;
}

/** Why Proxmox could not be asked, and what to check. */
export interface Failure {
  readonly failure: string;
}

/** The Proxmox that the stack's guests are made on. */
export function connectionOf(stack: Stack): Connection | Failure {
  const provider = proxmoxProvider(stack);
  if (!provider) return { failure: "the stack has no Proxmox provider; make one with `endpoint` and `apiToken`" };
  const [endpoint, token] = [at(provider.inputs, "endpoint"), at(provider.inputs, "apiToken")];
  if (typeof endpoint === "string" && typeof token === "string") return { endpoint, token };
  const missing = typeof endpoint === "string" ? "`apiToken`" : "`endpoint`";
  return {
    failure: `the Proxmox provider's ${missing} is not known before the update; take it from the stack's config`,
  };
}

/** Asks the Proxmox that the stack's guests are made on. */
export async function liveGuestsOf(stack: Stack): Promise<Live> {
  const connection = connectionOf(stack);
  return "failure" in connection ? connection : liveGuests(connection.endpoint, connection.token);
}

/** What the stack's Proxmox reports; nothing where it can't be asked, which `guest-inventory` tells. */
export async function reported(stack: Stack): Promise<Exclude<Live, { failure: string }>> {
  const live = await liveGuestsOf(stack);
  return "guests" in live ? live : { guests: [], nodes: [] };
}

/** Guests that run on some nodes and are none of the known ones. */
export function strangersOn(
  nodes: readonly string[],
  live: readonly LiveGuest[],
  known: readonly { readonly vmId?: number }[],
): LiveGuest[] {
  const ids = new Set(known.map(({ vmId }) => vmId));
  return live.filter(
    ({ vmId, node, running, template }) => running && !template && nodes.includes(node) && !ids.has(vmId),
  );
}

/** Asks Proxmox for its guests, once in a run of the pack. Never throws, and never tells the token. */
export function liveGuests(endpoint: string, token: string): Promise<Live> {
  return askOnce({ endpoint, token }, guestsQuestion, resources);
}

/** {@link liveGuests} without its memory. `timeout` is in milliseconds, for each attempt. */
export function askProxmox(endpoint: string, token: string, timeout = patience): Promise<Live> {
  return ask({ endpoint, token }, guestsQuestion, resources, timeout);
}

const guestsQuestion = "/cluster/resources";

function resources(body: unknown): Exclude<Live, Failure> {
  const { data } = answer.parse(body);
  return {
    guests: guestRows.parse(data.filter(({ type }) => type === "qemu" || type === "lxc")),
    nodes: nodeRows.parse(data.filter(({ type }) => type === "node")),
  };
}

/** {@link ask}, once for each question in a run of the pack: several policies want to know the same. */
export function askOnce<T extends object>(
  connection: Connection,
  question: string,
  read: (body: unknown) => T,
): Promise<T | Failure> {
  const key = JSON.stringify([connection, question]);
  const answer = (asked.get(key) as Promise<T | Failure> | undefined) ?? ask(connection, question, read);
  asked.set(key, answer);
  return answer;
}

/**
 * Asks Proxmox's API; `read` takes the answer's body and throws where it isn't like Proxmox's. Never throws, and never tells
 * the token. `timeout` is in milliseconds, for each attempt.
 */
async function ask<T extends object>(
  { endpoint, token }: Connection,
  question: string,
  read: (body: unknown) => T,
  timeout = patience,
): Promise<T | Failure> {
  if (!/^[\w.+-]+@[\w.-]+![\w.-]+=[\w-]+$/.test(token)) {
    return { failure: "the API token is not of the form user@realm!name=secret; check `homelab:proxmoxApiToken`" };
  }
  if (!/^https?:\/\/[^@\s]+$/.test(endpoint) || !URL.canParse(endpoint)) {
    return { failure: "the endpoint is not a web address; check `homelab:proxmox.endpoint`" };
  }
  const url = `${endpoint.replace(/\/+$/, "")}/api2/json${question}`;
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(url, {
        headers: { Authorization: `PVEAPIToken=${token}` },
        redirect: "manual",
        signal: AbortSignal.timeout(timeout),
      });
      const body = await response.text();
      return response.status === 200 ? understood(body, read, url) : { failure: refusal(response.status, url) };
    } catch (error) {
      const problem = connectionProblem(error);
      if (problem.final || attempt === attempts) return { failure: `${new URL(url).origin} ${problem.text}` };
    }
  }
}

function understood<T>(body: string, read: (body: unknown) => T, url: string): T | Failure {
  try {
    return read(JSON.parse(body));
  } catch {
    return {
      failure: `${new URL(url).origin} did not answer like Proxmox; check that \`homelab:proxmox.endpoint\` is its API`,
    };
  }
}

function refusal(status: number, url: string): string {
  const { origin } = new URL(url);
  if (status === 401) {
    return `${origin} refused the API token (401); check \`homelab:proxmoxApiToken\`, and that the token has not expired`;
  }
  if (status === 403) return `${origin} denied the API token access (403); check the token's rights in Proxmox`;
  return `${origin} answered ${status}; check \`homelab:proxmox.endpoint\`, and Proxmox's own log`;
}

/** What kept Proxmox from answering; the error's own message is left out, since it may quote a header. */
function connectionProblem(error: unknown): { text: string; final: boolean } {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  const code = typeof cause?.code === "string" ? cause.code : "no connection";
  if (name === "TimeoutError")
    return { text: "did not answer in time; check that it is on and reachable", final: true };
  if (/^(CERT_|DEPTH_|EPROTO|ERR_SSL|ERR_TLS|SELF_SIGNED|UNABLE_TO)/.test(code)) {
    const remedy = "put the node's /etc/pve/pve-root-ca.pem into the file that SSL_CERT_FILE names";
    return {
      text: `cannot be trusted (${code}); ${remedy}, and use an address that its certificate holds`,
      final: true,
    };
  }
  return { text: `cannot be reached (${code}); check that it is on and \`homelab:proxmox.endpoint\``, final: false };
}
