// Fails unless a person decides: GitHub makes an environment without required reviewers when a job first names it, and
// ignores the rule where the plan has none. Who starts the workflow by hand has decided.
//   require-approval.mjs <environment>
import { call } from "./github.mjs";

const environment = process.argv[2];

if (process.env.GITHUB_EVENT_NAME !== "workflow_dispatch") {
  const { protection_rules: rules } = await call("GET", `/environments/${environment}`, undefined, { absent: {} });
  if (!rules?.some((rule) => rule.type === "required_reviewers")) {
    throw new Error(
      `Nobody has to approve the environment "${environment}". Add required reviewers (Settings > Environments), ` +
        "or start this workflow by hand (Actions > Up > Run workflow).",
    );
  }
}
