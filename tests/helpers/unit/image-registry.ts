import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the registry of a test answers for one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An image registry on this computer that answers as a test says, and notes what it was asked. */
export interface TestRegistry {
  /** `127.0.0.1:port` */
  address: string;
  /** Method and path of each request, in order. */
  asked: string[];
  /** One answer for each request; the last one for all that follow. */
  answers: Answer[];
  close(): Promise<void>;
}

export async function testRegistry(): Promise<TestRegistry> {
  const asked: string[] = [];
  const answers: Answer[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const close = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return { address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`, asked, answers, close };
}

/** Answers with a status and nothing else. */
export const status =
  (code: number): Answer =>
  (_, response) =>
    void response.writeHead(code).end();

/** Answers with a manifest's digest. */
export const manifest =
  (digest: string): Answer =>
  (_, response) =>
    void response.writeHead(200, { "docker-content-digest": digest }).end();
