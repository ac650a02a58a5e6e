import { waitCommand } from "../components/edge/certificate";
import { prepareCommand } from "../components/host/prepare";
import { readyCommand as registryReady } from "../components/registry/ready";
import { readyCommand as ssoReady } from "../components/sso/ready";
import { firstBootCommand } from "../components/tooling-vm/first-boot";
import { forwardingCommand } from "../components/tooling-vm/forwarding";
import type { Size } from "../config/size";

/** What may stand in a place of a command: none of it means anything to a shell. */
const forms = {
  address: "\\d{1,3}(?:\\.\\d{1,3}){3}",
  addresses: "\\d{1,3}(?:\\.\\d{1,3}){3}(?:, \\d{1,3}(?:\\.\\d{1,3}){3})*",
  file: "[A-Za-z0-9_][\\w.@+-]*",
  /** `/srv/<feature>` with what is below. */
  folder: "/srv/[a-z][a-z0-9-]*(?:/[A-Za-z0-9_][\\w.@+-]*)*",
  host: "[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?",
  number: "[1-9]\\d*",
} as const;

type Hole = (form: keyof typeof forms, name?: string) => string;

/** A command as a component builds it, with places in which each machine or file differs. */
export type Template = (hole: Hole) => string;

const file = (hole: Hole): string => `${hole("folder")}/${hole("file")}`;
const machine = (hole: Hole) => ({
  address: hole("address"),
  host: hole("host"),
  rootFile: file(hole),
  prefix: hole("file", "prefix"),
});

/** Everything that the project's components run on a machine. */
const templates = {
  firstBoot: () => firstBootCommand,
  forwarding: () => forwardingCommand,
  // Of what is no size comes what is no number, and shows its place.
  prepare: (hole) => prepareCommand(NaN as Size).replace("NaN", hole("number")),
  registryReady: (hole) => registryReady(machine(hole)),
  ssoReady: (hole) => ssoReady(machine(hole)),
  certificate: (hole) =>
    waitCommand({
      machine: { address: hole("address") },
      host: hole("host"),
      routeFile: `${hole("folder", "routes")}/${hole("file", "route")}`,
      rootFile: file(hole),
      dns: [hole("addresses")],
      container: hole("file", "container"),
    }),
} as const satisfies Record<string, Template>;

/** Which of the {@link templates} a command is, letter by letter; nothing where it is none. */
export function templateOf(command: string): keyof typeof templates | undefined {
  patterns ??= Object.entries(templates).map(([name, template]) => [
    name as keyof typeof templates,
    toPattern(template),
  ]);
  return patterns.find(([, pattern]) => pattern.test(command))?.[0];
}

let patterns: readonly [keyof typeof templates, RegExp][] | undefined;

/** A template as a pattern for whole commands. A place that is there twice must hold the same both times. */
export function toPattern(template: Template): RegExp {
  const named = new Map<string, keyof typeof forms>();
  const text = template((form, name = form) => {
    named.set(name, form);
    return `\0${name}\0`;
  });
  const seen = new Set<string>();
  const parts = text.split("\0").map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.\\^$*+?()[\]{}|/]/g, "\\$&");
    if (seen.has(part)) return `\\k<${part}>`;
    seen.add(part);
    return `(?<${part}>${forms[named.get(part) ?? "file"]})`;
  });
  return new RegExp(`^${parts.join("")}$`);
}
