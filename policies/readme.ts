import { policies } from "./pack";
import { settingsSchema, type Policy } from "./policy";
import { table } from "./table";

/** The README of the pack, made from the policies themselves. */
export function readme(): string {
  return [introduction, overview(), handling, "## The policies", ...policies.map(section)].join("\n\n") + "\n";
}

const introduction = `<!-- Made by \`npm run docs\` from the policies; a test fails when it is not current. -->

# Policies

A change that would overload a host, leak a name or weaken the stack is stopped before anything happens, with a message
that says what to do. \`npm run preview\` and \`npm run up\` judge every change by this pack, and end with a table of what the
memory of each host is spent on; so does the lab. A **mandatory** policy stops the deployment; an **advisory** one warns.

With Pulumi alone it is \`pulumi preview --policy-pack policies/run\` (after \`npm run build\`). All policies then have their
defaults: only this project's commands read the file of the stack, and refuse names that don't exist in it.`;

const handling = `## Settings of a stack

\`policies/stacks/<stack>.yaml\` holds what a stack wants different from the defaults, by policy. It is committed, so that a
change of it is reviewed like any other.

### Raise a budget

\`\`\`yaml
ram-budget:
  budget: 85 %
\`\`\`

Consider first what the message of the policy offers: less memory for a VM or a container, or a guest that moves. What a
host needs for itself is not in the table.

### Exempt one resource

\`\`\`yaml
memory-limits:
  exempt:
    - resource: importer # its name in the program, or its URN
      reason: It is measured for a week before it gets a limit.
\`\`\`

Each exemption has a reason, and each preview lists the exemptions in force. Two that cover the same resource are refused,
and one that lets nothing pass is warned of. Where the stack as a whole violates a policy, such as \`ram-budget\`, there is no
exemption; change the setting.

### Change a level

\`level: advisory\` lets a violation pass with a warning; \`level: disabled\` switches the policy off, which each preview tells.`;

function overview(): string {
  const rows = policies.map(({ name, level, summary }) => [`[${name}](#${name})`, level, summary]);
  return table(["policy", "level", "rule"], rows);
}

function section(policy: Policy): string {
  const { name, level, summary, doc, requirements } = policy;
  const guards = requirements.length === 0 ? "" : ` Guards ${requirements.join(", ")}.`;
  return [`### ${name}`, `**${summary}** ${capitalized(level)}.${guards}`, doc, ...settingsTable(policy)].join("\n\n");
}

interface Property {
  default?: unknown;
  description?: string;
}

function settingsTable(policy: Policy): string[] {
  const own = Object.entries<Property>(settingsSchema(policy)).filter(([key]) => key !== "exempt");
  const rows = own.map(([key, property]) => {
    const byDefault = typeof property.default === "string" ? property.default : JSON.stringify(property.default);
    return [`\`${key}\``, `\`${byDefault}\``, property.description ?? ""];
  });
  return rows.length === 0 ? [] : [table(["setting", "default", "what it sets"], rows)];
}

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
