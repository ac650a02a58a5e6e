import type { Row } from "../../../kit/rows";
import { endSession } from "../../flows/sessions";
import { type Collection, routesOf } from "../collection";
import type { Route } from "../context";

const sessions: Collection = {
  path: "/core/authenticated_sessions/",
  id: "uuid",
  table: "sessions",
  model: "AuthenticatedSession",
  label: "authentik_core.authenticatedsession",
  methods: ["list", "retrieve", "destroy"],
  ordering: "username",
  listed: (rows, { objects }) =>
    rows.map((row) => ({ ...row, username: objects.by("users", "pk", row.user)?.username })),
  search: ["username", "last_ip", "last_user_agent"],
  filters: {
    user__username: (row, value) => row.username === value,
    session__last_ip: (row, value) => row.last_ip === value,
    session__last_user_agent: (row, value) => row.last_user_agent === value,
  },
  shown: ({ pk, expires, last_user_agent }) => ({
    uuid: pk,
    current: false,
    ...{ geo_ip: null, asn: null, user_agent: unread(last_user_agent) },
    expires: new Date(expires).toISOString(),
  }),
  removed: (row, { objects }) => endSession(objects, row),
};

/** What Authentik reads out of a browser's name, where it makes nothing of it. */
const unread = (text: string): Row => ({
  string: text,
  device: { brand: null, family: "Other", model: null },
  os: { family: "Other", major: null, minor: null, patch: null, patch_minor: null },
  user_agent: { family: "Other", major: "", minor: "", patch: "" },
});

export const sessionRoutes: Route[] = routesOf(sessions);
