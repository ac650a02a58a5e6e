/** Where each part tells its figures, on Harbor's own network. */
export const metricsEndpoint = { path: "/metrics", port: 9090 } as const;

/** Switches the figures of core or jobservice on, under the names that Harbor's dashboards know. */
export function metricsOf(subsystem: "core" | "jobservice"): Record<string, string> {
  const names = { METRIC_NAMESPACE: "harbor", METRIC_SUBSYSTEM: subsystem };
  if (subsystem === "jobservice") return names;
  const { path, port } = metricsEndpoint;
  return { ...names, METRIC_ENABLE: "true", METRIC_PATH: path, METRIC_PORT: String(port) };
}
