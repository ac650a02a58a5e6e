import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { HostDirectory } from "../host/file";
import type { Machine } from "../host/machine";
import type { Workload } from "../host/workload";
import { run } from "../host/workload-container";
import type { RobotLogin } from "./contents";
import { filesRoot, memory } from "./workload";
import type { HarborContainers } from "./containers";

/** Arguments of {@link HarborFindings}. */
export interface HarborFindingsArgs {
  /** Where Harbor's containers run, and this one. */
  machine: Machine;
  /** What it asks, on Harbor's own network. */
  harbor: HarborContainers;
  /** Node.js image, pinned by digest. */
  image: string;
  /** A robot that may read findings and nothing else. */
  robot: RobotLogin;
}

/**
 * Tells since when each vulnerability is known, which Harbor doesn't (CS-006), and what else its own exporter leaves out:
 * garbage collection, scans, space, the expiry of robots. The program is in `exporters/registry-findings`.
 */
export class HarborFindings extends pulumi.ComponentResource {
  constructor(name: string, args: HarborFindingsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:registry:FindingsExporter", name, {}, opts);
    const { machine, harbor, image, robot } = args;
    const data = { machine, path: `${filesRoot}/data/findings`, owner: exporterUser };
    const folders = { findings: new HostDirectory(`${name}-data`, data, { parent: this }) };
    const site = { prefix: harbor.name, machine, filesRoot, networks: [harbor.network], folders };
    run(findings({ image, robot }), site, { parent: this });
    this.registerOutputs({});
  }
}

/** What the exporter's container is made from. */
export function findings({ image, robot }: Pick<HarborFindingsArgs, "image" | "robot">): Workload<"findings"> {
  return {
    name: "findings",
    alias: "findings",
    image,
    memory: memory["harbor-findings"],
    user: exporterUser,
    // What is left of the memory limit is the runtime's own.
    entrypoint: ["node", "--max-old-space-size=24", "/app/main.js"],
    healthcheck: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9100/healthy"],
    environment: { HARBOR_URL: "http://core:8080", ROBOT_NAME: robot.name },
    files: {
      "/app/main.js": {
        path: "findings/main.js",
        resource: "harbor-findings-program",
        content: readFileSync(programFile, "utf8"),
      },
      "/run/homelab/robot-secret": {
        path: "findings/robot-secret",
        resource: "harbor-findings-robot-secret",
        content: robot.secret,
        secret: true,
      },
    },
    folders: { "/data": "findings" },
  };
}

/** An unprivileged user without a name. */
const exporterUser = "65532:65532";

/** The exporter in one file, as `npm run build` makes it. */
const programFile = join(
  __dirname.replace(/(\/dist)?\/components\/registry$/, "/dist/exporters"),
  "registry-findings.js",
);
