import { provider } from "../../../providers/provider";
import { dispatcher } from "../../../providers/dynamic/dispatcher";
import { ApiError, patience } from "../../../providers/dynamic/http";
import { ownership } from "../../../providers/dynamic/ownership";
import type { Properties } from "../../../providers/dynamic/values";
import type { FaultyApi } from "./faulty-api";

/**
 * One resource, and what Pulumi's engine would do with it, each time in a run of its own. Everything passes through JSON, as
 * between processes.
 */
export class Stack {
  id?: string;
  inputs: Properties = {};
  outs: Properties = {};

  constructor(
    private readonly type: string,
    readonly connection: object,
    private readonly module = "harbor",
  ) {}

  private get provider() {
    return provider(this.module, this.type);
  }

  private get dispatcher(): string {
    return dispatcher(`${this.module}:${this.type}`);
  }

  /** The reasons why the arguments are refused. */
  async refusals(args: object): Promise<string[]> {
    return (await this.check(args)).failures.map(({ reason }) => reason);
  }

  /** Brings the resource to the arguments; returns what was done. */
  async up(args: object): Promise<"create" | "same" | "update" | "replace"> {
    ownership.forget();
    const { inputs, failures } = await this.check(args);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
    if (this.id === undefined) {
      await this.create(inputs);
      return "create";
    }
    const diff = copy(await this.provider.diff(this.id, copy(this.outs), copy(inputs)));
    if (!diff.changes) return "same";
    if (diff.replaces.length === 0) {
      const { outs } = await this.provider.update(this.id, copy(this.outs), copy(inputs));
      Object.assign(this, { inputs, outs: copy(outs) });
      return "update";
    }
    const old = { id: this.id, outs: this.outs };
    if (diff.deleteBeforeReplace) await this.provider.delete(old.id, copy(old.outs));
    await this.create(inputs);
    if (!diff.deleteBeforeReplace) await this.provider.delete(old.id, copy(old.outs));
    return "replace";
  }

  /** Reads the object; `false` where it is gone. */
  async refresh(): Promise<boolean> {
    return this.read(this.id ?? "", this.outs);
  }

  /** Reads an object of which nothing is known but its id. */
  async lookUp(id: string): Promise<boolean> {
    return this.read(id, { connection: this.connection, __provider: this.dispatcher });
  }

  async destroy(): Promise<void> {
    ownership.forget();
    await this.provider.delete(this.id ?? "", copy(this.outs));
    Object.assign(this, { id: undefined, inputs: {}, outs: {} });
  }

  private async read(id: string, props: Properties): Promise<boolean> {
    const result = await this.provider.read(id, copy(props));
    Object.assign(this, { id: result.id, inputs: copy(result.inputs ?? {}), outs: copy(result.props ?? {}) });
    return result.id !== undefined;
  }

  private async check(args: object) {
    const news = { connection: this.connection, ...args, __provider: this.dispatcher };
    return copy(await this.provider.check(copy(this.inputs), copy(news)));
  }

  private async create(inputs: Properties): Promise<void> {
    const { id, outs } = await this.provider.create(copy(inputs));
    Object.assign(this, { id, inputs, outs: copy(outs) });
  }
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Makes an object, after which neither an update nor a refresh finds anything to do. */
export async function expectMadeOnce(stack: Stack, { args, id }: { args: object; id: string }, api: FaultyApi) {
  expect(await stack.up(args)).toBe("create");
  expect(stack.id).toBe(id);
  api.writes();
  expect(await stack.up(args)).toBe("same");
  expect(await stack.refresh()).toBe(true);
  expect(await stack.up(args)).toBe("same");
  expect(api.writes()).toEqual([]);
}

/** Waits as short as tests need them. */
export function hurry(): void {
  Object.assign(patience, { pause: 5, timeout: 150, longestWait: 2000 });
}

/** The error that the promise fails with. */
export async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw error;
}
