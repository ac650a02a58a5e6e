import { createPublicKey, createSign, createVerify, randomUUID, type KeyObject } from "node:crypto";

import type { HarborObjects } from "../objects";
import { may } from "../objects/accounts";
import type { Account } from "../rows";

/** What a token is good for: `repository`, `media/app`, `pull`. */
export interface Access {
  type: string;
  name: string;
  actions: string[];
}

interface Claims {
  sub: string;
  aud: string;
  exp: number;
  access: Access[];
}

export const service = "harbor-registry";

/** `repository:media/app:pull,push` as an access. */
export function parseScope(scope: string): Access {
  const [type = "", ...rest] = scope.split(":");
  const actions = rest.pop() ?? "";
  return { type, name: rest.join(":"), actions: actions.split(",").filter(Boolean) };
}

/** The part of the wanted access that the account has; without an account, what anyone has. */
export function granted(objects: HarborObjects, account: Account | undefined, wanted: Access): Access {
  const [name = ""] = wanted.name.split("/");
  const project = objects.projects.find((row) => row.name === name);
  const isAllowed = (action: string): boolean => {
    if (!project || wanted.type !== "repository" || !["pull", "push", "delete"].includes(action)) return false;
    if (action === "pull" && project.metadata.public === "true") return true;
    const resource = action === "delete" ? "artifact" : "repository";
    return account !== undefined && may(objects, account, resource, action, name);
  };
  return { ...wanted, actions: wanted.actions.filter(isAllowed) };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const seconds = (): number => Math.floor(Date.now() / 1000);

/** The tokens that a client shows to the registry, signed with the key in `/etc/core/private_key.pem`. */
export class Tokens {
  private readonly publicKey: KeyObject;

  constructor(private readonly privateKey: string) {
    if (!privateKey.includes("BEGIN RSA PRIVATE KEY")) throw new Error("the token key is no RSA key in PKCS#1");
    this.publicKey = createPublicKey(privateKey);
  }

  /** Harbor's answer to a client that asks for a token. */
  issue(sub: string, access: Access[], minutes: number): object {
    const iat = seconds();
    const times = { exp: iat + minutes * 60, nbf: iat - 5, iat };
    const claims = { iss: "harbor-token-issuer", sub, aud: service, ...times, jti: randomUUID(), access };
    const text = `${encode({ typ: "JWT", alg: "RS256" })}.${encode(claims)}`;
    const signature = createSign("RSA-SHA256").update(text).sign(this.privateKey, "base64url");
    const token = `${text}.${signature}`;
    return { token, access_token: token, expires_in: minutes * 60, issued_at: new Date(iat * 1000).toISOString() };
  }

  /** What a token says, if it is ours and still good. */
  read(token: string): Claims | undefined {
    const [head = "", body = "", signature = ""] = token.split(".");
    const verified = createVerify("RSA-SHA256").update(`${head}.${body}`);
    if (!verified.verify(this.publicKey, signature, "base64url")) return undefined;
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Claims;
    return claims.aud === service && claims.exp > seconds() ? claims : undefined;
  }
}
