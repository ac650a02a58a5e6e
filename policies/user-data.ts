import { readFileSync, statSync } from "node:fs";

import { parse } from "yaml";

import { userData } from "../components/tooling-vm/cloud-init";
import { readOpenSshKey } from "../config/openssh-key";
import { within } from "./plain-data";
import { at, type Value } from "./resource";

/**
 * Whether a text is the user data that the component ToolingVm makes from its arguments, letter by letter. The machine's host
 * key is the one that is in the text: it is new with each machine.
 */
export function isUserDataOf(machine: Value, text: string): boolean {
  const hostKey = (part: string): string => String(within(read(text), "ssh_keys", `ed25519_${part}`));
  const made = userData({
    hostname: String(at(machine, "vm", "name")),
    domain: String(at(machine, "domain")),
    user: String(at(machine, "vm", "user")),
    authorizedKey: String(at(machine, "operatorKey", "publicKey")),
    hostKey: { private: hostKey("private"), public: hostKey("public") },
  });
  return text === made;
}

/**
 * Whether the one key that the component ToolingVm lets in is that of the file with which Docker logs in, which has to be there.
 * A private key in PEM doesn't tell its public key in the same form, and passes.
 */
export function letsOperatorIn(machine: Value): boolean {
  const [file, publicKey] = ["file", "publicKey"].map((each) => at(machine, "operatorKey", each));
  if (typeof file !== "string") return true; // no component says
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  const pair = readOpenSshKey(readFileSync(file, "utf8"));
  return pair === undefined || /^[\w@.-]+ (\S+)( .*)?$/.exec(String(publicKey))?.[1] === pair.publicKey;
}

function read(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
