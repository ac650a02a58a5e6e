/** Exit status 2 of cloud-init means "done, with warnings"; the machine is then still as described. */
export const firstBootCommand = `set -u
timeout 900 cloud-init status --wait >/dev/null
status=$?
if [ "$status" -ne 0 ] && [ "$status" -ne 2 ]; then
  echo "cloud-init ended with status $status; see /var/log/cloud-init-output.log on the machine:" >&2
  cloud-init status --long >&2
  exit 1
fi
cat /etc/machine-id`;
