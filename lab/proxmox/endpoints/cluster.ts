import { fields, flag, integer, oneOf, optional, text, without } from "../schema";
import { all, perm, plain, root, type Endpoints } from "./endpoint";

const audit = perm("/", "Sys.Audit");
const modify = perm("/", "Sys.Modify");
const deletion = optional({
  delete: text({ format: "pve-configid-list", maxLength: 4096 }),
  digest: text({ maxLength: 64 }),
});
const count = () => integer({ minimum: 0 });

const backupJob = optional({
  all: flag(),
  bwlimit: count(),
  comment: text({ maxLength: 512 }),
  compress: oneOf("0", "1", "gzip", "lzo", "zstd"),
  dow: text(),
  dumpdir: text(),
  enabled: flag(),
  exclude: text({ format: "pve-vmid-list" }),
  "exclude-path": text(),
  fleecing: fields(optional({ enabled: { ...flag(), defaultKey: true }, storage: text({ format: "pve-storage-id" }) })),
  ionice: integer({ minimum: 0, maximum: 8 }),
  lockwait: count(),
  mailnotification: oneOf("always", "failure"),
  mailto: text({ format: "email-or-username-list" }),
  maxfiles: integer({ minimum: 1 }),
  mode: oneOf("snapshot", "suspend", "stop"),
  node: text({ format: "pve-node" }),
  "notes-template": text({ maxLength: 1024 }),
  "notification-mode": oneOf("auto", "legacy-sendmail", "notification-system"),
  "pbs-change-detection-mode": oneOf("legacy", "data", "metadata"),
  performance: text(),
  pigz: integer(),
  pool: text(),
  protected: flag(),
  "prune-backups": fields(
    optional({
      "keep-all": flag(),
      "keep-daily": count(),
      "keep-hourly": count(),
      "keep-last": count(),
      "keep-monthly": count(),
      "keep-weekly": count(),
      "keep-yearly": count(),
    }),
  ),
  quiet: flag(),
  remove: flag(),
  "repeat-missed": flag(),
  schedule: text({ format: "pve-calendar-event", maxLength: 128 }),
  script: text(),
  starttime: text({ pattern: "\\d{1,2}:\\d{1,2}" }),
  stdexcludes: flag(),
  stop: flag(),
  stopwait: count(),
  storage: text({ format: "pve-storage-id" }),
  tmpdir: text(),
  vmid: text({ format: "pve-vmid-list" }),
  zstd: integer(),
});

const metricServer = {
  port: integer({ minimum: 1, maximum: 65536 }),
  server: text({ format: "address" }),
  ...optional({
    "api-path-prefix": text(),
    bucket: text(),
    disable: flag(),
    influxdbproto: oneOf("udp", "http", "https"),
    "max-body-size": integer({ minimum: 1 }),
    mtu: integer({ minimum: 512, maximum: 65536 }),
    organization: text(),
    path: text(),
    proto: oneOf("udp", "tcp"),
    timeout: count(),
    token: text(),
    "verify-certificate": flag(),
  }),
};

const acmePlugin = optional({
  api: text(),
  data: text(),
  disable: flag(),
  nodes: text({ format: "pve-node-list" }),
  "validation-delay": integer({ minimum: 0, maximum: 172800 }),
});

const haResource = optional({
  comment: text({ maxLength: 4096 }),
  failback: flag(),
  group: text({ format: "pve-configid" }),
  max_relocate: count(),
  max_restart: count(),
  state: oneOf("started", "stopped", "enabled", "disabled", "ignored"),
});

const options = optional({
  bwlimit: text(),
  console: oneOf("applet", "vv", "html5", "xtermjs"),
  crs: text(),
  delete: text({ format: "pve-configid-list" }),
  description: text({ maxLength: 65536 }),
  email_from: text({ format: "email-opt" }),
  fencing: oneOf("watchdog", "hardware", "both"),
  ha: text(),
  http_proxy: text({ pattern: "http://.*" }),
  keyboard: text(),
  language: text(),
  mac_prefix: text(),
  max_workers: integer({ minimum: 1 }),
  migration: text(),
  migration_unsecure: flag(),
  "next-id": text(),
  notify: text(),
  "registered-tags": text(),
  "tag-style": text(),
  u2f: text(),
  "user-tag-access": text(),
  webauthn: text(),
});

/** What belongs to the whole cluster. */
export const clusterEndpoints: Endpoints = {
  "GET /cluster/nextid": {
    parameters: optional({ vmid: integer({ minimum: 100, maximum: 999_999_999 }) }),
    check: all,
  },
  "GET /cluster/resources": { parameters: optional({ type: oneOf("vm", "storage", "node", "sdn") }), check: all },
  "GET /cluster/options": plain(all),
  "PUT /cluster/options": { parameters: options, check: modify },
  "GET /cluster/backup": plain(audit),
  "POST /cluster/backup": {
    parameters: { ...backupJob, ...optional({ id: text({ format: "pve-configid" }) }) },
    check: modify,
  },
  "GET /cluster/backup/{id}": plain(audit),
  "PUT /cluster/backup/{id}": {
    parameters: { ...backupJob, ...optional({ delete: text({ format: "pve-configid-list" }) }) },
    check: modify,
  },
  "DELETE /cluster/backup/{id}": plain(modify),
  "GET /cluster/metrics/server": plain(audit),
  "GET /cluster/metrics/server/{id}": plain(audit),
  "POST /cluster/metrics/server/{id}": {
    parameters: { ...metricServer, type: oneOf("graphite", "influxdb", "opentelemetry") },
    check: modify,
  },
  "PUT /cluster/metrics/server/{id}": { parameters: { ...metricServer, ...deletion }, check: modify },
  "DELETE /cluster/metrics/server/{id}": plain(modify),
  "GET /cluster/acme/account": plain(all),
  "GET /cluster/acme/account/{name}": plain(root),
  "POST /cluster/acme/account": {
    parameters: {
      contact: text({ format: "email-list" }),
      ...optional({
        directory: text({ pattern: "https?://.*" }),
        "eab-hmac-key": text(),
        "eab-kid": text(),
        name: text({ format: "pve-configid" }),
        tos_url: text(),
      }),
    },
    check: root,
  },
  "PUT /cluster/acme/account/{name}": {
    parameters: optional({ contact: text({ format: "email-list" }) }),
    check: root,
  },
  "DELETE /cluster/acme/account/{name}": plain(root),
  "GET /cluster/acme/plugins": { parameters: optional({ type: oneOf("dns", "standalone") }), check: modify },
  "GET /cluster/acme/plugins/{id}": plain(modify),
  "POST /cluster/acme/plugins": {
    parameters: { id: text({ format: "pve-configid" }), type: oneOf("dns", "standalone"), ...acmePlugin },
    check: modify,
  },
  "PUT /cluster/acme/plugins/{id}": { parameters: { ...acmePlugin, ...deletion }, check: modify },
  "DELETE /cluster/acme/plugins/{id}": plain(modify),
  "GET /cluster/ha/resources": { parameters: optional({ type: oneOf("ct", "vm") }), check: audit },
  "GET /cluster/ha/resources/{sid}": plain(audit),
  "POST /cluster/ha/resources": {
    parameters: { sid: text(), ...haResource, ...optional({ type: oneOf("ct", "vm") }) },
    check: perm("/", "Sys.Console"),
  },
  "PUT /cluster/ha/resources/{sid}": {
    parameters: { ...without(haResource, "type"), ...deletion },
    check: perm("/", "Sys.Console"),
  },
  "DELETE /cluster/ha/resources/{sid}": plain(perm("/", "Sys.Console")),
};
