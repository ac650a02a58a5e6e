import type { Upload } from "./lab";
import { parameterErrors } from "./errors";

/** What a request carries besides its path. */
export interface Body {
  readonly parameters: Readonly<Record<string, string>>;
  readonly upload?: Upload;
}

/** Reads a form, JSON, or a form with a file. */
export function parseBody(contentType: string, body: Buffer): Body {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary !== undefined) return parseMultipart(body, boundary);
  const text = body.toString("utf8");
  if (/^application\/json/i.test(contentType)) return { parameters: parseJson(text) };
  return { parameters: parseForm(new URLSearchParams(text)) };
}

/** Parameters of a form or a query; several values of one name form a list. */
export function parseForm(form: URLSearchParams): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const name of new Set(form.keys())) parameters[name] = form.getAll(name).join(",");
  return parameters;
}

function parseJson(text: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw parameterErrors({ body: "malformed JSON" });
  }
  if (typeof parsed !== "object" || parsed === null) throw parameterErrors({ body: "malformed JSON" });
  const plain = (value: unknown): string => (typeof value === "boolean" ? (value ? "1" : "0") : String(value));
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, plain(value)]));
}

function parseMultipart(body: Buffer, boundary: string): Body {
  const parameters: Record<string, string> = {};
  let upload: Upload | undefined;
  const separator = Buffer.from(`--${boundary}`);
  let start = body.indexOf(separator);
  while (start >= 0) {
    const end = body.indexOf(separator, start + separator.length);
    if (end < 0) break;
    const part = body.subarray(start + separator.length + 2, end - 2);
    const gap = part.indexOf("\r\n\r\n");
    const header = part.subarray(0, Math.max(gap, 0)).toString("utf8");
    const content = part.subarray(gap + 4);
    const name = /\bname="([^"]*)"/.exec(header)?.[1] ?? "";
    const filename = /filename="([^"]*)"/.exec(header)?.[1];
    if (filename === undefined) parameters[name] = content.toString("utf8");
    else upload = { filename, content };
    start = end;
  }
  return upload === undefined ? { parameters } : { parameters: { filename: upload.filename, ...parameters }, upload };
}
