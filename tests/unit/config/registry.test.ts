import { problems } from "../../helpers/unit/config-fixture";

describe("the registry", () => {
  test("EF-010: fits the VM's disk, with 12 GiB for everything else", () => {
    expect(problems({ registry: { disk: "51 GiB" } })).toEqual([
      'homelab:registry.disk: "51 GiB" is more than homelab:toolingVm.disk 62 GiB less 12 GiB for everything else; ' +
        "enlarge the VM's disk",
    ]);
    expect(problems({ registry: { disk: "100 GiB", quota: "80 GiB" }, "toolingVm.disk": "112 GiB" })).toEqual([]);
  });

  test("EC-6: a quota leaves a fifth of the disk for what is deleted but not freed yet", () => {
    expect(problems({ registry: { quota: "41 GiB" } })).toEqual([
      'homelab:registry.quota: "41 GiB" is more than 80 % of homelab:registry.disk 50 GiB, which leaves room for what ' +
        "is deleted but not freed yet; lower quotas or enlarge the disk",
    ]);
    const caches = [{ name: "hub", source: "docker-hub", quota: "6 GiB" }];
    expect(problems({ registry: { quota: "35 GiB", caches } })).toEqual([
      'homelab:registry.quota: "35 GiB" and the caches\' quotas are 41 GiB together, more than 80 % of ' +
        "homelab:registry.disk 50 GiB, which leaves room for what is deleted but not freed yet; lower quotas or enlarge " +
        "the disk",
    ]);
    expect(problems({ registry: { quota: "34 GiB", caches } })).toEqual([]);
  });

  test("EF-009: keeps something", () => {
    expect(problems({ registry: { keepTags: 0 } })).toEqual([
      "homelab:registry.keepTags: 0 is not a whole number from 1 to 1000; write it like 10",
    ]);
  });

  test("H6: a quota of nothing, and a login that ends at once", () => {
    expect(problems({ registry: { quota: "0 GiB", robotLifetime: "0 days" } })).toEqual([
      'homelab:registry.quota: "0 GiB" is not an amount of space; write it like 40 GiB',
      'homelab:registry.robotLifetime: "0 days" is not a number of days, or "never"; write it like 365 days',
    ]);
  });

  test("H6: a schedule that never comes", () => {
    expect(problems({ registry: { schedule: { retention: "0 0 2 31 2 *" } } })).toEqual([
      'homelab:registry.schedule.retention: "0 0 2 31 2 *" never comes: month 2 has no day 31; choose a day that there ' +
        'is, as in "0 30 3 * * *" for 03:30 UTC every day',
    ]);
  });

  test("a schedule with 5 fields, and one that is no schedule", () => {
    expect(problems({ registry: { schedule: { scan: "0 4 * * *", garbageCollection: "weekly" } } })).toEqual([
      'homelab:registry.schedule.garbageCollection: "weekly" needs 6 fields, second to day of week, as in ' +
        '"0 30 3 * * *" for 03:30 UTC every day',
      'homelab:registry.schedule.scan: "0 4 * * *" has 5 fields; put the second, 0, in front: "0 0 4 * * *"',
    ]);
  });

  test("names that Harbor refuses, has itself, or gets twice", () => {
    const rule = "lower-case letters and digits, separated by one of . _ -";
    expect(problems({ registry: { project: "My_Images" } })).toEqual([
      `homelab:registry.project: "My_Images" is not a name of Harbor's (${rule}); write it like homelab`,
    ]);
    const caches = ["homelab", "library"].map((name) => ({ name, source: "ghcr", quota: "1 MiB" }));
    expect(problems({ registry: { quota: "1 GiB", caches } })).toEqual([
      'homelab:registry.caches[0].name: "homelab" is the name of homelab:registry.project too; choose another',
      'homelab:registry.caches[1].name: "library" is a project of Harbor\'s own, which stays closed; choose another name',
    ]);
  });

  test("a source that nobody knows, and a life that is none", () => {
    expect(
      problems({ registry: { quota: "9 GiB", caches: [{ name: "x", source: "gitlab" }], robotLifetime: "1y" } }),
    ).toEqual([
      'homelab:registry.robotLifetime: "1y" is not a number of days, or "never"; write it like 365 days',
      'homelab:registry.caches[0].source: "gitlab" is not one of docker-hub, ghcr, quay, k8s; write it like docker-hub',
    ]);
  });
});
