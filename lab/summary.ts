import { writeFileSync } from "node:fs";
import { connect, type PeerCertificate } from "node:tls";

import { addressOf } from "./house";
import { say } from "./progress";
import { rootFile } from "./settings";
import type { Outputs } from "./stack";

/** Tells what is up, asking each service itself: what is printed was seen. */
export async function printSummary({ services, rootCertificate, rootFingerprint, rootUrl }: Outputs): Promise<void> {
  writeFileSync(rootFile, rootCertificate);
  say("");
  for (const { url, issuedInMilliseconds } of services) {
    const certificate = await servedCertificate(new URL(url).hostname, rootCertificate);
    say(url);
    say(`  subject  ${certificate.subjectaltname ?? certificate.subject.CN}`);
    say(`  issuer   ${certificate.issuer.CN}`);
    say(`  expires  ${new Date(certificate.valid_to).toISOString().slice(0, 10)}`);
    say(`  issued   in ${(issuedInMilliseconds / 1000).toFixed(1)} s`);
  }
  const name = new URL(services[0]?.url ?? rootUrl).hostname;
  say(`
Root certificate  ${rootFile}
  fingerprint     ${rootFingerprint}
  also at         ${rootUrl}

Try next:
  curl --cacert ${rootFile} --resolve ${name}:443:${await addressOf(name)} https://${name}/
  npm run lab:ssh                         a shell on the tooling VM
  npm run lab:pulumi -- preview           what a change to Pulumi.lab.yaml would do
  npm run lab:status                      what is up
  npm run lab:down                        remove it all`);
}

/** The certificate served where a host's name leads. Fails unless the root vouches for it and for the name. */
export async function servedCertificate(host: string, root: string): Promise<PeerCertificate> {
  const address = await addressOf(host);
  return new Promise((resolve, reject) => {
    const options = { host: address, port: 443, servername: host, ca: root, timeout: 10_000 };
    const socket = connect(options, () => {
      resolve(socket.getPeerCertificate());
      socket.end();
    });
    socket.on("timeout", () => socket.destroy(new Error(`${host}: no answer from ${address}:443 within 10 s`)));
    socket.on("error", reject);
  });
}
