import type { LookupFunction } from "node:net";

import { Browser, CookieJar } from "../../helpers/browser";
import { ScriptedSite, type Answer, type Asked } from "../../helpers/browser/scripted-site";

const app = new URL("https://app.home.arpa/");

describe("cookies, as browsers keep them", () => {
  const names = (jar: CookieJar, url: string, from?: string, method = "GET"): string[] =>
    jar.for({ url: new URL(url), method, from: from ? new URL(from) : undefined }).map(({ name }) => name);

  function jarWith(header: string, url: URL | string = app): CookieJar {
    const jar = new CookieJar();
    jar.set(new URL(url), header);
    return jar;
  }

  test("one without a domain is for its host alone", () => {
    const jar = jarWith("a=1; Path=/");
    expect(names(jar, "https://app.home.arpa/x")).toEqual(["a"]);
    expect(names(jar, "https://sub.app.home.arpa/")).toEqual([]);
    expect(names(jar, "https://other.home.arpa/")).toEqual([]);
  });

  test("one with a domain is for that and what is below", () => {
    const jar = jarWith("a=1; Domain=.app.home.arpa", "https://www.app.home.arpa/");
    expect(names(jar, "https://sub.app.home.arpa/")).toEqual(["a"]);
    expect(names(jar, "https://myapp.home.arpa/")).toEqual([]);
  });

  test.each([
    ["a=1; Domain=home.arpa", "a: is for home.arpa, which is a public suffix"],
    ["a=1; Domain=arpa", "a: is for arpa, which is a public suffix"],
    ["a=1; Domain=other.home.arpa", "a: is for other.home.arpa, set by app.home.arpa"],
    ["__Host-a=1; Secure; Path=/x", "__Host-a: has the prefix __Host- without Secure"],
    ["a=1; SameSite=None", "a: is SameSite=None without Secure"],
  ])("%s is refused", (header, reason) => {
    const jar = jarWith(header);
    expect(jar.all()).toEqual([]);
    expect(jar.refused[0]).toContain(reason);
  });

  test("a Secure one is neither taken from nor given to a page without TLS, but on this computer", () => {
    expect(jarWith("a=1; Secure", "http://app.home.arpa/").all()).toEqual([]);
    expect(names(jarWith("a=1; Secure"), "http://app.home.arpa/")).toEqual([]);
    expect(names(jarWith("a=1; Secure", "http://127.0.0.1:1/"), "http://127.0.0.1:1/")).toEqual(["a"]);
  });

  test("paths are kept apart by their parts", () => {
    const jar = jarWith("a=1", "https://app.home.arpa/api/login");
    expect(names(jar, "https://app.home.arpa/api/x")).toEqual(["a"]);
    expect(names(jar, "https://app.home.arpa/api")).toEqual(["a"]);
    expect(names(jar, "https://app.home.arpa/apis")).toEqual([]);
  });

  test("a newer one takes the place of the older, and an expired one ends it", () => {
    const jar = jarWith("a=1; Max-Age=60; Path=/");
    jar.set(app, "a=2; Path=/");
    expect(jar.all()).toMatchObject([{ value: "2" }]);
    jar.set(app, "a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    expect(jar.all()).toEqual([]);
  });

  test("two names below home.arpa are two sites: Strict stays at home, Lax goes with a link, not with a form", () => {
    const from = "https://auth.home.arpa/";
    const jar = jarWith("strict=1; SameSite=Strict");
    jar.set(app, "lax=1");
    jar.set(app, "none=1; SameSite=None; Secure");
    expect(names(jar, app.href)).toEqual(["strict", "lax", "none"]);
    expect(names(jar, app.href, from)).toEqual(["lax", "none"]);
    expect(names(jar, app.href, from, "POST")).toEqual(["none"]);
  });

  test("a script does not see what is HttpOnly", () => {
    const jar = jarWith("a=1; HttpOnly");
    jar.set(app, "b=2");
    expect([jar.readable(app, "a"), jar.readable(app, "b")]).toEqual([undefined, "2"]);
  });
});

describe("pages", () => {
  let site: ScriptedSite;
  let browser: Browser;
  let answer: (asked: Asked) => Answer;

  beforeAll(async () => void (site = await ScriptedSite.start((asked) => answer(asked))));
  beforeEach(() => {
    browser = site.browser();
    site.asked.splice(0);
  });
  afterEach(() => browser.close());
  afterAll(() => site.stop());

  const redirect = (location: string, status = 302): Answer => ({ status, headers: { location } });

  test("redirects are followed over hosts, with each host's own cookies", async () => {
    answer = ({ line }) => {
      if (line.endsWith("app.home.arpa/")) {
        return {
          status: 302,
          headers: { location: "https://auth.home.arpa/in", "set-cookie": ["state=1", "b=2; Path=/x"] },
        };
      }
      return line.endsWith("/in") ? redirect("https://app.home.arpa/back?code=3") : "welcome";
    };
    const page = await browser.open(app);
    expect(page).toMatchObject({ status: 200, text: "welcome" });
    expect(page.visited.map(String)).toEqual([
      app.href,
      "https://auth.home.arpa/in",
      "https://app.home.arpa/back?code=3",
    ]);
    expect(site.asked.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined, "state=1"]);
  });

  test("a form that is answered with 302 is not sent again, with 307 it is", async () => {
    for (const [status, method] of [
      [302, "GET"],
      [303, "GET"],
      [307, "POST"],
    ] as const) {
      site.asked.splice(0);
      answer = ({ line }) => (line.endsWith("/form") ? redirect("/next", status) : "");
      await browser.open("https://app.home.arpa/form", { method: "POST", form: { name: "a b" } });
      expect(site.asked).toMatchObject([{ body: "name=a+b" }, { line: `${method} app.home.arpa/next` }]);
    }
  });

  test("a login loop ends, and says where it goes round", async () => {
    answer = ({ line }) => redirect(line.includes("auth.") ? app.href : "https://auth.home.arpa/");
    await expect(browser.open(app)).rejects.toThrow(/too many redirects: .*auth\.home\.arpa.* → .*app\.home\.arpa/);
  });

  test("a step does not follow", async () => {
    answer = () => redirect("/next");
    const page = await browser.step(app);
    expect([page.status, page.redirect?.href]).toEqual([302, "https://app.home.arpa/next"]);
    expect(site.asked).toHaveLength(1);
  });

  test("a certificate of another CA, or for another name, is refused", async () => {
    const stranger = new Browser({ addresses: { "*.home.arpa": site.address } });
    await expect(stranger.open(app)).rejects.toThrow(/GET https:\/\/app.home.arpa\/: self-signed certificate/);
    const elsewhere = new Browser({ ca: site.ca, addresses: { "example.org": site.address } });
    await expect(elsewhere.open("https://example.org")).rejects.toThrow(/does not match certificate/);
    stranger.close();
    elsewhere.close();
  });

  test("nothing asks DNS", async () => {
    await expect(browser.open("https://example.org")).rejects.toThrow("no address is known for example.org");
  });

  test("a DNS that it was given is asked, but not for a name whose address it knows", async () => {
    const asked: string[] = [];
    const [address = "", port] = site.address.split(":");
    const lookup: LookupFunction = (name, _, answered) => {
      asked.push(name);
      answered(null, [{ address, family: 4 }]);
    };
    const guest = new Browser({ ca: site.ca, addresses: { "auth.home.arpa": site.address }, lookup });
    answer = () => "hello";
    expect((await guest.open(`https://app.home.arpa:${port}/`)).text).toBe("hello");
    expect((await guest.open("https://auth.home.arpa/")).text).toBe("hello");
    expect(asked).toEqual(["app.home.arpa"]);
    guest.close();
  });

  test("a script may not read another origin", async () => {
    answer = () => "secret";
    const page = await browser.open(app);
    await expect(browser.fetch(page, "https://auth.home.arpa/api")).rejects.toThrow("may not read");
  });
});
