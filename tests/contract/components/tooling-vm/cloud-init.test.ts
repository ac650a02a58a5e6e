import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { userData } from "../../../../components/tooling-vm/cloud-init";
import { canRun, isOnPath } from "../../../helpers/contract/programs";

/** What `cloud-init schema` says of a document. */
function check(document: string): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), "homelab-cloud-init-"));
  try {
    writeFileSync(join(folder, "user-data"), document);
    const result = spawnSync("cloud-init", ["schema", "--config-file", join(folder, "user-data")], {
      encoding: "utf8",
    });
    if (result.error) throw result.error;
    return { status: result.status, output: result.stdout + result.stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const document = userData({
  hostname: "tooling",
  domain: "home.arpa",
  user: "ops",
  authorizedKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE operator@desk",
  hostKey: {
    private: "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n",
    public: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE",
  },
});

const cloudInitTest = canRun("cloud-init", isOnPath("cloud-init")) ? test : test.skip;

cloudInitTest("cloud-init itself accepts the user data, without a warning (US5)", () => {
  expect(check(document)).toEqual({ status: 0, output: expect.not.stringMatching(/error|deprecat/i) });
});

cloudInitTest("the check is one that can fail", () => {
  expect(check(document.replace("disable_root: true", "disable_root: maybe"))).toMatchObject({
    status: 1,
    output: expect.stringContaining("disable_root"),
  });
});
