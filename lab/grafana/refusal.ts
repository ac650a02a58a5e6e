import { Refusal as AnyRefusal } from "../kit/refusal";

/** What Grafana refuses, in the form of its API. */
export class Refusal extends AnyRefusal {
  constructor(status: number, messageId: string, message: string) {
    super(status, { message, messageId, statusCode: status, traceID: "" }, message);
  }
}
