import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { HardenedContainer } from "../host/container";
import { HostDirectory, HostFile } from "../host/file";
import { Machine } from "../host/machine";
import type { RobotLogin } from "./contents";
import { filesRoot, memory } from "./part";
import type { Registry } from ".";

/** Arguments of {@link FindingsExporter}. */
export interface FindingsExporterArgs {
  machine: Machine;
  registry: Registry;
  /** Node.js image, pinned by digest. */
  image: string;
  /** A robot that may read findings and nothing else. */
  robot: RobotLogin;
}

/**
 * Tells since when each vulnerability is known, which Harbor doesn't (CS-006), and what else its own exporter leaves out:
 * garbage collection, scans, space, the expiry of robots. The program is in `exporters/registry-findings`.
 */
export class FindingsExporter extends pulumi.ComponentResource {
  constructor(name: string, args: FindingsExporterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:registry:FindingsExporter", name, {}, opts);
    const { machine, registry, image, robot } = args;
    const parent = { parent: this };
    const place = { machine, owner: exporterUser };
    const folder = `${filesRoot}/findings`;
    const program = readFileSync(programFile, "utf8");
    const code = new HostFile(
      `${name}-program`,
      { ...place, path: `${folder}/main.js`, content: program, mode: "0444" },
      parent,
    );
    const secret = new HostFile(
      `${name}-robot-secret`,
      { ...place, path: `${folder}/robot-secret`, content: robot.secret, mode: "0400" },
      parent,
    );
    const data = new HostDirectory(`${name}-data`, { ...place, path: `${filesRoot}/data/findings` }, parent);
    new HardenedContainer(
      name,
      {
        machine,
        image,
        memory: memory["harbor-findings"],
        user: exporterUser,
        // What is left of the memory limit is the runtime's own.
        entrypoint: ["node", "--max-old-space-size=24", "/app/main.js"],
        healthcheck: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9100/healthy"],
        envs: ["HARBOR_URL=http://core:8080", pulumi.interpolate`ROBOT_NAME=${robot.name}`],
        volumes: [
          { hostPath: code.path, containerPath: "/app/main.js", readOnly: true },
          { hostPath: secret.path, containerPath: "/run/homelab/robot-secret", readOnly: true },
          { hostPath: data.path, containerPath: "/data" },
        ],
        networks: [{ name: registry.network.name, aliases: ["findings"] }],
        configuration: [program, robot.secret],
      },
      parent,
    );
    this.registerOutputs({});
  }
}

/** An unprivileged user without a name. */
const exporterUser = "65532:65532";

/** The exporter in one file, as `npm run build` makes it. */
const programFile = join(
  __dirname.replace(/(\/dist)?\/components\/registry$/, "/dist/exporters"),
  "registry-findings.js",
);
