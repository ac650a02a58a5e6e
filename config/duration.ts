declare const seconds: unique symbol;

/** A span of time in seconds. Written in config as words: `8760h`, `30 s`, `90 days`. */
export type Duration = number & { readonly [seconds]: true };

const factors = { s: 1, m: 60, h: 3600, d: 86400 } as const;

/** Reads `30 s`, `15m`, `8760h`, `90 d`, `90 days`; `undefined` where the text is no duration longer than nothing. */
export function parseDuration(text: string): Duration | undefined {
  const match = /^(\d+) ?(?:([smhd])|(second|minute|hour|day)s?)$/.exec(text.trim());
  if (!match) return undefined;
  const duration = Number(match[1]) * factors[(match[2] ?? match[3]?.[0]) as keyof typeof factors];
  return Number.isSafeInteger(duration) && duration > 0 ? (duration as Duration) : undefined;
}

/** Whole days in one form, `3 days`, from `3d`, `3 d` or `3 days`; `undefined` where the text is none. */
export function parseDays(text: string): string | undefined {
  const [, count] = /^([1-9]\d*) ?d(?:ays?)?$/.exec(text.trim()) ?? [];
  return count && `${count} ${count === "1" ? "day" : "days"}`;
}

/** `hours(8760)` is a year. */
export const hours = (count: number): Duration => (count * factors.h) as Duration;

/** `days(825)` is the longest life Apple's systems accept in a server certificate. */
export const days = (count: number): Duration => (count * factors.d) as Duration;

/** Half the duration, in whole seconds. */
export const halved = (duration: Duration): Duration => Math.floor(duration / 2) as Duration;

/** The duration in seconds. */
export const toSeconds = (duration: Duration): number => duration;

/** The duration in hours, which `@pulumi/tls` counts validity in. */
export const toHours = (duration: Duration): number => duration / factors.h;

/** The duration as Go's parser (step-ca, Traefik) and {@link parseDuration} read it: `8760h`, `15m`, `30s`. */
export function formatDuration(duration: Duration): string {
  const unit = (["h", "m", "s"] as const).find((candidate) => duration % factors[candidate] === 0) ?? "s";
  return `${duration / factors[unit]}${unit}`;
}
