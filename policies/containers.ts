import { at, type Value } from "./resource";

/** Restart policies with which Docker starts a container again whatever it ended with. */
const lasting: readonly Value[] = ["always", "unless-stopped"];

/** Whether a container is there to do one thing and end: nobody waits for its health, and nothing restarts it. */
export function runsOnce(inputs: Value): boolean {
  return at(inputs, "mustRun") === false && !lasting.includes(at(inputs, "restart"));
}
