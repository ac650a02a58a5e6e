import { hostName, type Service } from "../../config/services";

/** What the names of Authentik's containers begin with. */
const prefix = "authentik";

/** Where the edge finds Authentik. */
export const upstream = `http://${prefix}-server:9000`;

/** Authentik's entry in the service catalogue. */
export const catalogueEntry = (domain: string): Service => ({
  name: "auth",
  host: hostName("auth", domain),
  description: "Logins, and what each may open",
  upstream,
  auth: "native",
});
