import { failure } from "./errors";
import type { StateStore, TaskRecord } from "./state";

/** Writes one line into a task's log. */
export type Log = (line: string) => void;

/** What a task is about. */
export interface TaskSubject {
  readonly node: string;
  /** Proxmox's word for the kind of work: `qmcreate`, `download`, … */
  readonly type: string;
  /** The guest, the storage, or nothing. */
  readonly id: string;
  /** User or token, as in `pulumi@pve!homelab`. */
  readonly user: string;
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");
const seconds = (): number => Math.floor(Date.now() / 1000);

/** Background work, visible through the API as tasks. Tasks on the same subject run one after the other. */
export class Tasks {
  private readonly waiting = new Map<string, Promise<void>>();
  private readonly started = seconds();
  private sequence: number;

  constructor(private readonly store: StateStore) {
    this.sequence = 1000 + store.state.tasks.length;
  }

  /** Starts a task and returns its UPID at once. */
  start(subject: TaskSubject, work: (log: Log) => Promise<void>): string {
    const { node, type, id, user } = subject;
    const pid = ++this.sequence;
    const pstart = (seconds() - this.started) * 100 + pid;
    const starttime = seconds();
    const upid = `UPID:${node}:${hex(pid)}:${hex(pstart)}:${hex(starttime)}:${type}:${id}:${user}:`;
    const task: TaskRecord = { upid, node, pid, pstart, starttime, type, id, user, status: "running", log: [] };
    this.store.state.tasks.push(task);
    this.store.save();
    const queue = id === "" ? upid : `${node}/${id}`;
    const running = (this.waiting.get(queue) ?? Promise.resolve()).then(() => this.run(task, work));
    this.waiting.set(queue, running);
    void running.then(() => {
      if (this.waiting.get(queue) === running) this.waiting.delete(queue);
    });
    return upid;
  }

  /** Looks up a task. */
  find(upid: string): TaskRecord {
    const task = this.store.state.tasks.find((each) => each.upid === upid);
    if (!task) throw failure(`no such task '${upid}'`);
    return task;
  }

  /** Waits until nothing runs any more. */
  async idle(): Promise<void> {
    await Promise.all(this.waiting.values());
  }

  private async run(task: TaskRecord, work: (log: Log) => Promise<void>): Promise<void> {
    try {
      await work((line) => task.log.push(line));
      task.exitstatus = "OK";
      task.log.push("TASK OK");
    } catch (error) {
      task.exitstatus = error instanceof Error ? error.message : String(error);
      task.log.push(`TASK ERROR: ${task.exitstatus}`);
    }
    task.status = "stopped";
    this.store.save();
  }
}
