import { stackPolicy } from "../policy";
import { rebuilds } from "../rebuild";

export default stackPolicy({
  name: "rebuild-checked",
  level: "advisory",
  summary: "Proxmox was asked whether the stack's VMs could be made again.",
  doc: `\`rebuild-rights\` lets a preview pass where Proxmox is off, can't be reached or refuses the token: a preview needs none of it. This
policy tells then that nobody knows, and why. Don't replace or delete a VM before it is silent.`,
  requirements: [],
  settings: {},
  async judgeStack(stack, _settings, { violation }) {
    const found = await rebuilds(stack);
    if ("failure" in found) violation(`whether the VM could be made again was not checked: ${found.failure}`);
  },
});
