import type { z } from "zod";

import type { Draft } from "../config/draft";
import type { Report } from "../config/report";
import type { BaseConfig, ParsedBase } from "../config/schema";
import type { Size } from "../config/size";
import type { Home, Offers, Plan } from "./home";
import type { SsoConfig } from "./sso/config";

/**
 * A part of the stack that can be left out: what it adds, as plain data, before any resource exists, and how it is built.
 * `Settings` are what it reads of the config besides what every stack has: its own section, and others'.
 */
export interface Feature<Name extends string, Settings, Section extends z.ZodType = never> {
  /** What the config calls it: in `homelab:features`, and its section, `homelab:<name>`. */
  readonly name: Name;
  /** Features without which it can't be in a stack. They are built before it. */
  readonly needs: readonly string[];
  /** The form of its section of the config; none where it has no settings. */
  readonly section?: Section;
  /** Adds the contradictions that no single setting can tell. */
  check?(config: Draft<ParsedBase & Settings>, report: Report): void;
  /** The machine that it runs on, where its config says so. Default: the stack's own. */
  host?(config: Draft<Settings>): string | undefined;
  /** Names of its services, below the domain: no entry of the config may take them. */
  readonly names: readonly string[];
  /** What each of its containers may use of the machine's memory, by the container's name. */
  readonly memory: Readonly<Record<string, Size>>;
  /** What it adds to the plan, from the config alone. */
  contributes(facts: Facts): Contribution;
  /** Makes its resources. */
  build(home: Home, config: BaseConfig & Settings): Built;
}

/** What contributions are made from. */
export interface Facts extends Pick<BaseConfig, "domain" | "features" | "services"> {
  /** Whether the stack has to do with a Proxmox node. */
  readonly hasProxmox: boolean;
  /** Addresses of the machines besides the CA's whose edges ask it for certificates. */
  readonly edges: readonly string[];
  /** Who there is: services of every feature let in groups. */
  readonly sso: SsoConfig;
}

/** What a feature adds to the plan: what it leaves out, it adds nothing to. */
export type Contribution = Partial<Pick<Plan, "services" | "logins" | "forwardAuth">>;

/** What building a feature gave. */
export interface Built {
  /** What later features find in their {@link Home}. */
  readonly offers?: Offers;
  /** Outputs of the stack, by name. */
  readonly outputs?: Readonly<Record<string, unknown>>;
}
