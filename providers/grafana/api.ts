import { Client, type Call, type Subject } from "../dynamic/http";

/**
 * How the provider reaches Grafana: with a token, or with a user name and its password. It is encrypted in the state as a
 * whole, in each resource that has it.
 */
export interface GrafanaConnection {
  /** Where Grafana is, without a path: `https://grafana.home.arpa`. */
  readonly endpoint: string;
  /**
   * The IPv4 address to connect to, so that nothing asks DNS for the endpoint's name. The certificate must still be for
   * that name, and Grafana still hears it as the host. Default: what DNS says.
   */
  readonly address?: string;
  /**
   * A service account's. In Grafana's open-source edition no service account may change how people log in. Left out with
   * a `username`.
   */
  readonly token?: string;
  /** A server administrator's, such as Grafana's own `admin`. Left out with a `token`. */
  readonly username?: string;
  /** Goes with `username`. */
  readonly password?: string;
  /** The CA that Grafana's certificate is checked with, PEM. Default: what Node.js trusts. */
  readonly ca?: string;
}

/** The settings of one way to log in, as Grafana's API has them. */
export interface SsoSettingsRow {
  readonly provider: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** `database`: written through the API or the page. `system`: what the settings file says, or Grafana's defaults. */
  readonly source: "database" | "system";
}

/** Grafana's HTTP API, as far as it sets how people log in. */
export class Grafana {
  private readonly client: Client;

  constructor({ endpoint, address, token, username, password, ca }: GrafanaConnection) {
    const basic = Buffer.from(`${username}:${password}`).toString("base64");
    const authorization = token === undefined ? `Basic ${basic}` : `Bearer ${token}`;
    const secrets = [token ?? password ?? ""];
    const base = `${endpoint.replace(/\/$/, "")}/api`;
    this.client = new Client({ product: "Grafana", base, address, authorization, ca, secrets });
  }

  /** What is in force: what was written, and the rest from where it was not. Secrets are asterisks. */
  async ssoSettings(key: string, subject: Subject): Promise<SsoSettingsRow> {
    return (await this.call({ method: "GET", path: path(key) }, subject)) as SsoSettingsRow;
  }

  /** Replaces all that was written before. A secret of asterisks keeps its value. */
  async putSsoSettings(key: string, settings: Readonly<Record<string, unknown>>, subject: Subject): Promise<void> {
    await this.call({ method: "PUT", path: path(key), body: { provider: key, settings } }, subject);
  }

  /** Forgets what was written. What the settings file says is in force again. */
  async deleteSsoSettings(key: string, subject: Subject): Promise<void> {
    await this.call({ method: "DELETE", path: path(key) }, subject);
  }

  private async call(call: Call, subject: Subject): Promise<unknown> {
    return (await this.client.call(call, { ...subject, remedies: { ...remedies, ...subject.remedies } })).body;
  }
}

const path = (key: string): string => `/v1/sso-settings/${encodeURIComponent(key)}`;

const remedies = {
  403:
    "Use the login of a server administrator, such as Grafana's admin: the open-source edition lets no service account " +
    "change how people log in.",
  404: "Use Grafana 11 or newer, with the key among `configurable_providers` in [sso_settings] of its settings file.",
};
