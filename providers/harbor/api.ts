import { ApiError, Client, type Answer, type Call, type Subject } from "../dynamic/http";
import { allPages } from "../dynamic/pages";

/** How the provider reaches Harbor. It is encrypted in the state as a whole, in each resource that has it. */
export interface HarborConnection {
  /** Where Harbor is, without a path: `https://registry.home.arpa`. */
  readonly endpoint: string;
  /**
   * The IPv4 address to connect to, so that nothing asks DNS for the endpoint's name. The certificate must still be for
   * that name, and Harbor still hears it as the host. Default: what DNS says.
   */
  readonly address?: string;
  /** An administrator: robots may neither configure Harbor nor change robots. Default `admin`. */
  readonly username?: string;
  /** Goes with `username`. */
  readonly password: string;
  /** The CA that Harbor's certificate is checked with, PEM. Default: what Node.js trusts. */
  readonly ca?: string;
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** A project, in the fields the provider uses. */
export interface ProjectRow {
  project_id: number;
  name: string;
  registry_id?: number | null;
  metadata?: Record<string, string>;
  cve_allowlist?: { items?: { cve_id: string }[] | null };
}

/** Harbor's REST API 2.0. Paths are written where they are used; what every call needs is here. */
export class Harbor {
  private readonly client: Client;
  private prefix?: Promise<string>;

  constructor({ endpoint, address, username = "admin", password, ca }: HarborConnection) {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    const base = `${endpoint.replace(/\/$/, "")}/api/v2.0`;
    this.client = new Client({ product: "Harbor", base, address, authorization, ca, secrets: [password] });
  }

  async get<T>(path: string, subject: Subject): Promise<T> {
    return (await this.send({ method: "GET", path }, subject)).body as T;
  }

  /** As `get`, but a missing object is `undefined`. */
  async find<T>(path: string, subject: Subject): Promise<T | undefined> {
    try {
      return await this.get<T>(path, subject);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async post<T>(path: string, body: unknown, subject: Subject): Promise<T> {
    return (await this.send({ method: "POST", path, body }, subject)).body as T;
  }

  async put(path: string, body: unknown, subject: Subject): Promise<void> {
    await this.send({ method: "PUT", path, body }, subject);
  }

  async patch<T>(path: string, body: unknown, subject: Subject): Promise<T> {
    return (await this.send({ method: "PATCH", path, body }, subject)).body as T;
  }

  async delete(path: string, subject: Subject): Promise<void> {
    await this.send({ method: "DELETE", path }, subject);
  }

  /**
   * All rows of a list, page by page. Never ask for a name: Harbor unescapes `q` once more than the query, finds no `%` in
   * fuzzy filters, and counts the rows of others. Compare the names of all.
   */
  async list<T>(path: string, query: Query, subject: Subject): Promise<T[]> {
    let count = 0;
    return allPages(async (page) => {
      const pageQuery = queryString({ ...query, page, page_size: 100 });
      const answer = await this.send({ method: "GET", path: path + pageQuery }, subject);
      const rows = (answer.body ?? []) as T[];
      count = page === 1 ? rows.length : count + rows.length;
      const total = Number(answer.headers["x-total-count"] ?? count);
      return { rows, total, isLast: count >= total };
    });
  }

  /** A project by its exact name. */
  project(name: string, subject: Subject): Promise<ProjectRow | undefined> {
    return this.find<ProjectRow>(`/projects/${encodeURIComponent(name)}`, subject);
  }

  /** The number of a project, which must exist. */
  async projectId(name: string, subject: Subject): Promise<number> {
    const project = await this.project(name, subject);
    if (project) return project.project_id;
    const remedy = `Declare the project and pass its \`name\` output as \`project\`, so that it is made first.`;
    throw new ApiError("Harbor", 404, { ...subject, remedies: { 404: remedy } }, `there is no project "${name}"`);
  }

  /** What the login name of every robot starts with. */
  robotPrefix(subject: Subject): Promise<string> {
    this.prefix ??= this.get<Record<string, { value?: unknown }>>("/configurations", subject).then((configuration) =>
      String(configuration.robot_name_prefix?.value ?? "robot$"),
    );
    this.prefix.catch(() => this.forget());
    return this.prefix;
  }

  /** To be called when the configuration changes. */
  forget(): void {
    this.prefix = undefined;
  }

  private send(call: Call, subject: Subject): Promise<Answer> {
    // Without the header, a project named 2024 would be looked up by its number.
    return this.client.call({ ...call, headers: { "x-is-resource-name": "true" } }, subject);
  }
}

/** The path of something in a project. */
export const inProject = (project: string, rest: string): string => `/projects/${encodeURIComponent(project)}${rest}`;

function queryString(query: Query): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  return `?${pairs.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join("&")}`;
}
