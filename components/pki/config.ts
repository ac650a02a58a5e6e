import type { z } from "zod";

import type { Draft } from "../../config/draft";
import { days, formatDuration, halved, hours, parseDuration, toHours, type Duration } from "../../config/duration";
import { line, requiredBlock, word } from "../../config/fields";
import type { Report } from "../../config/report";
import { onHost } from "../../config/schema";

const defaults = {
  organization: "Homelab",
  rootValidity: hours(175200),
  intermediateValidity: hours(43800),
  leafValidity: hours(8760),
};

/** A certificate's life. Traefik and the provider of certificates count it in hours, and Go's durations end at 292 years. */
const validity = (example: string) =>
  word("a duration of whole hours, at most 290 years", example, (text) => {
    const duration = parseDuration(text);
    const isRight = duration !== undefined && Number.isInteger(toHours(duration)) && duration <= days(290 * 365);
    return isRight ? duration : undefined;
  });

/** `homelab:pki`. */
export const pkiSchema = requiredBlock({
  host: onHost("Root and intermediate move along."),
  organization: line("a name of 1 to 64 characters", "Homelab", 64)
    .default(defaults.organization)
    .describe("The name in the subject of root and intermediate. **A change means a new root on every device.**"),
  rootValidity: validity("175200h")
    .default(defaults.rootValidity)
    .describe("How long the root lives: 20 years. **A change means a new root on every device.**"),
  intermediateValidity: validity("43800h")
    .default(defaults.intermediateValidity)
    .describe("How long the intermediate lives: 5 years. At most as long as the root."),
  leafValidity: validity("8760h")
    .default(defaults.leafValidity)
    .describe("How long a service's certificate lives: a year. At most half the intermediate's life, and 825 days."),
}).describe("The certificate authority.");

/** `homelab:pki`, read. */
export type PkiConfig = z.output<typeof pkiSchema>;

/** Apple's systems refuse a server certificate that lives longer, also one from a private CA. */
const longestLeaf = days(825);

/** The contradictions between lives of certificates: each ends before that of its issuer does. */
export function checkPki({ pki = {} }: Draft<{ pki: PkiConfig }>, report: Report): void {
  const { leafValidity, intermediateValidity, rootValidity } = pki;
  const atMost = (name: string, duration: Duration | undefined, limit: Duration | undefined, what: string): void => {
    if (duration === undefined || limit === undefined || duration <= limit) return;
    const text = `{value} is longer than ${what} ${report.shown(["pki"], formatDuration(limit))}; shorten it`;
    report.add(["pki", name], text, formatDuration(duration));
  };
  atMost("leafValidity", leafValidity, longestLeaf, "825 days, the most that clients accept,");
  // The intermediate renews at half its life; a leaf issued the day before must not outlive it.
  const half = intermediateValidity && halved(intermediateValidity);
  atMost("leafValidity", leafValidity, half, `half of ${report.key(["pki", "intermediateValidity"])}, which is`);
  atMost("intermediateValidity", intermediateValidity, rootValidity, report.key(["pki", "rootValidity"]));
}
