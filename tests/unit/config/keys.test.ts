import { parseConfig } from "../../../config";
import { homelab, problems, problemsOf, secretKeys } from "../../helpers/unit/config-fixture";

describe("keys", () => {
  test("an unknown section is refused, with the one that was meant", () => {
    expect(problemsOf({ ...homelab(), "homelab:toolngVm": {} })).toEqual([
      "homelab:toolngVm: unknown key; did you mean homelab:toolingVm?",
    ]);
  });

  test("an unknown key like no other is refused, with the command that removes it", () => {
    expect(problems({ "services.1.colour": "red" })).toEqual([
      "homelab:services[1].colour: unknown key; remove it: npm run pulumi -- config rm --path 'homelab:services[1].colour' --stack homelab " +
        "(known here: name, upstream, upstreamCa, auth, groups, redirectUris, host, description)",
    ]);
  });

  test("a misspelt key is told once, and what hangs on it is judged as it was meant", () => {
    const { "homelab:toolingVm": toolingVm, "homelab:services": services, ...rest } = homelab();
    const block = { ...(toolingVm as object), memory: "6 GB" };
    const misspelt = { ...rest, "homelab:toolngVm": block, "homelab:servces": services };
    expect(problemsOf(misspelt)).toEqual([
      "homelab:toolngVm: unknown key; did you mean homelab:toolingVm?",
      "homelab:servces: unknown key; did you mean homelab:services?",
      'homelab:toolingVm.memory: "6 GB" is not an amount of memory in whole MiB, from 16 MiB to 4 TiB; write it like 6 GiB',
    ]);
    expect(problemsOf(misspelt, [...secretKeys, "homelab:toolngVm"])[2]).toContain("the secret value is not an amount");
    expect(problems({ grafanaPassword: undefined, grafanaPasword: "hush" })).toEqual([
      "homelab:grafanaPasword: unknown key; did you mean homelab:grafanaPassword?",
    ]);
    expect(problems({ "services.1.groups": undefined, "services.1.grops": ["admins"] })).toEqual([
      "homelab:services[1].grops: unknown key; did you mean homelab:services[1].groups?",
    ]);
  });

  test.each(["toString", "__proto__"])("no key is known by chance: %s", (key) => {
    const settings = Object.fromEntries([...Object.entries(homelab()), [`homelab:${key}`, "1"]]);
    expect(problemsOf(settings)).toEqual([expect.stringContaining(`homelab:${key}: unknown key; remove it: npm run`)]);
  });

  test("nor is one known that every object has from birth, or one that would break the line", () => {
    const keys = ["__proto__", "constructor", "toString", "a\nb", 'a"b'];
    const images = JSON.parse(`{${keys.map((key) => `${JSON.stringify(key)}:1`).join()}}`) as object;
    const shown = ["images.__proto__", "images.constructor", "images.toString", 'images["a\\nb"]', 'images["a\\"b"]'];
    expect(problems({ images }).map((line) => line.split(": unknown key; remove it: npm run")[0])).toEqual(
      shown.map((key) => `homelab:${key}`),
    );
    expect(problemsOf({ ...homelab(), "homelab:a\nb": {} })[0]).toMatch(/^homelab:"a\\nb": unknown key; /);
  });

  test("the lab's config is changed where npm start reads it", () => {
    const read = (): unknown =>
      parseConfig({ "homelab:color": "red" }, { secretKeys, project: "homelab", stack: "lab" });
    expect(read).toThrow("homelab:color: unknown key; remove it in Pulumi.lab.yaml (known here: domain, ");
    expect(read).toThrow("homelab:proxmox.node: missing; set it in Pulumi.lab.yaml\n");
    expect(read).toThrow("cores; if none does, set it to [] in Pulumi.lab.yaml\n");
  });

  test("what is no list is told once, with how one is written", () => {
    const list = 'is not a list; write it in brackets, [one, two], or each entry on a line of its own after "- "';
    expect(problems({ "services.1.groups": "admins", "network.dns": "192.168.1.1" })).toEqual([
      `homelab:network.dns: "192.168.1.1" ${list}`,
      `homelab:services[1].groups: "admins" ${list}`,
    ]);
    const app = { name: "wiki", upstream: "http://192.168.1.70:80", auth: "oidc", groups: ["family"] };
    expect(problems({ "services.4": { ...app, redirectUris: "https://wiki.home.arpa/callback" } })).toEqual([
      `homelab:services[4].redirectUris: "https://wiki.home.arpa/callback" ${list}`,
    ]);
  });

  test("a service must say who asks for its login", () => {
    expect(problems({ "services.0.auth": undefined, "services.1.auth": "ldap" })).toEqual([
      "homelab:services[0].auth: missing; set it: npm run pulumi -- config set --path 'homelab:services[0].auth' oidc --stack homelab",
      'homelab:services[1].auth: "ldap" is not one of oidc, proxy, native, none; write it like oidc',
    ]);
  });
});
