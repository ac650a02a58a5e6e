import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from "node:crypto";

import type { Row } from "../kit/rows";
import type { Hidden } from "./rows";

const noSecrets = (): Hidden => ({
  passwords: {},
  tokenKeys: {},
  keyData: {},
  totpSecrets: {},
  staticTokens: {},
  login: {},
});

/**
 * Everything that outlives a restart. Tables are open, so that a test can do what somebody does by hand. Rows have the
 * fields that the API answers, except those that it makes from other rows (`groups_obj`, `flow_set`, `provider_obj` …).
 */
class Tables {
  /** Each has `groups`: the one place that says who is in what. */
  users: Row[] = [];
  /** Without `users`: see {@link AuthentikObjects.membersOf}. */
  groups: Row[] = [];
  roles: Row[] = [];
  applications: Row[] = [];
  oauth2Providers: Row[] = [];
  proxyProviders: Row[] = [];
  outposts: Row[] = [];
  flows: Row[] = [];
  /** Which stage is where in which flow: `{ pk, target (a flow's pk), stage (a stage's pk), order … }`. */
  flowBindings: Row[] = [];
  /** Of every type: `component` says which, as `ak-stage-password-form`. */
  stages: Row[] = [];
  prompts: Row[] = [];
  /** Of every type: `component` says which, as `ak-policy-reputation-form`. */
  policies: Row[] = [];
  /** What a policy, group or user decides: `target` is the `pk` of an application, flow, rule or source, or of a row of `flowBindings`. */
  bindings: Row[] = [];
  scopeMappings: Row[] = [];
  keypairs: Row[] = [];
  brands: Row[] = [];
  tokens: Row[] = [];
  transports: Row[] = [];
  rules: Row[] = [];
  /** The oldest is first. */
  events: Row[] = [];
  reputation: Row[] = [];
  /** Second factors of every type: `{ pk, type: "totp" | "static" | …, user, name, confirmed … }`. */
  devices: Row[] = [];
  /** Who is logged in, by browser: `{ pk, id (its cookie), user (a user's pk), since and expires (milliseconds) … }`. */
  sessions: Row[] = [];
  settings: Row = {};
  hidden: Hidden = noSecrets();
  lastId = 0;
}

export type Table = { [Name in keyof Tables]: Tables[Name] extends Row[] ? Name : never }[keyof Tables];

/** Authentik's objects and what holds between them. */
export class AuthentikObjects extends Tables {
  /** Secrets, ids and times, which a test sets so that it knows them. */
  newSecret = (): string => randomBytes(30).toString("hex");
  newUuid = (): string => randomUUID();
  clock = (): number => Date.now();
  /** Told after every change, so that it is saved. Whoever changes a row calls it. */
  changed = (): void => undefined;
  /** Told of every event. */
  recorded: (event: Row) => void = () => undefined;

  toJSON(): object {
    return Object.fromEntries(Object.entries(this).filter(([, value]) => typeof value !== "function"));
  }

  /** Takes over what `JSON.stringify` made of another. */
  fromJSON(text: string): void {
    Object.assign(this, JSON.parse(text));
  }

  /** The time now, or some milliseconds later, as Authentik writes times. */
  now(later = 0): string {
    return new Date(this.clock() + later).toISOString();
  }

  /** Adds a row, with the next whole number as its key. */
  insertNumbered(table: Table, fields: Row): Row {
    const row = { pk: ++this.lastId, ...fields };
    this[table].push(row);
    return row;
  }

  /** Adds a row, with a UUID as its key. */
  insert(table: Table, fields: Row): Row {
    const row = { pk: this.newUuid(), ...fields };
    this[table].push(row);
    return row;
  }

  by(table: Table, field: string, value: unknown): Row | undefined {
    return this[table].find((row) => row[field] === value);
  }

  user(username: string): Row | undefined {
    return this.by("users", "username", username);
  }

  groupsOf(user: Row): Row[] {
    return this.groups.filter(({ pk }) => user.groups.includes(pk));
  }

  /** The groups that a user is in, and those above them. */
  allGroupsOf(user: Row): Row[] {
    const found = new Set<Row>();
    const visit = (group: Row): void => {
      if (found.has(group)) return;
      found.add(group);
      for (const parent of this.groups) if (group.parents.includes(parent.pk)) visit(parent);
    };
    this.groupsOf(user).forEach(visit);
    return [...found];
  }

  isSuperuser(user: Row): boolean {
    return this.allGroupsOf(user).some((group) => group.is_superuser === true);
  }

  membersOf(group: Row): Row[] {
    return this.users.filter(({ groups }) => groups.includes(group.pk));
  }

  addMember(group: Row, user: Row): void {
    if (!user.groups.includes(group.pk)) user.groups.push(group.pk);
  }

  removeMember(group: Row, user: Row): void {
    user.groups = user.groups.filter((pk: string) => pk !== group.pk);
  }

  setPassword(user: Row, password: string): void {
    const salt = randomBytes(16);
    this.hidden.passwords[user.pk] = `${salt.toString("hex")}:${hash(password, salt).toString("hex")}`;
    user.password_change_date = this.now();
  }

  isPassword(user: Row, password: string): boolean {
    const [salt = "", expected = ""] = this.hidden.passwords[user.pk]?.split(":") ?? [];
    return expected !== "" && timingSafeEqual(hash(password, Buffer.from(salt, "hex")), Buffer.from(expected, "hex"));
  }

  /** The provider of an application, of either type. */
  providerOf(application: Row): Row | undefined {
    return [...this.oauth2Providers, ...this.proxyProviders].find(({ pk }) => pk === application.provider);
  }

  /** The bindings of an application, flow binding, rule or flow, in their order. */
  bindingsOf(target: string): Row[] {
    return this.bindings.filter((row) => row.target === target).sort((one, other) => one.order - other.order);
  }

  /** The stages of a flow, with the binding that puts each in its place, in their order. */
  stagesOf(flow: Row): { binding: Row; stage: Row }[] {
    return this.flowBindings
      .filter(({ target }) => target === flow.pk)
      .sort((one, other) => one.order - other.order)
      .flatMap((binding) => {
        const stage = this.by("stages", "pk", binding.stage);
        return stage ? [{ binding, stage }] : [];
      });
  }

  /** The brand that answers where no other does. */
  get brand(): Row | undefined {
    return this.brands.find((row) => row.default === true);
  }

  /** Adds an event. Of the oldest, what is more than ten thousand is dropped. */
  record(action: string, user: Row | undefined, context: Row = {}, clientIp: string | null = null): Row {
    const who = user ? { pk: user.pk, email: user.email, username: user.username } : {};
    const event = this.insert("events", {
      user: who,
      action,
      app: `authentik.${action.startsWith("model_") ? "audit" : "core"}.signals`,
      context,
      client_ip: clientIp,
      created: this.now(),
      expires: this.now(365 * 86_400_000),
      brand: this.brand
        ? { pk: this.brand.pk.replaceAll("-", ""), app: "authentik_brands", name: "Default brand", model_name: "brand" }
        : {},
    });
    if (this.events.length > 10_000) this.events.shift();
    this.recorded(event);
    return event;
  }
}

/** Cheaper than Authentik's: nobody's password is in a stand-in. */
const hash = (password: string, salt: Buffer): Buffer => scryptSync(password, salt, 32, { N: 1024 });
