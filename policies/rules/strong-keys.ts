import { resourcePolicy } from "../policy";
import { at, unknown, type Value } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "strong-keys",
  level: "mandatory",
  summary: "Keys and passwords are too long to be guessed.",
  doc: `Whoever guesses a key is its owner. A \`tls.PrivateKey\` is ED25519, ECDSA on P256, P384 or P521 (the provider's own
choice is P224), or RSA of 3072 bits at least (its choice is 2048; BSI TR-02102-1 asks for 3000). A \`random.RandomPassword\` has
16 characters at least (Harbor's keys have no more), of small and capital letters and digits, of each kind one for certain and not
more: 95 bits. A machine of \`homelab:hosts\` is known by a key of these kinds and lengths (\`hostKey\`), or another machine could
pose as it. What isn't known before the update is judged during it, before the key is made.`,
  requirements: ["EF-005"],
  settings: {},
  types: [types.privateKey, types.randomPassword, types.sshHost],
  judge({ type, inputs }, _settings, violation) {
    const made = type === types.privateKey ? keyProblems(inputs) : passwordProblems(inputs);
    const problems = type === types.sshHost ? hostKeyProblems(inputs) : made;
    problems.forEach(violation);
  },
});

const curves: readonly Value[] = ["P256", "P384", "P521", unknown];
const fewestBits = 3072;
const fewestCharacters = 16;

function keyProblems(inputs: Value): readonly string[] {
  const [algorithm, curve, bits] = ["algorithm", "ecdsaCurve", "rsaBits"].map((each) => at(inputs, each));
  switch (algorithm) {
    case unknown:
    case "ED25519":
      return [];
    case "ECDSA":
      return curves.includes(curve) ? [] : [`its curve is ${shown(curve)}; set \`ecdsaCurve\` to P256, P384 or P521`];
    case "RSA":
      return bits === unknown || Number(bits) >= fewestBits
        ? []
        : [`its length in bits is ${shown(bits)}; set \`rsaBits\` to ${fewestBits} at least`];
    default:
      return [`its algorithm is ${shown(algorithm)}; set \`algorithm\` to ED25519, ECDSA or RSA`];
  }
}

/** A public key as OpenSSH writes it. A machine that is left out of this run has no inputs. */
function hostKeyProblems(inputs: Value): readonly string[] {
  const key = at(inputs, "host", "hostKey");
  if (key === unknown || at(inputs, "host") === undefined) return [];
  const [, kind, data = ""] = /^(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa) (\S+)$/.exec(String(key)) ?? [];
  const remedy = "take the machine's ED25519 key, /etc/ssh/ssh_host_ed25519_key.pub";
  if (kind === undefined) return [`its \`hostKey\` is no key of ED25519, ECDSA or RSA; ${remedy}`];
  const bits = kind === "ssh-rsa" ? modulusBits(Buffer.from(data, "base64")) : Infinity;
  return bits >= fewestBits ? [] : [`its \`hostKey\` is of RSA with ${bits} bits; ${remedy}`];
}

/** An RSA key is its kind, its exponent and its modulus, each after its length (RFC 4253, section 6.6). */
function modulusBits(key: Buffer): number {
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= key.length; at += 4 + key.readUInt32BE(at))
    parts.push(key.subarray(at + 4, at + 4 + key.readUInt32BE(at)));
  return BigInt(`0x0${parts[2]?.toString("hex") ?? ""}`).toString(2).length;
}

function passwordProblems(inputs: Value): readonly string[] {
  const length = at(inputs, "length");
  const chosen = ["minLower", "minUpper", "minNumeric", "minSpecial"].filter(
    (each) => Number(at(inputs, each) ?? 0) > 1,
  );
  const missing = ["lower", "upper", "numeric", "number"].filter((each) => at(inputs, each) === false);
  return [
    ...(length === unknown || Number(length) >= fewestCharacters
      ? []
      : [`its length is ${shown(length)}; set \`length\` to ${fewestCharacters} at least`]),
    ...chosen.map((each) => `it takes most characters of one kind (\`${each}\`); set it to 1 at most`),
    ...missing.map((each) => `it leaves characters out (\`${each}\`); remove that`),
  ];
}

/** What Pulumi is not given, the provider chooses. */
const shown = (value: Value): string =>
  value === undefined || value === null ? "the provider's choice" : String(value);
