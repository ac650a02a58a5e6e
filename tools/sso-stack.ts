import { z } from "zod";

import type { Authentik } from "../providers/authentik/api";
import { authentikService } from "../providers/authentik/connection";
import type { Report } from "./run";
import type { Pulumi } from "./stack";

/** The stack whose people are meant. */
export interface SsoStack {
  /** Runs Pulumi on the stack and gives what it wrote. */
  readonly pulumi: Pulumi;
  /** Brings the stack up to date on our own terminal, judged by the policies; resolves to the exit code. */
  readonly up: (args: readonly string[]) => Promise<number>;
  /** What a person types, for messages. */
  readonly commands: {
    /** This tool: `npm run sso -- --stack homelab`. */
    readonly sso: string;
    /** An update: `npm run up -- --stack homelab`. */
    readonly up: string;
  };
}

/** How to reach Authentik as an administrator. The stack's secret output `ssoAdmin`. */
export const ssoAdmin = z.object({
  /** Authentik's public address, `https://auth.home.arpa`. */
  url: z.url({ protocol: /^https?$/ }),
  /** The machine it runs on. */
  address: z.ipv4(),
  /** The key of the program's own API token. */
  token: z.string().min(1),
  /** The administrator of the first start, `akadmin`. */
  username: z.string().min(1),
  /** What vouches for the certificate, PEM. */
  rootCertificate: z.string().min(1),
});

/** One way in, checked. */
export type SsoAdmin = z.output<typeof ssoAdmin>;

/** What a command works with. */
export interface Session {
  readonly stack: SsoStack;
  readonly admin: SsoAdmin;
  readonly api: Authentik;
  /** Tells the person at the terminal; never a secret. */
  readonly report: Report;
  /** What the command was run for, on standard output. */
  readonly print: (result: string) => void;
}

/** The output `ssoAdmin` of a stack. */
export async function readAdmin({ pulumi, commands }: SsoStack): Promise<SsoAdmin> {
  const output = await pulumi(["stack", "output", "ssoAdmin", "--json", "--show-secrets", "--non-interactive"]);
  if (output.code !== 0) {
    const remedy = `Is single sign-on part of it, and the stack up to date? ${commands.up}`;
    throw new Error(`the stack does not tell how to reach Authentik. ${remedy}\n${output.stderr.trim()}`);
  }
  const read = ssoAdmin.safeParse(JSON.parse(output.stdout));
  if (read.success) return read.data;
  const fields = read.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new Error(
    `the output ssoAdmin is not what this program makes (${fields}); bring it up to date: ${commands.up}`,
  );
}

/** Authentik, reached with the program's own token or with the one given. */
export function connect({ url, address, token, rootCertificate }: SsoAdmin, other?: string): Authentik {
  return authentikService.connect({ endpoint: url, address, token: other ?? token, ca: rootCertificate });
}
