// GitHub's REST API with Node.js alone, so that a workflow needs no install to report. Nothing here reaches a shell.
const { GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_SERVER_URL, GITHUB_TOKEN } = process.env;
const pageSize = 100;

/** Who the token of a workflow writes as. */
const author = "github-actions[bot]";

/** The page of this run. */
export const runUrl = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;

/** The line that what we keep begins with; it does not show. */
export const marker = (name) => `<!-- ${name} -->`;

/** One request below `/repos/<owner>/<name>`; fails with GitHub's own words. What is not there is `absent`, if given. */
export async function call(method, path, body, { absent } = {}) {
  const response = await fetch(`${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}${path}`, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${GITHUB_TOKEN}`,
      "x-github-api-version": "2022-11-28",
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (response.status === 404 && absent) return absent;
  if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${method} ${path}: ${text}`);
  return JSON.parse(text);
}

/** Keeps one comment on a pull request: the one of this name is updated, and made where there is none. */
export async function keepComment(pullRequest, name, body) {
  const comments = `/issues/${Number(pullRequest)}/comments`;
  const [first] = await ours(comments, name);
  if (first) await call("PATCH", `/issues/comments/${first.id}`, { body });
  else await call("POST", comments, { body });
}

/** Keeps one open issue: the one of this name is updated, and opened where there is none. */
export async function keepIssue(name, title, body) {
  const [first] = await openIssues(name);
  if (first) await call("PATCH", `/issues/${first.number}`, { title, body });
  else await call("POST", "/issues", { title, body });
}

/** Closes the issue of this name, where one is open. */
export async function closeIssue(name) {
  for (const { number } of await openIssues(name)) {
    await call("POST", `/issues/${number}/comments`, { body: `This is over: ${runUrl}` });
    await call("PATCH", `/issues/${number}`, { state: "closed", state_reason: "completed" });
  }
}

async function openIssues(name) {
  const found = await ours("/issues?state=open", name);
  return found.filter((issue) => !issue.pull_request);
}

/** What workflows wrote under this name, oldest first; the same marker from anybody else is not ours to touch. */
async function ours(path, name) {
  const found = [];
  const separator = path.includes("?") ? "&" : "?";
  for (let page = 1; ; page++) {
    const items = await call("GET", `${path}${separator}per_page=${pageSize}&page=${page}`);
    found.push(...items.filter((item) => item.user?.login === author && item.body?.startsWith(marker(name))));
    if (items.length < pageSize) return found.sort((a, b) => a.id - b.id);
  }
}
