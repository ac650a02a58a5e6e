import { at, isOff, items, unknown, unlisted, type Value } from "./resource";

/** An option of `ssh`. */
export interface SshOption {
  readonly name: string;
  readonly value: string;
}

/**
 * A Docker provider's `sshOpts`, read in pairs as `ssh` reads them: `-o Name=value` is `Name` and `value`; a word that makes
 * no pair stands for itself. An input that is no text comes to a provider as JSON.
 */
export function readOptions(value: Value): SshOption[] {
  const texts = words(value).map((word) => (word === unknown ? "(unknown)" : String(word)));
  const steps = Array.from({ length: Math.ceil(texts.length / 2) }, (_, index) =>
    texts.slice(index * 2, index * 2 + 2),
  );
  return steps.map(([name = "", setting = ""]) => {
    const [, option, text] = (name === "-o" && /^(\w+)=(.*)$/s.exec(setting)) || [];
    return option === undefined ? { name, value: setting } : { name: option, value: text ?? "" };
  });
}

/** A host as `ssh` asks for its key. */
export const knownHost = (host: string, port = sshPort): string => (port === sshPort ? host : `[${host}]:${port}`);

/** Where SSH is that nobody moved. */
export const sshPort = 22;

/** The key by which `KnownHostsCommand` knows its host; nothing where it isn't known yet. */
export function knownHostKey(value: Value): string | undefined {
  const command = readOptions(value).find(({ name }) => name === "KnownHostsCommand");
  return /^\S+ \S+ (.+)$/.exec(command?.value ?? "")?.[1];
}

/** What is wrong with how a command or a file reaches its machine; `allowed` are the properties that its connection may have. */
export function connectionProblems(inputs: Value, allowed: readonly string[]): string[] {
  const connection = at(inputs, "connection");
  return [
    ...(isOff(at(connection, "hostKey"))
      ? ["it doesn't check whom it talks to; set `connection.hostKey` to the machine's public key"]
      : []),
    ...unlisted(connection, allowed).map(
      (property) => `it sets \`connection.${property}\`, which no machine of the project's needs; remove it`,
    ),
  ];
}

function words(value: Value): readonly Value[] {
  if (typeof value !== "string") return items(value);
  try {
    return items(JSON.parse(value) as Value);
  } catch {
    return [value];
  }
}
