import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { authentik } from "../../../../providers/authentik/kinds";
import { patience } from "../../../../providers/dynamic/http";
import { grafana } from "../../../../providers/grafana/kinds";
import { harbor } from "../../../../providers/harbor/kinds";
import { hurry } from "../../../helpers/unit/provider-stack";

const token = "Token-That-Nobody-May-See";
const services = { authentik, grafana, harbor };
const kinds = Object.entries(services).flatMap(([module, table]) =>
  Object.entries(table).map(([type, life]) => ({ module, type, life })),
);

const servers: Server[] = [];
beforeAll(hurry);
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server that answers whatever it is asked in one way. */
async function answering(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What reading an object says that the server at the endpoint keeps; nothing where it is found, or found gone. */
async function saidBy({ module, life }: (typeof kinds)[number], endpoint: string, id: string): Promise<string> {
  const login = module === "authentik" ? { token } : { username: "admin", password: token };
  return life.read(id, { connection: { endpoint, ...login } }).then(
    () => "",
    (error: Error) => error.message,
  );
}

const sessionUser = { user: { pk: 1, username: "akadmin", is_superuser: true, groups: [], system_permissions: [] } };
const isWhoAmI = ({ url = "" }: IncomingMessage): boolean => url.endsWith("/core/users/me/");

describe.each(kinds)("$module:$type", (kind) => {
  test.each(["null", "[]", "{}", "5", '"text"', "[null]", '{"results":5,"pagination":null}', "<html>", ""])(
    "is told from %s, which is no answer, by what cannot be done",
    async (text) => {
      const endpoint = await answering((request, response) =>
        response.end(isWhoAmI(request) ? JSON.stringify(sessionUser) : text),
      );
      for (const id of ["one", "one/2", "one/2/three"])
        expect(await saidBy(kind, endpoint, id)).toMatch(/^$|^Cannot .* in \w+ \(status|: the answer makes no sense/);
    },
  );
});

describe("an error", () => {
  const [project] = kinds.filter(({ type }) => type === "Project");
  const saidOf = async (answer: RequestListener): Promise<string> =>
    project ? saidBy(project, await answering(answer), "media") : "";
  const refusing = (body: unknown) => saidOf((_request, response) => response.writeHead(400).end(JSON.stringify(body)));

  test.each([
    [{ detail: ["wrong"] }, '["wrong"]'],
    [{ detail: { project: "wrong" } }, '{"project":"wrong"}'],
    [{ message: 5 }, "5"],
    [{ errors: { code: "wrong" } }, "wrong"],
    [{ errors: [null] }, "null"],
    [null, "null"],
    [[], "[]"],
  ])("says what it is for, also from %j", async (body, said) => {
    const message = await refusing(body);
    expect(message).toContain('Cannot read project "media" in Harbor (status 400): ');
    expect(message).toContain(said);
  });

  test("has no secret in it, in none of the forms that a server may repeat", async () => {
    const message = await saidOf(({ headers: { authorization = "" } }, response) =>
      response.writeHead(400).end(`${authorization} or ${authorization.split(" ")[1]} or ${token}`),
    );
    expect(message).toContain("[secret] or [secret] or [secret]");
  });

  test("a login goes to the endpoint alone, whatever that says", async () => {
    const others: string[] = [];
    const other = await answering(({ url = "" }, response) => {
      others.push(url);
      response.end("{}");
    });
    for (const { life, module } of kinds.filter(({ type }) => ["Project", "User", "SsoSettings"].includes(type))) {
      for (const status of [301, 302, 303, 307, 308]) {
        const endpoint = await answering((_request, response) =>
          response.writeHead(status, { location: `${other}/` }).end(),
        );
        expect(await saidBy({ life, module, type: "" }, endpoint, "media")).toMatch(
          new RegExp(
            `\\(status ${status}\\): It sends elsewhere, where no login is sent to: give the endpoint at which`,
          ),
        );
      }
    }
    expect(others).toEqual([]);
  });

  test("a list without an end is given up", async () => {
    const [robots] = kinds.filter(({ type }) => type === "RobotAccount");
    const endpoint = await answering((_request, response) =>
      response.writeHead(200, { "x-total-count": "1000000000" }).end('[{"name":"another"}]'),
    );
    const message = robots ? await saidBy(robots, endpoint, "ci") : "";
    expect(message).toContain("Cannot read robot account: the answer makes no sense (a list has more than 1000 pages)");
  }, 30_000);

  test("an answer without an end is given up", async () => {
    const { timeout } = patience;
    patience.timeout = 20_000;
    let sent = 0;
    const message = await saidOf((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(2 ** 20, " "))) sent++;
      };
      response.on("drain", more);
      more();
    });
    patience.timeout = timeout;
    expect(message).toContain("(no answer): the answer is longer than 32 MiB.");
    expect(sent).toBeLessThan(4 * 64);
  }, 30_000);
});
