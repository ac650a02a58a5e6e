import { createServer, type AddressInfo, type Server } from "node:net";

import { valueOf } from "../../../../lab/harbor/common/config-file";
import { deleteKeys, redis } from "../../../../lab/harbor/common/redis";
import { parseScope } from "../../../../lab/harbor/core/tokens";
import { matches, selectsTags } from "../../../../lab/harbor/objects/selectors";
import { parseFindings } from "../../../../lab/harbor/scan/findings";
import { Saver, type Store } from "../../../../lab/kit/store";

test.each([
  ["**", "team/app", true],
  ["*", "team/app", false],
  ["v*", "v1.2", true],
  ["v*", "dev", false],
  ["v?", "v1", true],
  ["1.0", "1x0", false],
  ["{app,db}/**", "db/main", true],
  ["{app,db}/**", "web/main", false],
])("EF-009: the pattern %s on %s is %s", (pattern, text, expected) => {
  expect(matches({ decoration: "matches", pattern }, text)).toBe(expected);
  expect(matches({ decoration: "excludes", pattern }, text)).toBe(!expected);
});

test("EF-009: images without a tag count where the rule says so", () => {
  const selector = { decoration: "matches", pattern: "v*" };
  expect(selectsTags({ ...selector, extras: '{"untagged":true}' }, [])).toBe(true);
  expect(selectsTags({ ...selector, extras: '{"untagged":false}' }, [])).toBe(false);
  expect(selectsTags(selector, ["dev", "v1"])).toBe(true);
});

test("EF-008: findings are read from a label, and a mistake in it is said", () => {
  const [first, second] = parseFindings("CVE-2026-0001:Critical:openssl:3.0.1:3.0.2,\n CVE-2026-0002:Low:bash:5.2");
  expect(first).toMatchObject({ id: "CVE-2026-0001", severity: "Critical", version: "3.0.1", fix_version: "3.0.2" });
  expect(second).toMatchObject({ package: "bash", fix_version: "" });
  expect(parseFindings(undefined)).toEqual([]);
  expect(() => parseFindings("CVE-1:Terrible:bash:1")).toThrow('"CVE-1:Terrible:bash:1" is no finding');
});

test("a scope is read, with ports and paths in its name", () => {
  expect(parseScope("repository:media/team/app:pull,push")).toEqual({
    type: "repository",
    name: "media/team/app",
    actions: ["pull", "push"],
  });
  expect(parseScope("repository:host:5000/app:pull").name).toBe("host:5000/app");
});

test("settings are found in a file of YAML, below their section", () => {
  const text =
    'port: 8080\njob_loggers:\n  - name: FILE\n    base_dir: "/var/log/jobs" # here\nmetric:\n  port: 9090\n';
  expect([valueOf(text, "port"), valueOf(text, "port", "metric")]).toEqual(["8080", "9090"]);
  expect(valueOf(text, "base_dir", "job_loggers")).toBe("/var/log/jobs");
  expect(valueOf(text, "port", "registry")).toBeUndefined();
});

describe("saving", () => {
  test("is done one after the other, and what comes meanwhile is saved together", async () => {
    const saved: string[] = [];
    let [count, running] = [0, 0];
    const store: Store = {
      load: () => Promise.resolve(undefined),
      ping: () => Promise.resolve(),
      async save(text) {
        expect(++running).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running--;
        saved.push(text);
      },
    };
    const saver = new Saver(store, () => `${count}`);
    const all = [1, 2, 3, 4].map((number) => {
      count = number;
      return saver.save();
    });
    await Promise.all(all);
    expect(saved).toEqual(["1", "4"]);
  });

  test("fails for who asked, and goes on for the next", async () => {
    let fails = true;
    const store = { save: () => (fails ? Promise.reject(new Error("away")) : Promise.resolve()) } as unknown as Store;
    const saver = new Saver(store, () => "");
    const first = saver.save();
    const second = saver.save();
    await expect(first).rejects.toThrow("away");
    await expect(second).rejects.toThrow("away");
    fails = false;
    await expect(saver.save()).resolves.toBeUndefined();
  });
});

describe("Redis", () => {
  let server: Server;
  let heard: string;
  let answers: string[];
  beforeEach(async () => {
    [heard, answers] = ["", []];
    server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        heard += data.toString();
        // In pieces, as they may come.
        const text = answers.shift() ?? "";
        socket.write(text.slice(0, 7));
        setTimeout(() => socket.end(text.slice(7)), 5);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));
  const url = (login = ""): string => `redis://${login}127.0.0.1:${(server.address() as AddressInfo).port}/2?idle=1`;

  test("is asked with login and database, and answers of every kind are read", async () => {
    answers = ["+OK\r\n+OK\r\n+PONG\r\n:5\r\n$-1\r\n*2\r\n$3\r\na\r\n\r\n$0\r\n\r\n"];
    const replies = await redis(url(":secret@"), ["PING"], ["DBSIZE"], ["GET", "ü"], ["KEYS", "*"]);
    expect(replies).toEqual(["PONG", 5, null, ["a\r\n", ""]]);
    expect(heard).toMatch(/^\*2\r\n\$4\r\nAUTH\r\n\$6\r\nsecret\r\n\*2\r\n\$6\r\nSELECT\r\n\$1\r\n2\r\n/);
    expect(heard).toContain("$2\r\nü\r\n");
  });

  test("refuses, and hangs up", async () => {
    answers = ["-NOAUTH Authentication required.\r\n"];
    await expect(redis(url(), ["PING"])).rejects.toThrow("NOAUTH Authentication required.");
    answers = ["+OK\r\n"];
    await expect(redis(url(), ["PING"])).rejects.toThrow("the connection was closed before the answer");
  });

  test("forgets the keys that fit, over several rounds", async () => {
    answers = [
      "+OK\r\n*2\r\n$1\r\n7\r\n*1\r\n$8\r\nblobs::a\r\n",
      "+OK\r\n:1\r\n",
      "+OK\r\n*2\r\n$1\r\n0\r\n*1\r\n$8\r\nblobs::b\r\n",
      "+OK\r\n:1\r\n",
    ];
    await deleteKeys(url(), "blobs::*");
    expect([...heard.matchAll(/DEL\r\n\$8\r\n(\S+)/g)].map(([, key]) => key)).toEqual(["blobs::a", "blobs::b"]);
  });
});
