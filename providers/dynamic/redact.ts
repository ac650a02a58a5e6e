const secretKey = /secret|password|auth_header|access_key|key_data|token$|^key$/i;

/** A function that takes secrets out of a text: the given ones, and those in the body of a request. */
export function redactor(secrets: readonly string[], body?: unknown): (text: string) => string {
  const found = [...secrets, ...secretsIn(body)].filter((secret) => secret.length > 2);
  const forms = found.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return (text) => longestFirst.reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text);
}

function secretsIn(value: unknown): string[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, part]) =>
    typeof part === "string" ? (secretKey.test(key) ? [part] : []) : secretsIn(part),
  );
}
