import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

import { nameServer } from "./programs";

/** The machine that names lead to of which nothing else is said. */
export const firstMachine = "127.0.0.1";

/**
 * The house's network on this computer: every machine is an address of the loopback, and every name leads to one. Programs look
 * names up where the computer does, which knows none of these. So each machine has a gateway, a proxy that leads a connection to
 * where its name leads. TLS goes through as it is.
 */
export class HouseNetwork {
  /** What each machine has connected to through its gateway: `name:port`. */
  readonly connected: { from: string; to: string }[] = [];
  private readonly machines = new Map<string, string>();
  private readonly gateways: Server[] = [];
  /** The two ends of each connection, and the name that it was for. */
  private readonly ends = new Map<Duplex, string>();

  private constructor(
    /** Ports of this computer by those that they stand for, on every machine. */
    private readonly ports: Readonly<Record<string, number>>,
    private readonly names: { close(): void },
    /** Where the names are known, `<address>:<port>`. */
    readonly nameServer: string,
  ) {}

  static async start(ports: Readonly<Record<string, number>>): Promise<HouseNetwork> {
    const names = await nameServer((name) => network.machineOf(name));
    const network: HouseNetwork = new HouseNetwork(ports, names, `127.0.0.1:${names.port}`);
    return network;
  }

  /** Leads a name to a machine. Who is connected to it through a gateway has to connect anew. */
  lead(name: string, machine: string): void {
    this.machines.set(name, machine);
    for (const [end, host] of this.ends) if (host === name) end.destroy();
  }

  /** The environment in which a program is on a machine: all that it asks for over TLS, it asks for from there. */
  async gateway(machine: string): Promise<Record<string, string>> {
    const gateway = createServer().on("connect", ({ url = "" }, client) => this.connect(machine, url, client));
    this.gateways.push(gateway);
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    return { HTTPS_PROXY: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}` };
  }

  close(): void {
    this.names.close();
    for (const gateway of this.gateways) gateway.close();
    for (const end of this.ends.keys()) end.destroy();
  }

  private machineOf(name: string): string {
    return this.machines.get(name) ?? firstMachine;
  }

  private connect(from: string, to: string, client: Duplex): void {
    this.connected.push({ from, to });
    const [name = "", port = ""] = to.split(":");
    const server = connect({ host: this.machineOf(name), port: this.ports[port] ?? Number(port), localAddress: from });
    server.once("connect", () => client.write("HTTP/1.1 200 Connected\r\n\r\n"));
    this.join(name, client, server);
    this.join(name, server, client);
  }

  /** Hands on what one end says, and its end. */
  private join(name: string, one: Duplex, other: Duplex): void {
    this.ends.set(one, name);
    one
      .on("error", () => other.destroy())
      .once("close", () => {
        this.ends.delete(one);
        other.destroy();
      })
      .pipe(other);
  }
}
