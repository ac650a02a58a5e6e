import { at, type Value } from "./resource";

/** Restart policies with which Docker never starts a container again. */
const never: readonly Value[] = [undefined, null, "", "no"];

/** Whether a container is there to do one thing and end: nobody waits for its health, and nothing restarts it. */
export function runsOnce(inputs: Value): boolean {
  return at(inputs, "mustRun") === false && never.includes(at(inputs, "restart"));
}
