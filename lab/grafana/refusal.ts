/** What Grafana refuses, in the form of its API. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly messageId: string,
    message: string,
  ) {
    super(message);
  }

  get body(): object {
    return { message: this.message, messageId: this.messageId, statusCode: this.status, traceID: "" };
  }
}
