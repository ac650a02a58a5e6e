const list = (item: (value: string) => string | undefined) => (value: string) =>
  value
    .split(/[,;\s\0]+/)
    .filter((part) => part !== "")
    .map(item)
    .find((message) => message !== undefined);

const matching = (pattern: RegExp, message: (value: string) => string) => (value: string) =>
  pattern.test(value) ? undefined : message(value);

const octet = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}$`);
const ipv4Cidr = new RegExp(`^${octet}(\\.${octet}){3}/([89]|[12]\\d|3[0-2])$`);
const label = "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?";
const dnsName = new RegExp(`^(${label}\\.)*${label}$`);

const vmid = matching(/^[1-9]\d{2,8}$/, () => "value does not look like a valid VM ID");
const node = matching(new RegExp(`^${label}$`), () => "value does not look like a valid node name");
const configId = matching(/^[a-z][a-z0-9_-]+$/i, (value) => `invalid configuration ID '${value}'`);
const userId = matching(
  /^[^\s:/]+@[A-Za-z][A-Za-z0-9._-]+$/,
  (value) => `value '${value}' does not look like a valid user name`,
);
const tokenId = matching(
  /^[^\s:/]+@[A-Za-z][A-Za-z0-9._-]+![A-Za-z][A-Za-z0-9._-]+$/,
  (value) => `value '${value}' does not look like a valid token ID`,
);
const groupId = matching(/^[A-Za-z0-9._-]+$/, (value) => `group name '${value}' contains invalid characters`);
const roleId = matching(/^[A-Za-z0-9._-]+$/, (value) => `role name '${value}' contains invalid characters`);
const storageId = matching(
  /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i,
  (value) => `storage ID '${value}' contains illegal characters`,
);
const volumeId = matching(/^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i, (value) => `unable to parse volume ID '${value}'`);
const address = (value: string) =>
  ipv4.test(value) || value.includes(":") || dnsName.test(value)
    ? undefined
    : "value does not look like a valid address";
const ip = (value: string) =>
  ipv4.test(value) || value.includes(":") ? undefined : "value does not look like a valid IP address";

/** Formats of single values: each gives Proxmox's complaint, or nothing when the value is fine. */
export const formats = {
  "pve-vmid": vmid,
  "pve-vmid-list": list(vmid),
  "pve-node": node,
  "pve-node-list": list(node),
  "pve-configid": configId,
  "pve-configid-list": list(configId),
  "pve-storage-id": storageId,
  "pve-storage-id-list": list(storageId),
  "pve-poolid": matching(
    /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+){0,2}$/,
    (value) => `pool name '${value}' contains invalid characters`,
  ),
  "pve-userid": userId,
  "pve-userid-list": list(userId),
  "pve-tokenid-list": list(tokenId),
  "pve-groupid": groupId,
  "pve-groupid-list": list(groupId),
  "pve-roleid": roleId,
  "pve-roleid-list": list(roleId),
  "pve-priv-list": list(matching(/^[A-Za-z.]+$/, (value) => `invalid privilege '${value}'`)),
  "pve-realm": matching(/^[A-Za-z][A-Za-z0-9.\-_]+$/, () => "value does not look like a valid realm"),
  "pve-tag-list": list(matching(/^[a-z0-9_][a-z0-9_\-+.]*$/i, (value) => `invalid characters in tag '${value}'`)),
  "pve-volume-id": volumeId,
  "pve-volume-id-or-qm-path": (value: string) =>
    ["none", "cdrom"].includes(value) || value.startsWith("/") ? undefined : volumeId(value),
  "pve-volume-id-or-absolute-path": (value: string) => (value.startsWith("/") ? undefined : volumeId(value)),
  "dns-name": matching(dnsName, () => "value does not look like a valid DNS name"),
  address,
  "address-list": list(address),
  ipv4: matching(ipv4, () => "value does not look like a valid IPv4 address"),
  "ipv4-config": (value: string) =>
    value === "dhcp" || value === "manual" || ipv4Cidr.test(value)
      ? undefined
      : "value does not look like a valid ipv4 network configuration",
  "ipv6-config": (value: string) =>
    ["dhcp", "auto", "manual"].includes(value) || /^[0-9a-f:]+\/\d{1,3}$/i.test(value)
      ? undefined
      : "value does not look like a valid ipv6 network configuration",
  ip,
  "mac-addr": matching(
    /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i,
    () => "value does not look like a valid unicast MAC address",
  ),
  "pve-calendar-event": matching(/^[A-Za-z0-9*:./,\- ~]+$/, (value) => `invalid calendar event '${value}'`),
  "pve-startup-order": list(matching(/^((order=)?\d+|(up|down)=\d+)$/, () => "unable to parse startup options")),
  "email-list": list(matching(/^[^\s@]+@[^\s@]+$/, () => "value does not look like a valid email address")),
  "email-or-username-list": list(
    matching(/^[^\s]+$/, () => "value does not look like a valid email address or user name"),
  ),
  "email-opt": matching(/^([^\s@]+@[^\s@]+)?$/, () => "value does not look like a valid email address"),
  "pem-string": matching(
    /-----BEGIN [^-]+-----[\s\S]+-----END [^-]+-----/,
    () => "value is not a valid PEM-formatted string",
  ),
  urlencoded: matching(/^[-%a-zA-Z0-9_.!~*'()]*$/, (value) => `invalid urlencoded string: ${value}`),
} as const;

/** The name of a format in {@link formats}. */
export type FormatName = keyof typeof formats;
