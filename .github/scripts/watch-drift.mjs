// Opens or updates an issue when no drift check came to an answer for so many days, and closes it when one did:
//   watch-drift.mjs <days>
import { call, closeIssue, keepIssue, marker } from "./github.mjs";

const name = "homelab-drift-silence";
const days = Number(process.argv[2]);

const { workflow_runs: runs } = await call(
  "GET",
  "/actions/workflows/drift.yml/runs?branch=main&status=success&per_page=1",
);
const last = runs[0]?.run_started_at;

if (last && Date.now() - Date.parse(last) < days * 24 * 3600 * 1000) {
  await closeIssue(name);
} else {
  await keepIssue(name, "Drift is not being checked", silence());
}

function silence() {
  const since = last
    ? `The last drift check that came to an answer is of ${last}.`
    : "No drift check ever came to an answer.";
  return `${marker(name)}
${since} There should be one every day; after ${days} days without one this issue appears.

Until then nobody knows whether the homelab is as it was deployed. Look in this order:

1. Is the runner \`homelab\` online (Settings > Actions > Runners)?
2. Is the workflow _Drift_ switched off (Actions > Drift)? GitHub does that in a public repository after 60 quiet days.
3. What does the last run of _Drift_ say?

Then run it by hand (Actions > Drift > Run workflow). The next look closes this issue.
`;
}
