import { perform } from "../../../../lab/authentik/jobs";
import { AuthentikObjects } from "../../../../lab/authentik/objects";
import { Logins } from "../../../../lab/authentik/flows/logins";
import { startAuthentik } from "../../../../lab/authentik/testing";
import type { Row } from "../../../../lab/kit/rows";
import { Browser } from "../../../helpers/browser";
import { createRecoveryKey, type Jobs } from "../../../../lab/authentik/recovery/command";

const objects = new AuthentikObjects();
objects.insertNumbered("users", { username: "root", is_active: true, groups: [] });

/** A server that answers the second time it is asked. */
function jobs(): Jobs {
  const asked: { kind: string; detail: Row; answer?: Row }[] = [];
  return {
    submit: async (kind, detail) => asked.push({ kind, detail }) - 1,
    answerOf: async (id) => {
      const job = asked[id];
      const answer = job?.answer;
      if (job) job.answer = perform(objects, job.kind, job.detail);
      return answer;
    },
  };
}

describe("EF-014: ak create_recovery_key in the lab's Authentik", () => {
  it.each([
    [["root"], 60],
    [["5", "root"], 5],
  ])("makes a link with %j", async (args, minutes) => {
    const { code, output } = await createRecoveryKey(jobs(), args, 1);
    expect(code).toBe(0);
    const [, key = ""] = /^\/recovery\/use-token\/(\w+)\/$/m.exec(output) ?? [];
    const [identifier] = Object.entries(objects.hidden.tokenKeys).find(([, each]) => each === key) ?? [];
    const token = objects.by("tokens", "identifier", identifier);
    expect(token).toMatchObject({ intent: "recovery" });
    const left = (Date.parse(token?.expires as string) - Date.now()) / 60_000;
    expect(Math.round(left)).toBe(minutes);
  });

  it("refuses who is not there, and what it does not understand", async () => {
    expect(await createRecoveryKey(jobs(), ["nobody"], 1)).toEqual({
      code: 1,
      output: "CommandError: there is no user nobody",
    });
    expect((await createRecoveryKey(jobs(), [], 1)).code).toBe(2);
    expect((await createRecoveryKey(jobs(), ["soon", "root"], 1)).output).toContain("invalid int value: 'soon'");
  });
});

describe("EF-014: the link of a recovery key", () => {
  it("logs in at once, one time, until it has ended", async () => {
    const authentik = await startAuthentik({ before: (request, response) => logins.handle(request, response) });
    const logins = new Logins(authentik.objects);
    const browsers = [0, 1].map(() => new Browser({ addresses: { "*.home.arpa": new URL(authentik.url).host } }));
    const [one, other] = browsers;
    if (!one || !other) throw new Error("no browsers");
    const link = (minutes: number): string =>
      `http://auth.home.arpa${perform(authentik.objects, "recovery_key", { username: "akadmin", minutes }).path}`;
    try {
      const [good, ended] = [link(5), link(0)];
      const page = await one.open(good);
      expect(page.url.pathname).toBe("/if/user/");
      expect(page.text).toContain("Logged in as akadmin");
      expect((await other.open(good)).status).toBe(404);
      expect((await other.open(ended)).status).toBe(404);
      expect(authentik.objects.events.at(-1)).toMatchObject({ action: "login", user: { username: "akadmin" } });
    } finally {
      for (const browser of browsers) browser.close();
      await authentik.stop();
    }
  });
});
