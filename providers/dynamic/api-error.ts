/** What a call is about, as an error names it. */
export interface Subject {
  /** A verb: `create`, `read`, `update`, `delete`. */
  readonly action: string;
  /** The kind of object: `project`. */
  readonly object: string;
  /** Which one. */
  readonly name: string;
  /** What helps against a status, where that is special to this call. */
  readonly remedies?: Readonly<Record<number, string>>;
}

/** What a service refused or did not answer. The message has one shape and never a secret. */
export class ApiError extends Error {
  readonly action: string;
  readonly object: string;
  readonly subject: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Whether the service could not be reached: it is down, what is in front of it is, or another has its address (495). */
  readonly isOutage: boolean;
  /** Whether the call before met an outage as well. */
  wasDown = false;

  constructor(
    readonly product: string,
    /** The HTTP status; 0 where no answer came. */
    readonly status: number,
    subject: Subject,
    readonly detail: string,
    /** Whether the service may have done what it was asked to. */
    readonly unsure = false,
  ) {
    const remedy = subject.remedies?.[status] ?? remedyFor(product, status, unsure);
    const result = status === 0 ? "no answer" : `status ${status}`;
    const what = `Cannot ${subject.action} ${subject.object} "${subject.name}" in ${product}`;
    super(`${what} (${result}): ${sentence(detail)}${remedy}`);
    this.name = "ApiError";
    this.action = subject.action;
    this.object = subject.object;
    this.subject = subject.name;
    this.remedy = remedy;
    this.isOutage = [0, 495, 502, 503, 504].includes(status);
  }
}

function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  return /[.!?]$/.test(trimmed) ? `${trimmed} ` : `${trimmed}. `;
}

function remedyFor(product: string, status: number, unsure: boolean): string {
  if (unsure) return "It may have been done all the same: run the update again, it takes over what is there.";
  if (status >= 300 && status < 400)
    return `It sends elsewhere, where no login is sent to: give the endpoint at which ${product} itself answers.`;
  const remedies: Record<number, string> = {
    0: `Check that ${product} runs, that the endpoint leads there, and that \`ca\` is the CA of its certificate.`,
    400: "Correct the argument it names.",
    401: `Check the user name and password of the connection. It was tried once only, so as not to lock the account.`,
    403: `Use an administrator's account, and check that ${product} is not read-only.`,
    404: "Check that what it belongs to exists, and make this resource depend on it.",
    409: "Choose another name, or remove what has it.",
    412: "Remove what still depends on it.",
    422: "Correct the argument it names.",
    429: `${product} asks for fewer requests: run the update again in a few minutes.`,
  };
  return remedies[status] ?? `Look in the log of ${product}, then run the update again.`;
}
