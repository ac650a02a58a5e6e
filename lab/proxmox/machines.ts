/** A virtual machine as the node hands it over to what boots it. */
export interface MachineSpec {
  vmid: number;
  name: string;
  /** Docker image to boot, named by the "cloud image" the program downloaded. */
  image: string;
  cores: number;
  memoryMiB: number;
  userData: string;
  metaData: string;
  /** Address on the lab's network. */
  address: string;
  mac: string;
  diskGiB: number;
}

/** What can be done with a machine. */
export interface MachineDriver {
  /** Boots it; makes it first when it does not exist. Memory and cores are set anew at each start. */
  start(spec: MachineSpec): Promise<void>;
  shutdown(vmid: number, timeoutSeconds: number): Promise<void>;
  stop(vmid: number): Promise<void>;
  reboot(vmid: number): Promise<void>;
  /** Removes it with everything on its disks. */
  remove(vmid: number): Promise<void>;
  isRunning(vmid: number): Promise<boolean>;
  /** The addresses its guest agent reports; none while the agent does not run. */
  addresses(vmid: number): Promise<string[]>;
}
