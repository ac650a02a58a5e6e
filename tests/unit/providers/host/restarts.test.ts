import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

import { restarting, isStale, type Running } from "../../../../providers/host/restarts";
import { HostSetting, me } from "../../../helpers/unit/host-setting";

const host = new HostSetting();
let told: string[];
let spy: jest.SpyInstance;

beforeEach(() => {
  told = [];
  spy = jest.spyOn(console, "error").mockImplementation((line: string) => void told.push(line));
});
afterEach(() => spy.mockRestore());

/** What the machine's Docker says of a container, as `docker inspect` prints it. */
interface Container {
  name: string;
  sources: string[];
  startedAt?: string;
  /** One after the other, at each look; the last one stays. */
  health?: string[];
}

/** Docker on the machine, with these containers, the last one made first. */
function docker(...containers: Container[]): void {
  const cases = containers.map(({ name, sources, startedAt = "2026-01-01T00:00:00Z", health = [] }, index) => {
    const mounts = [...sources.map((Source) => ({ Type: "bind", Source })), { Type: "tmpfs" }];
    const line = (Status?: string): string => {
      const state = { Status: "running", StartedAt: startedAt, ...(Status && { Health: { Status } }) };
      return JSON.stringify({ id: `id${index}`, name: `/${name}`, state, mounts });
    };
    const looks = health.length > 0 ? health.map((each) => line(each)) : [line()];
    writeFileSync(host.sandbox.path(`id${index}.looks`), looks.map((look) => `${look}\n`).join(""));
    return `id${index}`;
  });
  const body = `cd ${host.sandbox.directory}
case "$1" in
ps) printf '%s\\n' ${cases.join(" ")} ;;
inspect) for id; do
    [ -e "$id.looks" ] || continue
    sed -n 1p "$id.looks"
    if [ -e "$id.restarted" ] && [ "$(wc -l < "$id.looks")" -gt 1 ]; then sed -i 1d "$id.looks"; fi
  done ;;
restart) echo "$2" >> restarts; touch "$2.restarted" ;;
esac`;
  writeFileSync(host.sandbox.path("docker"), `#!/bin/sh\n${body}\n`);
}

/** In their order. */
function restarts(): string[] {
  try {
    return readFileSync(host.sandbox.path("restarts"), "utf8").trim().split("\n");
  } catch {
    return [];
  }
}

const path = (name: string): string => host.sandbox.path(name);

/** A file that was made, and then changed by hand, which a refresh has found. */
async function changedByHand(name = "etc/file") {
  const stack = host.file();
  await stack.up(host.args({ path: path(name) }));
  writeFileSync(path(name), "foreign");
  expect(await stack.refresh()).toBe(true);
  return stack;
}

describe("a container that may run on what was there before a mend", () => {
  const running = (source: string, startedAt = 0): Running => {
    const start = new Date(startedAt * 1000).toISOString();
    return { id: "1", name: "a", status: "running", health: "", startedAt: start, sources: ["/srv/b", source] };
  };

  test.each([
    ["mounts the file", running("/srv/a/x"), { path: "/srv/a/x" }, true],
    ["mounts one with a longer name", running("/srv/a/xy"), { path: "/srv/a/x" }, false],
    ["mounts the folder, and started before", running("/srv/a", 99), { path: "/srv/a/x", since: 100 }, false],
    ["mounts the folder, and started since", running("/srv/a", 100), { path: "/srv/a/x", since: 100 }, true],
    ["mounts the folder, in which it is new", running("/srv/a", 100), { path: "/srv/a/x" }, false],
    ["mounts another, and started since", running("/srv/ab", 100), { path: "/srv/a/x", since: 100 }, false],
    ["mounts a folder that was made anew", running("/srv/a"), { path: "/srv/a/x", made: "/srv/a" }, true],
    ["mounts what is below one", running("/srv/a/db"), { made: "/srv/a" }, true],
    ["mounts what is above one", running("/srv"), { path: "/srv/a/x", made: "/srv/a" }, false],
    ["mounts what has a longer name", running("/srv/ab"), { made: "/srv/a" }, false],
  ])("Reliability: one that %s", (_what, container, mend, stale) => {
    expect(isStale(container, mend)).toBe(stale);
  });
});

describe("after a mend", () => {
  test("Reliability: what mounts a file that was changed by hand starts again, once it has what it should have", async () => {
    const stack = await changedByHand();
    docker({ name: "other", sources: [path("etc/other")] }, { name: "registry", sources: [path("etc/file")] });
    host.server.before = (command) => {
      if (command.includes("docker restart")) expect(readFileSync(path("etc/file"), "utf8")).toBe("text\n");
    };
    expect(await stack.up(host.args())).toBe("update");
    expect(restarts()).toEqual(["id1"]);
    expect(told).toEqual([`Mended ${path("etc/file")}. Restarting what runs on what was there: registry.`]);
    expect(stack.outs).not.toHaveProperty("written");
    expect(await stack.up(host.args())).toBe("same");
    expect(restarts()).toEqual(["id1"]);
  });

  test.each(["removed", "made a folder's, and moved away"])(
    "Reliability: so does what mounts one that was %s",
    async (how) => {
      const stack = host.file();
      await stack.up(host.args());
      docker({ name: "registry", sources: [path("etc/file")] });
      rmSync(path("etc/file"));
      if (how !== "removed") mkdirSync(path("etc/file"));
      expect(await stack.refresh()).toBe(false);
      if (how !== "removed") {
        await expect(stack.up(host.args())).rejects.toThrow(
          `Cannot create file "${path("etc/file")}" in machine 127.0.0.1 (status 20): ${path("etc/file")} is a folder, where ` +
            "a file belongs. Nothing of it was deleted: move it away, then run the update again.",
        );
        renameSync(path("etc/file"), path("etc/away"));
      }
      expect(await stack.up(host.args())).toBe("create");
      expect(restarts()).toEqual(["id0"]);
    },
  );

  test("Reliability: several files of a container that are mended together start it once, the ones made first before", async () => {
    restarting.collect = 1000;
    const names = ["etc/a", "etc/b", "etc/c"];
    const stacks = [];
    for (const name of names) stacks.push(await changedByHand(name));
    docker({ name: "core", sources: names.map(path) }, { name: "database", sources: [path("etc/c")] });
    await Promise.all(stacks.map((stack, i) => stack.up(host.args({ path: path(names[i] ?? "") }))));
    expect(restarts()).toEqual(["id1", "id0"]);
  });

  test("a file that the program changes starts nothing: its containers are replaced, also where another of theirs was changed by hand", async () => {
    const program = host.file();
    await program.up(host.args({ path: path("etc/program") }));
    const foreign = await changedByHand();
    docker({ name: "registry", sources: [path("etc/program"), path("etc/file")] });
    expect(await program.up(host.args({ path: path("etc/program"), content: "new" }))).toBe("update");
    expect(await foreign.up(host.args())).toBe("update");
    expect(readFileSync(path("etc/file"), "utf8")).toBe("text\n");
    expect(restarts()).toEqual([]);
  });

  test("nor does one that the program changes after somebody did", async () => {
    const stack = await changedByHand();
    docker({ name: "registry", sources: [path("etc/file")] });
    expect(await stack.up(host.args({ content: "new" }))).toBe("update");
    expect(restarts()).toEqual([]);
    expect(stack.outs).not.toHaveProperty("written");
  });

  test("a mode or an owner is set right in the file that the containers have, and nothing starts", async () => {
    const stack = host.file();
    await stack.up(host.args());
    docker({ name: "registry", sources: [path("etc/file")] });
    const inode = await host.sandbox.run(`stat -c %i ${path("etc/file")}; chmod 0666 ${path("etc/file")}`);
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(host.args())).toBe("update");
    const { stdout } = await host.sandbox.run(`stat -c '%i\n%a' ${path("etc/file")}`);
    expect(stdout).toBe(`${inode.stdout}644\n`);
    expect(restarts()).toEqual([]);
  });

  test("a new file in a folder that a container watches starts nothing", async () => {
    docker({ name: "traefik", sources: [path("etc")], startedAt: new Date(Date.now() + 10_000).toISOString() });
    mkdirSync(path("etc"));
    expect(await host.file().up(host.args())).toBe("create");
    expect(restarts()).toEqual([]);
  });

  test("Reliability: what read a foreign file in a folder when it started, starts again", async () => {
    const stack = await changedByHand();
    docker(
      { name: "since", sources: [path("etc")], startedAt: new Date(Date.now() + 10_000).toISOString() },
      { name: "before", sources: [path("etc")] },
    );
    await stack.up(host.args());
    expect(restarts()).toEqual(["id0"]);
  });

  test("Reliability: a folder that was removed by hand and is made again is mounted anew, with a file in it or without", async () => {
    const [file, directory] = [host.file(), host.directory()];
    await file.up(host.args());
    await directory.up({ path: path("srv/data/db"), owner: me });
    for (const folder of ["etc", "srv"]) rmSync(path(folder), { recursive: true });
    docker({ name: "database", sources: [path("srv/data/db")] }, { name: "traefik", sources: [path("etc")] });
    expect(await file.refresh()).toBe(false);
    expect(await directory.refresh()).toBe(false);
    await file.up(host.args());
    await directory.up({ path: path("srv/data/db"), owner: me });
    expect(restarts()).toEqual(["id1", "id0"]);
  });

  test("Reliability: one that is killed before the containers start again is made up for by the next update, and a refresh keeps it", async () => {
    const stack = await changedByHand();
    writeFileSync(path("etc/file"), "text\n"); // what the one that was killed had written
    expect(await stack.refresh()).toBe(true);
    docker({ name: "registry", sources: [path("etc/file")] });
    expect(await stack.up(host.args())).toBe("update");
    expect(restarts()).toEqual(["id0"]);
    expect(await stack.up(host.args())).toBe("same");
  });

  test.each([
    ["healthy", ["starting", "starting", "healthy"], []],
    ["unhealthy", ["starting", "unhealthy"], ["unhealthy"]],
    ["starting for ever", ["starting"], ["starting"]],
  ])("Reliability: it waits until a container is %s, and says what is not well", async (_what, health, warned) => {
    if (health.length === 1) restarting.longest = 100;
    const stack = await changedByHand();
    docker({ name: "registry", sources: [path("etc/file")], health });
    await stack.up(host.args());
    expect(told.slice(1)).toEqual(
      warned.map((word) => `warning: registry is ${word} after its restart. See its log: docker logs registry`),
    );
    const last = JSON.stringify(health.at(-1));
    expect(readFileSync(path("id0.looks"), "utf8").split("\n")[0]).toContain(`"Health":{"Status":${last}}`);
  });

  test("a machine without Docker has nothing that runs", async () => {
    const programs = "sh id stat timeout mkdir mktemp cat chown chmod mv rm";
    const links = `for name in ${programs}; do ln -s "$(command -v $name)" ${path("bin")}; done`;
    await host.sandbox.run(`mkdir ${path("bin")}; cp ${path("sudo")} ${path("bin")}; ${links}`);
    host.server.greeting = `PATH=${path("bin")}`;
    expect(await host.file().up(host.args())).toBe("create");
    expect(readFileSync(path("etc/file"), "utf8")).toBe("text\n");
    expect(host.server.commands.at(-1)?.text).toContain("docker ps");
  });

  test("Reliability: a Docker that refuses it is an error, after which the next update tries again", async () => {
    const stack = await changedByHand();
    writeFileSync(path("docker"), "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n");
    await expect(stack.up(host.args())).rejects.toThrow(
      `Cannot look for the containers of "${path("etc/file")}" in machine 127.0.0.1 (status 1): Cannot connect to the Docker ` +
        "daemon. See there why Docker refuses it (systemctl status docker), and restart what mounts it by hand.",
    );
    docker({ name: "registry", sources: [path("etc/file")] });
    expect(await stack.up(host.args())).toBe("update");
    expect(restarts()).toEqual(["id0"]);
  });
});

describe("the folders above a file", () => {
  test.each([
    ["closed", "chmod 0700", "700"],
    ["opened", "chmod 0777", "777"],
    ["given special bits", "chmod 02755", "2755"],
  ])("EF-005: one that was %s is found, and set right", async (_what, change, found) => {
    const stack = host.file();
    await stack.up(host.args({ path: path("etc/routes/file") }));
    docker({ name: "traefik", sources: [path("etc/routes")] });
    await host.sandbox.run(`${change} ${path("etc")}`);
    expect(await stack.refresh()).toBe(true);
    expect(stack.outs.folders).toBe(`${path("etc")} is ${me} ${found}, not ${me} 755`);
    expect(await stack.up(host.args({ path: path("etc/routes/file") }))).toBe("update");
    expect((await host.sandbox.run(`stat -c %a ${path("etc")}`)).stdout).toBe("755\n");
    expect(await stack.refresh()).toBe(true);
    expect(stack.outs).not.toHaveProperty("folders");
    expect(await stack.up(host.args({ path: path("etc/routes/file") }))).toBe("same");
    expect(restarts()).toEqual([]);
  });

  test("EF-005: one in whose place a link is, is found and left to who made it", async () => {
    const stack = host.file();
    await stack.up(host.args());
    renameSync(path("etc"), path("elsewhere"));
    await host.sandbox.run(`ln -s elsewhere ${path("etc")}`);
    const refusal = `"${path("etc/file")}" in machine 127.0.0.1 (status 40): ${path("etc")} is a link, which is not followed.`;
    await expect(stack.refresh()).rejects.toThrow(`Cannot read file ${refusal}`);
    await expect(host.file().up(host.args())).rejects.toThrow(`Cannot create file ${refusal}`);
  });

  test("a file where a folder belongs is named, and left", async () => {
    writeFileSync(path("etc"), "notes");
    const remedy = "Nothing of it was deleted: move it away, then run the update again.";
    await expect(host.file().up(host.args())).rejects.toThrow(
      `Cannot create file "${path("etc/file")}" in machine 127.0.0.1 (status 20): ${path("etc")} is no folder. ${remedy}`,
    );
    await expect(host.directory().up({ path: path("etc"), owner: me })).rejects.toThrow(
      `Cannot create folder "${path("etc")}" in machine 127.0.0.1 (status 20): ${path("etc")} is something else than a ` +
        `folder. ${remedy}`,
    );
    expect(readFileSync(path("etc"), "utf8")).toBe("notes");
  });
});
