import { userData } from "../../../../components/tooling-vm/cloud-init";
import { cloudInitTest, schemaCheck } from "../../../helpers/contract/cloud-init";

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

cloudInitTest("cloud-init itself accepts the user data, without a warning (US5)", () => {
  expect(schemaCheck(document)).toEqual({ status: 0, output: expect.not.stringMatching(/error|deprecat/i) });
});

cloudInitTest("the check is one that can fail", () => {
  expect(schemaCheck(document.replace("disable_root: true", "disable_root: maybe"))).toMatchObject({
    status: 1,
    output: expect.stringContaining("disable_root"),
  });
});
