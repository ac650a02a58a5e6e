import { listen, send } from "./http";

type Labels = Readonly<Record<string, string | number>>;

/** One line in the form that Prometheus reads. */
export function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${String(text).replace(/["\\\n]/g, "_")}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
}

/** A number that only grows, by labels. */
export class Counter {
  private readonly counts = new Map<string, number>();

  constructor(private readonly name: string) {}

  add(labels: Labels): void {
    const key = sample(this.name, labels, 0).replace(/ 0$/, "");
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  lines(): string[] {
    return [`# TYPE ${this.name} counter`, ...[...this.counts].map(([key, count]) => `${key} ${count}`)];
  }
}

export const processLines = (): string[] => [
  sample("process_resident_memory_bytes", {}, process.memoryUsage.rss()),
  sample("process_cpu_seconds_total", {}, (process.cpuUsage().user + process.cpuUsage().system) / 1e6),
];

/** Serves metrics where Harbor's settings `METRIC_ENABLE`, `METRIC_PORT` and `METRIC_PATH` say so. */
export async function serveMetrics(lines: () => string[], env = process.env): Promise<void> {
  if (env.METRIC_ENABLE !== "true") return;
  await servePage(Number(env.METRIC_PORT ?? 9090), env.METRIC_PATH ?? "/metrics", lines);
}

/** Serves metrics on a port of their own. */
export async function servePage(port: number, path: string, lines: () => string[]): Promise<void> {
  await listen(port, (request, response) => {
    const found = request.url === path;
    send(response, found ? 200 : 404, found ? [...lines(), ...processLines(), ""].join("\n") : "not found");
  });
}
