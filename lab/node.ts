import { readFileSync } from "node:fs";
import { request } from "node:https";

import { node, toolingVm } from "./homelab";
import type { World } from "./world";

/** Stops and deletes the tooling VM through the Proxmox API, as somebody with the web interface could. */
export async function destroyMachine(world: World): Promise<void> {
  const machine = `nodes/${node.name}/qemu/${toolingVm}`;
  await task(world, "POST", `${machine}/status/stop`);
  await task(world, "DELETE", machine);
}

/** Starts a task and waits for its end, at most half a minute. */
async function task(world: World, method: string, path: string): Promise<void> {
  const upid = (await call(world, method, path)) as string;
  for (let tries = 0; tries < 60; tries += 1) {
    const path = `nodes/${node.name}/tasks/${encodeURIComponent(upid)}/status`;
    const { status, exitstatus } = (await call(world, "GET", path)) as { status: string; exitstatus?: string };
    if (status === "stopped" && exitstatus === "OK") return;
    if (status === "stopped") throw new Error(`${method} ${path}: ${exitstatus}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${method} ${path}: the task is still running after 30 s`);
}

function call(world: World, method: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      ca: readFileSync(world.caFile),
      headers: { Authorization: `PVEAPIToken=${world.proxmox.apiToken}` },
      timeout: 10_000,
    };
    const sent = request(`${world.proxmox.endpoint}api2/json/${path}`, options, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => {
        if (response.statusCode === 200) resolve((JSON.parse(body) as { data: unknown }).data);
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${response.statusMessage}`));
      });
    });
    sent.on("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer within 10 s`)));
    sent.on("error", reject);
    sent.end();
  });
}
