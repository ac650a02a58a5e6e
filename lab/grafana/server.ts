import { close, listen, portOf } from "../kit/http";
import { Accounts } from "./accounts";
import { Api, type ServiceAccountTokens } from "./api";
import { Front } from "./front";
import { Refusal } from "./refusal";
import type { Surroundings } from "./relying-party";
import { SsoSettings } from "./sso-settings";
import { StateStore } from "./state";

export interface GrafanaOptions extends Surroundings {
  readonly listen: { readonly address: string; readonly port: number };
  /** Of the local administrator `admin`. */
  readonly adminPassword: string;
  /** Where it keeps its state. Default: in memory. */
  readonly stateFile?: string;
  readonly serviceAccountTokens?: ServiceAccountTokens;
}

/** A running stand-in. */
export interface Grafana {
  readonly port: number;
  /** What is in force, secrets included. */
  readonly settings: SsoSettings;
  close(): Promise<void>;
}

/**
 * Starts a Grafana as far as logging in goes: its SSO settings API, the local login of `admin`, and a login at an OpenID
 * provider by code flow, with roles by the provider's claims.
 *
 * There are no dashboards, no second organisation, no user or team management, no refresh of tokens, no single logout besides
 * the redirect, no protection against guessing a password, no other ways to log in, and no settings file.
 */
export async function startGrafana(options: GrafanaOptions): Promise<Grafana> {
  const store = new StateStore(options.stateFile);
  const settings = new SsoSettings(store.state.ssoSettings);
  const accounts = new Accounts(store, options.adminPassword);
  const save = (): void => {
    store.state.ssoSettings = settings.stored;
    store.save();
  };
  const api = new Api(settings, accounts, options.serviceAccountTokens ?? [], save);
  const front = new Front({ settings, accounts, api, surroundings: options });
  const { address, port } = options.listen;
  const mistake = new Refusal(500, "", "Internal server error");
  const server = await listen(port, (request, response) => front.answer(request, response), { address, mistake });
  return { port: portOf(server), settings, close: () => close(server) };
}
