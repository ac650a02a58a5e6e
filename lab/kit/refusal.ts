/** An answer other than success. The class that a product derives from it makes the body, in the product's own form. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly body: object,
    message = JSON.stringify(body),
  ) {
    super(message);
  }

  get result(): { status: number; body: object } {
    return { status: this.status, body: this.body };
  }
}
