import { ApiError, type Subject } from "../dynamic/http";
import type { Apis, Authentik } from "./api";

/** Which list has objects of a kind, and what of a row is its name and its id. */
interface Listing<Row, Id extends string | number> {
  /** What people call such an object: `signing key`. */
  readonly noun: string;
  /** Where the list is: `/core/groups`. */
  readonly area: string;
  readonly page: (
    apis: Apis,
    page: { page: number; pageSize: number },
  ) => Promise<{
    pagination: { count: number; next: number };
    results: Row[];
  }>;
  /** All names an object goes by. The first is the one that is told. */
  readonly names: (row: Row) => (string | null | undefined)[];
  readonly id: (row: Row) => Id;
}

/**
 * Finds objects that others refer to. Inputs name them, because an id is another one in each installation; Authentik takes
 * and gives ids.
 */
export class Lookup<Row, Id extends string | number> {
  constructor(private readonly listing: Listing<Row, Id>) {}

  get noun(): string {
    return this.listing.noun;
  }

  /** Where the list is, as {@link Authentik.recall} names it. */
  get area(): string {
    return this.listing.area;
  }

  /** Every name that the object goes by. */
  namesOf(row: Row): string[] {
    return this.listing.names(row).filter((name) => typeof name === "string");
  }

  /** Every object, as it is now. */
  fresh(api: Authentik, subject: Subject): Promise<Row[]> {
    api.forget(this.listing.area);
    return this.rows(api, subject);
  }

  /** Every object. The list may be a few seconds old, but has what this client wrote. */
  rows(api: Authentik, subject: Subject): Promise<Row[]> {
    const { area, page } = this.listing;
    return api.recall(area, () => api.list(subject, page));
  }

  /** The object that has the name. */
  async row(api: Authentik, name: string, subject: Subject): Promise<Row | undefined> {
    const isIt = (row: Row): boolean => this.namesOf(row).includes(name);
    return this.search(api, isIt, subject);
  }

  /** Notes that this client made the object, and returns it. */
  made(api: Authentik, row: Row): Row {
    const { area, id } = this.listing;
    api.noteMade(area, this.namesOf(row), String(id(row)), row);
    return row;
  }

  /** The object that has the name as this client made it, which may have changed. */
  own(api: Authentik, name: string): Row | undefined {
    return api.recallMade<Row>(this.listing.area, name)?.row;
  }

  /** The object that has the name, where this client made it and nothing belongs to it or is bound to it yet. */
  newborn(api: Authentik, name: string): Row | undefined {
    const made = api.recallMade<Row>(this.listing.area, name);
    return made?.isNew ? made.row : undefined;
  }

  /** The id of the object that has the name; fails where there is none. */
  async id(api: Authentik, name: string, subject: Subject): Promise<Id> {
    const row = this.own(api, name) ?? (await this.row(api, name, subject));
    if (row) return this.listing.id(row);
    const { noun } = this.listing;
    const remedies = { 412: "Correct its name, or make it first and let this resource depend on it." };
    throw new ApiError("Authentik", 412, { ...subject, remedies }, `there is no ${noun} "${name}"`);
  }

  /** The ids of the objects, in the order of the names. */
  async ids(api: Authentik, names: readonly string[], subject: Subject): Promise<Id[]> {
    const ids: Id[] = [];
    for (const name of names) ids.push(await this.id(api, name, subject));
    return ids;
  }

  /** The name of the object that has the id; `undefined` for no id, and the id itself where nothing has it. */
  async name(api: Authentik, id: Id | null | undefined, subject: Subject): Promise<string | undefined> {
    if (id === null || id === undefined) return undefined;
    const row = await this.search(api, (each) => this.listing.id(each) === id, subject);
    return (row && this.namesOf(row).find(Boolean)) ?? String(id);
  }

  /** The names of the objects, in the order of the ids. */
  async names(api: Authentik, ids: readonly Id[] | undefined, subject: Subject): Promise<string[]> {
    const names: string[] = [];
    for (const id of ids ?? []) names.push((await this.name(api, id, subject)) ?? String(id));
    return names;
  }

  private async search(api: Authentik, isIt: (row: Row) => boolean, subject: Subject): Promise<Row | undefined> {
    const known = (await this.rows(api, subject)).find(isIt);
    if (known) return known;
    // Somebody else may have made it since the list was read.
    return (await this.fresh(api, subject)).find(isIt);
  }
}

/** Flows, by slug. */
export const flows = new Lookup({
  noun: "flow",
  area: "/flows/instances",
  page: ({ flows }, page) => flows.flowsInstancesList(page),
  names: ({ slug }) => [slug],
  id: ({ pk }) => pk,
});

/** Stages of any type, by name. */
export const stages = new Lookup({
  noun: "stage",
  area: "/stages/all",
  page: ({ stages }, page) => stages.stagesAllList(page),
  names: ({ name }) => [name],
  id: ({ pk }) => pk,
});

/** Policies of any type, by name. */
export const policies = new Lookup({
  noun: "policy",
  area: "/policies/all",
  page: ({ policies }, page) => policies.policiesAllList(page),
  names: ({ name }) => [name],
  id: ({ pk }) => pk,
});

/** Scope mappings, by the id of Authentik's own (`goauthentik.io/providers/oauth2/scope-openid`), the others by name. */
export const scopeMappings = new Lookup({
  noun: "scope mapping",
  area: "/propertymappings/provider/scope",
  page: ({ propertymappings }, page) => propertymappings.propertymappingsProviderScopeList(page),
  names: ({ managed, name }) => [managed, name],
  id: ({ pk }) => pk,
});

/** Certificates and their keys, by name. */
export const keyPairs = new Lookup({
  noun: "key pair",
  area: "/crypto/certificatekeypairs",
  page: ({ crypto }, page) => crypto.cryptoCertificatekeypairsList(page),
  names: ({ name }) => [name],
  id: ({ pk }) => pk,
});

/** Groups, by name; without their members. */
export const groups = new Lookup({
  noun: "group",
  area: "/core/groups",
  page: ({ core }, page) => core.coreGroupsList({ ...page, includeUsers: false }),
  names: ({ name }) => [name],
  id: ({ pk }) => pk,
});

/** Users, by user name. */
export const users = new Lookup({
  noun: "user",
  area: "/core/users",
  page: ({ core }, page) => core.coreUsersList({ ...page, includeGroups: false }),
  names: ({ username }) => [username],
  id: ({ pk }) => pk,
});

/** Applications, by slug: all of them, not only those the token's user may open. */
export const applications = new Lookup({
  noun: "application",
  area: "/core/applications",
  page: ({ core }, page) => core.coreApplicationsList({ ...page, superuserFullList: true }),
  names: ({ slug }) => [slug],
  id: ({ pk }) => pk,
});

/** Providers of any protocol, by name. */
export const providers = new Lookup({
  noun: "provider",
  area: "/providers/all",
  page: ({ providers }, page) => providers.providersAllList(page),
  names: ({ name }) => [name],
  id: ({ pk }) => pk,
});

/** Outposts, by the id of the embedded one (`goauthentik.io/outposts/embedded`), the others by name. */
export const outposts = new Lookup({
  noun: "outpost",
  area: "/outposts/instances",
  page: ({ outposts }, page) => outposts.outpostsInstancesList(page),
  names: ({ managed, name }) => [managed, name],
  id: ({ pk }) => pk,
});
