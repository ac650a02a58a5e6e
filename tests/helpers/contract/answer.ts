import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** An answer of the edge or of step-ca. */
export interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
}

/** The whole answer to a request. */
export function read(
  request: (done: (response: IncomingMessage) => void) => {
    on(event: "error", listener: (error: Error) => void): unknown;
  },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request((response) => {
      void text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    }).on("error", reject);
  });
}
