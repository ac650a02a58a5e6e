import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import {
  Server,
  utils,
  type Connection,
  type ParsedKey,
  type PublicKeyAuthContext,
  type ServerChannel,
  type Session,
} from "ssh2";
import { fileOnNode } from "./datastores";
import type { ProxmoxOptions } from "./options";
import { serveSftp } from "./sftp";

/** The nodes' SSH server; it does not listen yet. `opened` is called with each connection. */
export function sshServer(options: ProxmoxOptions, opened: (connection: Connection) => void): Server {
  const keys = options.ssh.authorizedKeys.map(parseKey);
  return new Server({ hostKeys: [options.ssh.hostKey] }, (connection) => {
    opened(connection);
    connection.on("error", () => connection.end());
    connection.on("authentication", (attempt) => {
      if (attempt.method === "publickey" && keys.some((key) => proves(key, attempt))) attempt.accept();
      else attempt.reject(["publickey"]);
    });
    connection.on("ready", () => connection.on("session", (accept) => serveSession(accept(), options.storageRoot)));
  });
}

function parseKey(line: string): ParsedKey {
  const key = utils.parseKey(line);
  if (key instanceof Error) throw new Error(`The authorized SSH key '${line}' cannot be read: ${key.message}`);
  return key;
}

/** A client first asks whether a key would do, then proves that it has it. */
function proves(key: ParsedKey, { key: offered, blob, signature, hashAlgo }: PublicKeyAuthContext): boolean {
  if (!key.getPublicSSH().equals(offered.data)) return false;
  return signature === undefined || (blob !== undefined && key.verify(blob, signature, hashAlgo) === true);
}

function serveSession(session: Session, root: string): void {
  session.on("sftp", (accept) => serveSftp(accept(), root));
  session.on("exec", (accept, _reject, { command }) => {
    const channel = accept();
    runCommand(channel, root, command);
  });
}

/**
 * Does what a command asks for instead of running it: nothing that comes over SSH is executed on this computer.
 * The provider checks whether it needs sudo, and writes snippets with `tee`; files are read and removed for people.
 */
function runCommand(channel: ServerChannel, root: string, command: string): void {
  const script = unquote(command);
  const asked = /(?:^|[;\s])(?:\/usr\/bin\/)?(tee|cat|rm -f) (\/\S+)$/.exec(script);
  const [, program, path] = asked ?? [];
  if (program === undefined || path === undefined) return runKnown(channel, script);
  const file = fileOnNode(root, path);
  if (file === undefined) return finish(channel, 1, `${program}: ${path}: Permission denied\n`);
  if (program === "tee") return tee(channel, file);
  if (program === "rm -f") rmSync(file, { force: true });
  else if (!existsSync(file)) return finish(channel, 1, `cat: ${path}: No such file or directory\n`);
  else channel.write(readFileSync(file));
  finish(channel, 0);
}

function runKnown(channel: ServerChannel, script: string): void {
  if (/^if \[ "\$\(id -u\)" = "0" \]; then echo "0";/.test(script) || script === "id -u") {
    channel.write("0\n");
    return finish(channel, 0);
  }
  if (script === "true") return finish(channel, 0);
  finish(channel, 127, "The lab's node only knows the commands tee, cat and 'rm -f' on files of its datastore.\n");
}

/** The script in `/bin/bash -c '…'`. */
function unquote(command: string): string {
  const script = /^\/bin\/bash -c '([\s\S]*)'$/.exec(command)?.[1];
  return (script ?? command).replaceAll(`'"'"'`, "'").trim();
}

function tee(channel: ServerChannel, file: string): void {
  const chunks: Buffer[] = [];
  channel.on("data", (chunk: Buffer) => chunks.push(chunk));
  channel.on("end", () => {
    const content = Buffer.concat(chunks);
    try {
      writeFileSync(file, content, { mode: 0o644 });
      channel.write(content);
      finish(channel, 0);
    } catch (error) {
      finish(channel, 1, `tee: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  });
}

function finish(channel: ServerChannel, code: number, message?: string): void {
  if (message !== undefined) channel.stderr.write(message);
  channel.exit(code);
  channel.end();
}
