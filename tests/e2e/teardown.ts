import { run } from "../helpers/e2e/lab";

/** After the last suite: one lab serves them all, each begins with what the one before left. */
export default async function teardown(): Promise<void> {
  await run("npm", ["run", "--silent", "lab:down"]);
}
