import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Exchange } from "../unit/grafana-api";

const client = {
  module: "github.com/grafana/grafana-openapi-client-go@v0.0.0-20260330113218-ee77c4f6f90e",
  sum: "h1:P/SerquhsX/4a3kreHR5mrJmohlWRqaxei/ZUSA6zkA=",
};

/** An operation as Grafana's own client has it: the models are those of the body and of the good answer. */
interface Operation {
  method: string;
  pattern: RegExp;
  /** The file with the operation's answers. */
  file: string;
  body?: string;
  answer?: string;
}

const operations: Operation[] = [
  {
    method: "GET",
    pattern: /^\/api\/v1\/sso-settings\/[^/]+$/,
    file: "sso_settings/get_provider_settings",
    answer: "GetProviderSettingsOKBody",
  },
  {
    method: "PUT",
    pattern: /^\/api\/v1\/sso-settings\/[^/]+$/,
    file: "sso_settings/update_provider_settings",
    body: "UpdateProviderSettingsParamsBody",
  },
  { method: "DELETE", pattern: /^\/api\/v1\/sso-settings\/[^/]+$/, file: "sso_settings/remove_provider_settings" },
  {
    method: "GET",
    pattern: /^\/api\/v1\/sso-settings$/,
    file: "sso_settings/list_all_providers_settings",
    answer: "ListAllProvidersSettingsOKBodyItems",
  },
  { method: "GET", pattern: /^\/api\/user$/, file: "signed_in_user/get_signed_in_user", answer: "UserProfileDTO" },
  {
    method: "GET",
    pattern: /^\/api\/user\/orgs$/,
    file: "signed_in_user/get_signed_in_user_org_list",
    answer: "UserOrgDTO",
  },
];

/** What newer versions have in an error beside what is described. */
const inErrors = ["messageId", "statusCode", "traceID"];

/** Grafana's description of its API, as its own client for Go has it: paths, statuses, models. */
export class GrafanaDescription {
  private readonly models: string;

  private constructor(private readonly folder: string) {
    const files = readdirSync(join(folder, "models")).filter((name) => name.endsWith(".go"));
    this.models = files.map((name) => readFileSync(join(folder, "models", name), "utf8")).join("\n");
  }

  /** Downloads what the module cache does not have, and checks that it is what it was when this was written. */
  static load(): GrafanaDescription {
    return new GrafanaDescription(download(client.module, client.sum));
  }

  /** What is wrong with a request and its answer; nothing where both are as described. */
  problems({ method, path, body, status, answer }: Exchange): string[] {
    const operation = operations.find((each) => each.method === method && each.pattern.test(path));
    if (!operation) return [`${method} ${path} is none of the operations`];
    const answers = readFileSync(join(this.folder, "client", `${operation.file}_responses.go`), "utf8");
    const found = [
      ...(answers.includes(`\tcase ${status}:`) ? [] : [`answers ${status}, which is not described`]),
      ...(operation.body === undefined ? [] : this.check(operation.body, body, "body")),
      ...(status >= 400 ? this.check("ErrorResponseBody", answer, "answer", inErrors) : []),
      ...(status < 400 && operation.answer !== undefined ? this.checkAnswer(operation.answer, answer) : []),
      ...(status < 400 && operation.answer === undefined && answer !== undefined ? ["answers with a body"] : []),
    ];
    return found.map((problem) => `${method} ${path}: ${problem}`);
  }

  private checkAnswer(model: string, answer: unknown): string[] {
    const all = Array.isArray(answer) ? (answer as unknown[]) : [answer];
    return all.flatMap((each) => this.check(model, each, "answer"));
  }

  private check(model: string, value: unknown, at: string, others: readonly string[] = []): string[] {
    const fields = this.fieldsOf(model);
    if (typeof value !== "object" || value === null) return [`${at} is no object`];
    return Object.entries(value).flatMap(([name, inner]) => {
      if (others.includes(name)) return [];
      const type = fields.get(name);
      if (type === undefined) return [`${at}.${name} is not in ${model}`];
      return fits(type, inner) ? [] : [`${at}.${name} is no ${type}: ${JSON.stringify(inner)}`];
    });
  }

  /** The types in Go by the names in JSON. */
  private fieldsOf(model: string): Map<string, string> {
    const [, content] = new RegExp(`^type ${model} struct \\{\\n(.*?)^\\}`, "ms").exec(this.models) ?? [];
    if (content === undefined) throw new Error(`Grafana's client has no model ${model}`);
    const lines = [...content.matchAll(/^\t\w+ (\S+) `json:"(\w+)(?:,omitempty)?"`$/gm)];
    return new Map(lines.map(([, type = "", name = ""]) => [name, type]));
  }
}

function fits(type: string, value: unknown): boolean {
  if (type === "string" || type === "*string") return typeof value === "string";
  if (type === "int64") return Number.isInteger(value);
  if (type === "bool") return typeof value === "boolean";
  if (type === "[]string") return Array.isArray(value) && value.every((each) => typeof each === "string");
  return type === "interface{}" && typeof value === "object";
}

/** The folder of a Go module. */
function download(module: string, sum: string): string {
  const folder = mkdtempSync(join(tmpdir(), "homelab-grafana-client-"));
  try {
    const env = { ...process.env, GOFLAGS: "-mod=mod" };
    const output = execFileSync("go", ["mod", "download", "-json", module], { cwd: folder, env, encoding: "utf8" });
    const { Dir, Sum } = JSON.parse(output) as { Dir: string; Sum: string };
    if (Sum !== sum) throw new Error(`${module} is ${Sum}, expected ${sum}`);
    return Dir;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** An expression and the claims to evaluate it with. */
export interface Question {
  expression: string;
  claims: object;
}

/** What the JMESPath library that Grafana is built with gives: a text, or nothing. */
export function askJmespath(questions: readonly Question[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "homelab-jmespath-"));
  try {
    for (const [name, content] of Object.entries(program)) writeFileSync(join(folder, name), content);
    const input = JSON.stringify(questions);
    const output = execFileSync("go", ["run", "."], { cwd: folder, input, encoding: "utf8" });
    return JSON.parse(output) as string[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A text that is nothing, an error, and a value of another type are the same to Grafana. */
const program = {
  "main.go": `package main

import (
	"encoding/json"
	"os"

	"github.com/jmespath-community/go-jmespath"
)

func main() {
	var questions []struct {
		Expression string
		Claims     any
	}
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		panic(err)
	}
	answers := make([]string, len(questions))
	for i, question := range questions {
		if value, err := jmespath.Search(question.Expression, question.Claims); err == nil {
			answers[i], _ = value.(string)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
`,
  "go.mod": `module homelab.test/expressions

go 1.21

require github.com/jmespath-community/go-jmespath v1.1.1

require golang.org/x/exp v0.0.0-20230314191032-db074128a8ec // indirect
`,
  "go.sum": `github.com/jmespath-community/go-jmespath v1.1.1 h1:bFikPhsi/FdmlZhVgSCd2jj1e7G/rw+zyQfyg5UF+L4=
github.com/jmespath-community/go-jmespath v1.1.1/go.mod h1:4gOyFJsR/Gk+05RgTKYrifT7tBPWD8Lubtb5jRrfy9I=
golang.org/x/exp v0.0.0-20230314191032-db074128a8ec h1:pAv+d8BM2JNnNctsLJ6nnZ6NqXT8N4+eauvZSb3P0I0=
golang.org/x/exp v0.0.0-20230314191032-db074128a8ec/go.mod h1:CxIveKay+FTh1D0yPZemJVgC/95VzuuOLq5Qi4xnoYc=
`,
};
