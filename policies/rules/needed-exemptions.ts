import { stackPolicy } from "../policy";

export default stackPolicy({
  name: "needed-exemptions",
  level: "advisory",
  summary: "Every exemption lets something pass.",
  doc: `An exemption that no longer lets anything pass is left over, and would let the next resource of that name pass unseen.
It also tells of a name that is misspelt. This policy is judged last.`,
  requirements: [],
  settings: {},
  judgeStack(_stack, _settings, { idleExemptions, violation }) {
    for (const { policy, resource } of idleExemptions()) {
      violation(`the exemption of "${resource}" from ${policy} lets nothing pass; correct its name, or remove it`);
    }
  },
});
