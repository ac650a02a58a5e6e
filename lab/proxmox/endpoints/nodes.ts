import { flag, integer, oneOf, optional, text } from "../schema";
import { all, perm, plain, type Endpoints } from "./endpoint";

const certificate = "/nodes/{node}/certificates";
const domain = { "acmedomain[n]": text({ count: 6 }) };

const interfaceTypes = [
  ...["bridge", "bond", "eth", "alias", "vlan", "OVSBridge", "OVSBond", "OVSPort", "OVSIntPort"],
  ...["any_bridge", "any_local_bridge"],
];

/** Nodes, their tasks, settings and certificates. */
export const nodeEndpoints: Endpoints = {
  "GET /version": plain(all),
  "GET /nodes": plain(all),
  "GET /nodes/{node}/status": plain(perm("/nodes/{node}", "Sys.Audit")),
  "GET /nodes/{node}/network": {
    parameters: optional({ type: oneOf(...interfaceTypes) }),
    check: all,
  },
  "GET /nodes/{node}/tasks/{upid}/status": plain(all),
  "GET /nodes/{node}/tasks/{upid}/log": {
    parameters: optional({ download: flag(), limit: integer({ minimum: 0 }), start: integer({ minimum: 0 }) }),
    check: all,
  },
  "GET /nodes/{node}/config": { parameters: optional({ property: text() }), check: perm("/", "Sys.Audit") },
  "PUT /nodes/{node}/config": {
    parameters: optional({
      acme: text(),
      ...domain,
      delete: text({ format: "pve-configid-list" }),
      description: text({ maxLength: 65536 }),
      digest: text({ maxLength: 40 }),
      "startall-onboot-delay": integer({ minimum: 0, maximum: 300 }),
      wakeonlan: text(),
    }),
    check: perm("/", "Sys.Modify"),
  },
  [`GET ${certificate}/info`]: plain(all),
  [`POST ${certificate}/custom`]: {
    parameters: {
      certificates: text({ format: "pem-string" }),
      ...optional({ force: flag(), key: text({ format: "pem-string" }), restart: flag() }),
    },
    check: perm("/nodes/{node}", "Sys.Modify"),
  },
  [`DELETE ${certificate}/custom`]: {
    parameters: optional({ restart: flag() }),
    check: perm("/nodes/{node}", "Sys.Modify"),
  },
  [`POST ${certificate}/acme/certificate`]: {
    parameters: optional({ force: flag() }),
    check: perm("/nodes/{node}", "Sys.Modify"),
  },
  [`PUT ${certificate}/acme/certificate`]: {
    parameters: optional({ force: flag() }),
    check: perm("/nodes/{node}", "Sys.Modify"),
  },
  [`DELETE ${certificate}/acme/certificate`]: plain(perm("/nodes/{node}", "Sys.Modify")),
};
