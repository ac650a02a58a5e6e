import { setTimeout as sleep } from "node:timers/promises";

import { parseReference } from "../config/image-reference";

/** How long to wait and how often to ask. */
export interface Patience {
  timeoutMs: number;
  /** Before each further try, in milliseconds. */
  pauses: readonly number[];
}

const usual: Patience = { timeoutMs: 10_000, pauses: [1_000, 3_000] };

/** The digest of what the registry has under a reference's tag; for several processors that of the index. */
export async function digestOf(reference: string, patience = usual): Promise<string> {
  const { registry, repository, tag, digest } = parseReference(reference);
  if (digest !== undefined) return digest;
  const address = `${schemeOf(registry)}://${registry}/v2/${repository}/manifests/${tag}`;
  const problem = (what: string): Error => new Error(`${reference}: ${address} ${what}`);
  const answer = await ask(address, patience).catch((error: unknown) => {
    throw problem(`cannot be asked (${reason(error)}). Is this computer connected? Try again later.`);
  });
  if (answer.status === 401 || answer.status === 403 || answer.status === 404)
    throw problem(`answered ${answer.status}: there is no such public image. Check its name and tag.`);
  if (!answer.ok) throw problem(`answered ${answer.status}. Try again later.`);
  const found = answer.headers.get("docker-content-digest") ?? "";
  if (!/^sha256:[0-9a-f]{64}$/.test(found)) throw problem("answered without a digest. Write it by hand.");
  return found;
}

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Asks for a manifest; with a token, where the registry wants one. */
async function ask(address: string, patience: Patience): Promise<Response> {
  const request = { method: "HEAD", headers: { accept: manifestTypes } };
  const answer = await insist(address, request, patience);
  const challenge = answer.headers.get("www-authenticate") ?? "";
  if (answer.status !== 401 || !/^bearer /i.test(challenge)) return answer;
  const authorization = `Bearer ${await token(challenge, patience)}`;
  return insist(address, { ...request, headers: { ...request.headers, authorization } }, patience);
}

/** A token for anybody, from where the registry's challenge says. */
async function token(challenge: string, patience: Patience): Promise<string> {
  const said = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  const { realm, service, scope } = said as Record<string, string | undefined>;
  if (realm === undefined) throw new Error(`it wants a log-in of an unknown kind: ${challenge}`);
  const place = new URL(realm);
  if (service !== undefined) place.searchParams.set("service", service);
  if (scope !== undefined) place.searchParams.set("scope", scope);
  const answer = await insist(place.href, {}, patience);
  const given = answer.ok ? ((await answer.json()) as { token?: string; access_token?: string }) : {};
  const text = given.token ?? given.access_token;
  if (text === undefined) throw new Error(`${place.origin} gave no token: ${answer.status}`);
  return text;
}

/** Asks again after no answer, and after an answer that asks for patience. */
async function insist(address: string, request: RequestInit, { timeoutMs, pauses }: Patience): Promise<Response> {
  for (const pause of pauses) {
    const answer = await once(address, request, timeoutMs).catch(() => undefined);
    if (answer !== undefined && answer.status !== 429 && answer.status < 500) return answer;
    await sleep(pause);
  }
  return once(address, request, timeoutMs);
}

function once(address: string, request: RequestInit, timeoutMs: number): Promise<Response> {
  return fetch(address, { ...request, signal: AbortSignal.timeout(timeoutMs) });
}

/** Docker takes a registry on the computer itself to be without TLS. */
function schemeOf(registry: string): string {
  return /^(localhost|127\.\d+\.\d+\.\d+)(:|$)/.test(registry) ? "http" : "https";
}

/** `fetch` keeps why it failed in a second error. */
function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
