import { createPrivateKey, X509Certificate } from "node:crypto";

import { Refusal } from "../../../kit/refusal";
import type { Row } from "../../../kit/rows";
import { type Collection, routesOf, rowOf } from "../collection";
import { type Context, ok, type Route } from "../context";
import { invalid } from "../errors";

const keypairs: Collection = {
  path: "/crypto/certificatekeypairs/",
  id: "kp_uuid",
  table: "keypairs",
  model: "Certificate-Key Pair",
  label: "authentik_crypto.certificatekeypair",
  unique: { name: "Certificate-Key Pair with this name already exists." },
  filters: {
    has_key: (row, value, { objects }) => (objects.hidden.keyData[row.pk] !== undefined) === (value === "true"),
    key_type: (row, value, { objects }) => keyType(objects.hidden.keyData[row.pk]) === value,
  },
  defaults: () => ({ managed: null }),
  validate({ certificate_data, key_data }) {
    if (certificate_data !== undefined && !certificateOf(certificate_data)) {
      throw invalid("certificate_data", "Unable to load certificate.");
    }
    if (key_data && !keyType(key_data)) throw invalid("key_data", "Unable to load private key.");
  },
  write(row, { key_data, ...body }, { objects }) {
    Object.assign(row, body);
    if (key_data) objects.hidden.keyData[row.pk] = key_data;
    else if (key_data === "") delete objects.hidden.keyData[row.pk];
  },
  removed: ({ pk }, { objects }) => void delete objects.hidden.keyData[pk],
  shown(row, { objects }) {
    const certificate = certificateOf(row.certificate_data);
    const key = objects.hidden.keyData[row.pk];
    const download = `/api/v3/crypto/certificatekeypairs/${row.pk}`;
    return {
      fingerprint_sha256: certificate?.fingerprint256.toLowerCase() ?? null,
      fingerprint_sha1: certificate?.fingerprint.toLowerCase() ?? null,
      cert_expiry: certificate ? new Date(certificate.validTo).toISOString() : null,
      cert_subject: certificate?.subject.split("\n").reverse().join(",") ?? null,
      private_key_available: key !== undefined,
      key_type: keyType(key) ?? null,
      certificate_download_url: `${download}/view_certificate/?download`,
      private_key_download_url: `${download}/view_private_key/?download`,
    };
  },
};

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function keyType(pem: string | undefined): string | undefined {
  if (pem === undefined) return undefined;
  try {
    return createPrivateKey(pem).asymmetricKeyType;
  } catch {
    return undefined;
  }
}

function viewKey(context: Context): Row {
  const { objects, user, request } = context;
  const row = rowOf(keypairs, context);
  const data = objects.hidden.keyData[row.pk];
  if (data === undefined) throw new Refusal(404, { detail: "Not found." });
  objects.record("secret_view", user, { secret: { pk: row.pk, name: row.name } }, request.ip ?? null);
  return { data };
}

export const keypairRoutes: Route[] = [
  ...routesOf(keypairs),
  {
    method: "GET",
    path: "/crypto/certificatekeypairs/{kp_uuid}/view_certificate/",
    handle: (context) => ok({ data: rowOf(keypairs, context).certificate_data }),
  },
  {
    method: "GET",
    path: "/crypto/certificatekeypairs/{kp_uuid}/view_private_key/",
    handle: (context) => ok(viewKey(context)),
  },
];
