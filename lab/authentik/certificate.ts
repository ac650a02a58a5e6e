import { createHash, generateKeyPairSync, sign } from "node:crypto";

/** A value of ASN.1 in its binary form: its kind, its length, what it is made of. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const hex = content.length.toString(16);
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

const [integer, bits, oid, utf8, utcTime, sequence, set] = [0x02, 0x03, 0x06, 0x0c, 0x17, 0x30, 0x31] as const;
const sha256WithRsa = der(sequence, der(oid, Buffer.from("2a864886f70d01010b", "hex")), der(0x05));

const name = (commonName: string): Buffer =>
  der(sequence, der(set, der(sequence, der(oid, Buffer.from("550403", "hex")), der(utf8, Buffer.from(commonName)))));

const time = (date: Date): Buffer =>
  der(utcTime, Buffer.from(`${date.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));

/** An RSA key with a certificate that it signs itself, good for a year. Both PEM. */
export function selfSigned(commonName: string, now: number): { certificate: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const spki = publicKey.export({ type: "spki", format: "der" });
  const serial = createHash("sha256").update(spki).digest().subarray(0, 8);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x01;
  const toBeSigned = der(
    sequence,
    der(integer, serial),
    sha256WithRsa,
    name(commonName),
    der(sequence, time(new Date(now - 60_000)), time(new Date(now + 365 * 86_400_000))),
    name(commonName),
    spki,
  );
  const signature = der(bits, Buffer.from([0]), sign("sha256", toBeSigned, privateKey));
  const encoded = der(sequence, toBeSigned, sha256WithRsa, signature).toString("base64");
  const lines = encoded.match(/.{1,64}/g)?.join("\n") ?? "";
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
