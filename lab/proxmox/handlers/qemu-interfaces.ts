import { qemuFormats } from "../endpoints/qemu-options";
import { parseProperties } from "../property-string";
import type { Entry } from "../state";

/** The guest agent's view of a machine's network: the loopback, and the first network device with its addresses. */
export function guestInterfaces(config: Entry, addresses: readonly string[]) {
  const device = parseProperties(String(config["net0"] ?? "virtio"), qemuFormats.network);
  return [
    networkInterface("lo", "00:00:00:00:00:00", ["127.0.0.1"]),
    networkInterface("eth0", (device.get("macaddr") ?? "").toLowerCase(), addresses),
  ];
}

function networkInterface(name: string, hardware: string, addresses: readonly string[]) {
  return {
    name,
    "hardware-address": hardware,
    "ip-addresses": addresses.map((address) => ({
      "ip-address": address,
      "ip-address-type": address.includes(":") ? "ipv6" : "ipv4",
      prefix: address.includes(":") ? 64 : address.startsWith("127.") ? 8 : 24,
    })),
  };
}
