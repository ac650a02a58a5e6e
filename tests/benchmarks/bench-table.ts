import type { Part, Usage } from "./process-watch";

/** What one run took. */
export interface Sample extends Usage {
  readonly seconds: number;
}

/** All runs of one program. */
export interface Taken {
  readonly name: string;
  readonly resources: number;
  readonly samples: readonly Sample[];
}

/**
 * All runs of the programs that are compared: nothing, the floor, a program, that under a policy that judges nothing, and
 * under ours.
 */
export type Group = readonly [nothing: Taken, floor: Taken, without: Taken, idle: Taken, judged: Taken];

type Pick = (sample: Sample) => number;
const clock: Pick = ({ seconds }) => seconds;
const processor: Pick = ({ processorSeconds }) => processorSeconds;
const parts: readonly Part[] = ["engine", "program", "provider host", "plugins", "policies"];

/**
 * A line for each program: seconds of the clock and of the processor, each with how far the runs were from their median, the
 * milliseconds per resource over the empty program, and how many times the floor it is; then the processor's by process.
 */
export function table(group: Group): string {
  const [nothing, floor, without, idle, judged] = group;
  const figures = (each: Taken, pick: Pick): string[] => [
    `${median(each, pick).toFixed(2)} s`,
    `±${percent(spread(each, pick))}`,
    each === nothing ? "" : `${(overEmpty(each, nothing, pick) * 1000).toFixed(1)} ms`,
    each === nothing ? "" : `${(median(each, pick) / median(floor, pick)).toFixed(2)} ×`,
  ];
  const lines = group.map((each) => [
    each.name,
    ...figures(each, clock),
    ...figures(each, processor),
    ...parts.map((part) => median(each, ({ partSeconds }) => partSeconds[part] ?? 0).toFixed(2)),
  ]);
  const heading = (name: string): string[] => [name, "", "each", "floor"];
  const share = (pick: Pick): string => {
    const [all, ours] = [without, idle].map((each) => percent(1 - median(each, pick) / median(judged, pick)));
    return `${all} (${ours} ours)`;
  };
  return [
    ...aligned([[`${floor.resources} resources`, ...heading("clock"), ...heading("processor"), ...parts], ...lines]),
    `The policies' share: ${share(clock)} of the clock's time, ${share(processor)} of the processor's. The rest is Pulumi's.`,
  ].join("\n");
}

function overEmpty(each: Taken, nothing: Taken, pick: Pick): number {
  return (median(each, pick) - median(nothing, pick)) / each.resources;
}

function median({ samples }: Taken, pick: Pick): number {
  return samples.map(pick).sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? NaN;
}

/** How far the run that is furthest off is from the median, as a part of it. */
function spread(taken: Taken, pick: Pick): number {
  const middle = median(taken, pick);
  return Math.max(...taken.samples.map((sample) => Math.abs(pick(sample) / middle - 1)));
}

const percent = (part: number): string => `${Math.round(part * 100)} %`;

/** The first column to the left, the others to the right. */
function aligned(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
}
