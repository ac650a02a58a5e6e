import { existsSync, readFileSync } from "node:fs";
import { findProgram } from "../process";
import type { Report } from "../progress";
import { binary, pinnedVersion, requiredVersion, step, stepCa, traefik, type Binary } from "./programs";
import type { Image } from "./registry";
import { tar, type TarEntry } from "./tar";

/** The certificate authority, with the paths and the user of `smallstep/step-ca`. */
export async function stepCaImage(report: Report): Promise<Image> {
  const binaries = [await binary(stepCa, report)];
  // The command `step` is part of the official image; ours has it where the module pins it.
  if (pinnedVersion(step)) binaries.push(await binary(step, report));
  const home = ["home/step", ...["certs", "config", "db", "secrets", "templates"].map((name) => `home/step/${name}`)];
  return {
    name: "smallstep/step-ca",
    tag: requiredVersion(stepCa).slice(1), // its tags have no leading "v"
    layers: [tar([...baseFiles(), ...programs(binaries), ...home.map((path) => ({ path, mode: 0o700, owner: 1000 }))])],
    config: {
      User: "1000",
      Env: [
        searchPath,
        "STEPPATH=/home/step",
        "CONFIGPATH=/home/step/config/ca.json",
        "PWDPATH=/home/step/secrets/password",
      ],
      Cmd: ["/bin/sh", "-c", "exec /usr/local/bin/step-ca --password-file $PWDPATH $CONFIGPATH"],
      WorkingDir: "/home/step",
      Volumes: { "/home/step": {} },
      StopSignal: "SIGTERM",
    },
  };
}

/** The reverse proxy, as `traefik` starts it. */
export async function traefikImage(report: Report): Promise<Image> {
  return {
    name: "library/traefik",
    tag: requiredVersion(traefik),
    layers: [tar([...baseFiles(), ...programs([await binary(traefik, report)])])],
    config: { Env: [searchPath], Entrypoint: ["traefik"] },
  };
}

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const shellTools = "sh cat chmod chown cp date echo env grep id ls mkdir nc ps rm sleep test wget".split(" ");

/** What any program expects of a root file system, and BusyBox for a shell and health checks. */
function baseFiles(): TarEntry[] {
  const folders = ["bin", "etc", "etc/ssl", "etc/ssl/certs", "home", "usr", "usr/local", "usr/local/bin"];
  const authorities = "/etc/ssl/certs/ca-certificates.crt";
  const text = (path: string, content: string): TarEntry => ({ path, mode: 0o644, content: Buffer.from(content) });
  const busybox = findProgram("busybox");
  return [
    ...folders.map((path) => ({ path, mode: 0o755 })),
    { path: "tmp", mode: 0o1777 },
    text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nstep:x:1000:1000:step:/home/step:/bin/sh\n"),
    text("etc/group", "root:x:0:\nstep:x:1000:\n"),
    text("etc/nsswitch.conf", "hosts: files dns\n"),
    ...(existsSync(authorities) ? [text("etc/ssl/certs/ca-certificates.crt", readFileSync(authorities, "utf8"))] : []),
    ...(busybox ? [{ path: "bin/busybox", mode: 0o755, content: readFileSync(busybox) }] : []),
    ...(busybox ? shellTools.map((name) => ({ path: `bin/${name}`, mode: 0o777, link: "busybox" })) : []),
  ];
}

function programs(binaries: readonly Binary[]): TarEntry[] {
  return binaries.map(({ name, file }) => ({
    path: `usr/local/bin/${name}`,
    mode: 0o755,
    content: readFileSync(file),
  }));
}
