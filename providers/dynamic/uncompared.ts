import { appendFileSync } from "node:fs";

/** The variable that names the file in which a refresh notes what it did not compare: one product a line, as often as asked. */
export const uncomparedVariable = "HOMELAB_UNCOMPARED";

/** Notes that what the state says of objects of a product stayed though nobody was asked; nothing where no file is named. */
export function noteUncompared(product: string): void {
  const file = process.env[uncomparedVariable];
  if (file) appendFileSync(file, `${product}\n`);
}
