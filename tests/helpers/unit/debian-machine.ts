import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { findProgram } from "../../../lab/process";
import { shellQuote } from "../../../providers/host/shell";
import { Sandbox, type ShellResult } from "./machine-stub";

/** Files of a package or of a machine, by their paths: programs are scripts for `sh`. */
type Programs = Readonly<Record<string, string>>;

const log = 'echo "${0##*/} $*" >>"$MACHINE/log"';
const dropIn = "/etc/ssh/sshd_config.d/10-homelab.conf";

const client: Programs = { docker: 'echo "$DOCKER"' };
const engine: Programs = {
  "usr/sbin/dockerd": "exit 99",
  "usr/sbin/iptables": '[ "$*" = "--wait -S FORWARD" ] && echo "-P FORWARD $FORWARD"',
};
const others = { sudo: {}, openssl: { openssl: "exit 99" }, curl: { curl: "exit 99" } };

/** What can be installed, as far as it is asked for: since Debian 13 Docker's program is a package of its own. */
export const archives = {
  12: { ...others, "docker.io": { ...engine, ...client } },
  13: { ...others, "docker.io": engine, "docker-cli": client },
} as const;

/** Everything that the stack needs, with the paths of Docker's own packages. */
export const complete: Programs = {
  ...client,
  dockerd: "exit 99",
  "usr/sbin/iptables": engine["usr/sbin/iptables"] ?? "",
  ...others.openssl,
  ...others.curl,
};

/** What any Debian has. The folder of the administrator's programs is on nobody's PATH. */
const bare: Programs = {
  sudo: '[ "$1" = -n ] && shift && exec "$@"',
  id: `case $1 in -u) [ "$LOGIN" = root ] && echo 0 || echo 1000 ;; -un) echo "$LOGIN" ;; -nG) cat "$MACHINE/groups" ;; esac`,
  "apt-get": `${log}
case " $* " in *" install "*) ;; *) exit 0 ;; esac
for each; do [ ! -d "$MACHINE/archive/$each" ] || cp -R "$MACHINE/archive/$each/." "$MACHINE"; done`,
  "apt-cache": '[ -d "$MACHINE/archive/$2" ]',
  systemctl: `${log}; [ "$*" != "$FAILS" ]`,
  "usr/sbin/usermod": `${log}; echo "ops docker" >"$MACHINE/groups"`,
  "usr/sbin/sshd": `[ "$1" = -T ] || exit 99
own=$(sed -n "s/^MaxStartups //p" "$MACHINE${dropIn}" 2>/dev/null)
printf "port 22\\nmaxstartups %s\\n" "\${MAX_STARTUPS:-\${own:-10:30:100}}"`,
};

/** How it is logged in to, and what of it is not as usual. */
const usual = { LOGIN: "ops", DOCKER: "28.5.2", FORWARD: "ACCEPT", MAX_STARTUPS: "", FAILS: "" };

/** A machine of 4 GiB that has Debian, and besides it what is given: its commands run for real, on files of its own. */
export class DebianMachine extends Sandbox {
  constructor(programs: Programs, archive: Readonly<Record<string, Programs>> = archives[13]) {
    super();
    const install = (folder: string, files: Programs): void =>
      Object.entries(files).forEach(([path, body]) => this.write(`${folder}${path}`, `#!/bin/sh\n${body}\n`));
    install("", { ...bare, ...programs });
    for (const [name, files] of Object.entries(archive)) {
      mkdirSync(this.path(`archive/${name}`), { recursive: true });
      install(`archive/${name}/`, files);
    }
    mkdirSync(this.path("bin"));
    for (const each of ["bash", "cat", "cp", "grep", "mkdir", "rm", "sed", "sh", "tr", "true"])
      symlinkSync(findProgram(each) ?? "", this.path(`bin/${each}`));
    this.write("groups", "ops\n");
    this.write("etc/machine-id", "5b2f0c\n");
    this.write("proc/meminfo", "MemTotal:        4026532 kB\nMemFree:          100000 kB\n");
  }

  private write(path: string, text: string): void {
    const file = this.path(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }

  /** Takes a program away. */
  lose(program: string): void {
    rmSync(this.path(program));
  }

  /** Has a login shell run a command in which paths are the machine's. */
  async login(command: string, unlike: Partial<typeof usual> = {}, shell = "sh"): Promise<ShellResult> {
    const here = command.replace(/\/(?=etc\/|proc\/|usr\/sbin)/g, `${this.directory}/`);
    const path = `${this.directory}:${this.path("bin")}`;
    const env = { ...usual, ...unlike, MACHINE: this.directory };
    const result = await this.run(`PATH=${path}; exec ${shell} -c ${shellQuote(here)}`, { env });
    const told = result.stderr.replaceAll(this.directory, "");
    return { ...result, stderr: told };
  }

  /** What was installed, started and changed since it was last asked. */
  done(): string[] {
    const file = this.path("log");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    rmSync(file, { force: true });
    return lines;
  }

  /** The text of what tells sshd how many logins it takes; nothing where nothing does. */
  get dropIn(): string | undefined {
    return existsSync(this.path(dropIn)) ? readFileSync(this.path(dropIn), "utf8") : undefined;
  }
}
