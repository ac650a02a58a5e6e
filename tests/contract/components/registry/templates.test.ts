import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { coreEnvironment } from "../../../../components/registry/workloads/core";
import { exporterEnvironment } from "../../../../components/registry/workloads/exporter";
import { jobserviceConfig, jobserviceEnvironment } from "../../../../components/registry/workloads/jobservice";
import { controllerConfig, registryConfig } from "../../../../components/registry/workloads/storage";
import { trivyEnvironment } from "../../../../components/registry/workloads/trivy";
import { officialHarbor, officialTest } from "../../../helpers/contract/harbor-description";

const template = (path: string): string =>
  readFileSync(join(officialHarbor(), "make/photon/prepare/templates", `${path}.jinja`), "utf8");

/** Names of the variables in a template. */
const variables = (path: string): string[] => [
  ...new Set([...template(path).matchAll(/^([A-Z_]+)=/gm)].map(([, name = ""]) => name)),
];

/** What is for things that are not used here: TLS inside, traces, proxies, a cache, UAA. */
const unused =
  /^(INTERNAL_|TRACE_|(HTTPS?|NO)_PROXY|CACHE_|_REDIS_URL_(HARBOR|CACHE_LAYER)|UAA_|QUOTA_UPDATE_PROVIDER|SCANNER_API_SERVER|RELOAD_KEY)/;

const inFiles = {
  core: [
    ...["CORE_SECRET", "CSRF_KEY", "HARBOR_ADMIN_PASSWORD", "JOBSERVICE_SECRET", "POSTGRESQL_PASSWORD"],
    ...["REGISTRY_CREDENTIAL_PASSWORD", "ROBOT_SCANNER_NAME_PREFIX", "TOKEN_SERVICE_URL"],
    ...["_REDIS_URL_CORE", "_REDIS_URL_REG"],
  ],
  jobservice: ["CORE_SECRET", "JOBSERVICE_SECRET", "REGISTRY_CREDENTIAL_PASSWORD", "_REDIS_URL_CORE"],
  exporter: ["HARBOR_DATABASE_PASSWORD", "HARBOR_REDIS_URL"],
  // Read by older versions; left to Trivy's own list of mirrors; and a login for GitHub that nobody needs.
  "trivy-adapter": [
    "SCANNER_REDIS_URL",
    ...["SCANNER_STORE_REDIS_URL", "SCANNER_JOB_QUEUE_REDIS_URL", "SCANNER_TRIVY_DB_REPOSITORY"],
    ...["SCANNER_TRIVY_JAVA_DB_REPOSITORY", "SCANNER_TRIVY_GITHUB_TOKEN"],
  ],
};

officialTest.each([
  ["core", coreEnvironment("https://registry.home.arpa")],
  ["jobservice", jobserviceEnvironment],
  ["exporter", exporterEnvironment],
  ["trivy-adapter", trivyEnvironment],
] as const)("EF-006: %s gets every variable that Harbor's own installer gives it", (part, environment) => {
  const expected = variables(`${part}/env`).filter((name) => !unused.test(name));
  expect(expected.length).toBeGreaterThan(5);
  const given = [...Object.keys(environment), ...inFiles[part]];
  expect(expected.filter((name) => !given.includes(name))).toEqual([]);
});

/** `storage.cache.layerinfo` for each setting in a YAML text. */
function settings(text: string): string[] {
  const walk = (value: unknown, path: string): string[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => walk(inner, `${path}${Array.isArray(value) ? "" : `.${key}`}`))
      : [path.slice(1)];
  return [...new Set(walk(parse(text), ""))].sort();
}

/** A template as the installer fills it in with metrics and without TLS inside: the branches it takes, with words for values. */
function filled(path: string): string {
  const lines: string[] = [];
  const taken: boolean[] = [];
  for (const line of template(path).split("\n")) {
    const tag = /{%\s*(if|else|endif|for|endfor)\b(.*?)%}/.exec(line);
    if (tag?.[1] === "if") taken.push(!/internal_tls|sentinel|DB|STD_OUTPUT/.test(tag[2] ?? ""));
    else if (tag?.[1] === "else") taken.push(!taken.pop());
    else if (tag?.[1] === "endif") taken.pop();
    else if (!tag && taken.every(Boolean)) lines.push(line.replaceAll(/{{.*?}}/g, "x"));
  }
  return lines.join("\n");
}

/** What each configuration has that the template hasn't, and the other way round. */
const differences = (ours: string, official: string) => {
  const [mine, theirs] = [settings(ours), settings(official)];
  return {
    more: mine.filter((key) => !theirs.includes(key)),
    less: theirs.filter((key) => !mine.includes(key)),
  };
};

officialTest("EF-006: the registry's configuration has the settings of Harbor's own installer", () => {
  const official = filled("registry/config.yml").replace(/^ {2}x$/m, "  filesystem:\n    rootdirectory: x");
  expect(differences(registryConfig("x"), official)).toEqual({
    more: ["http.relativeurls"],
    // The secret is in the environment; the store knows the registry by the password alone, and has no TLS.
    less: ["http.secret", "redis.enableTLS", "redis.username"],
  });
});

officialTest(
  "EF-009: jobservice's and registryctl's configurations have the settings of Harbor's own installer",
  () => {
    expect(differences(jobserviceConfig("x"), filled("jobservice/config.yml"))).toEqual({ more: [], less: [] });
    expect(differences(controllerConfig(), filled("registryctl/config.yml"))).toEqual({ more: [], less: [] });
  },
);
