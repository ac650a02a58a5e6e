import { stackPolicy } from "../policy";
import { rebuilds } from "../rebuild";

export default stackPolicy({
  name: "rebuild-rights",
  level: "mandatory",
  summary: "A VM that is deleted can be made again with the rights that are then left.",
  doc: `When Proxmox destroys a guest, it removes the path \`/vms/<id>\` from its access control list, with everything granted there. A VM
that is replaced would be deleted, and then not made: 403. So this policy asks Proxmox what the token of the stack's Proxmox
provider may do, and refuses every change while a VM of the stack could not be made again:

- the VM's rights are on its pool (\`poolId\`), or on \`/vms\` with all that is below; what is granted on \`/vms/<id>\` does not count.
  Tags take a right on \`/vms\` in any case: a new VM gets them before it is in its pool;
- \`Datastore.AllocateSpace\` on the datastore of each disk, a right to read what is imported from (\`importFrom\`), \`SDN.Use\` on each
  bridge (\`vmbr<n>\`), and \`Sys.Modify\` on \`/\` for a \`startup\` order;
- the pool is there, and a VM with this VMID is in it.

The message has the commands that give what is missing. Where Proxmox can't be asked, [rebuild-checked](#rebuild-checked) says so.`,
  requirements: ["US5.3"],
  settings: {},
  async judgeStack(stack, _settings, { violation }) {
    const found = await rebuilds(stack);
    if ("failure" in found) return;
    for (const { resource, problems } of found.vms) for (const problem of problems) violation(problem, resource);
  },
});
