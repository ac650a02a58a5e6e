import { keys } from "./keys";

/** Options of `ssh` with the lab's key. A machine is made anew at will, so its host key is not remembered. */
export const sshOptions: readonly string[] = [
  ...["-F", "/dev/null", "-i", keys.ssh],
  ...["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"].flatMap((each) => ["-o", each]),
];

/** Who to log in as on a machine. */
export const target = (address: string): string => `ops@${address}`;

/** Arguments of `ssh` for the user `ops` of a machine. */
export const sshArguments = (address: string): string[] => [...sshOptions, target(address)];
