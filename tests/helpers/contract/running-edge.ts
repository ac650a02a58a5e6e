import { get } from "node:https";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect, type PeerCertificate } from "node:tls";

import { route } from "../../../components/edge/route";
import { commonConfig, paths, staticConfig } from "../../../components/edge/static-config";
import { hours } from "../../../config/duration";
import { hostName, type Service } from "../../../config/services";
import { type Answer, read } from "./answer";
import type { HouseNetwork } from "./house-network";
import { eventually, start, type Running } from "./programs";

/** Where an edge runs. */
export interface EdgeHouse {
  /** A folder with the root in `certs`. */
  readonly home: string;
  /** Ports that stand for 80, 443 and the one of the health check, on every machine. */
  readonly port: { readonly http: number; readonly https: number; readonly ping: number };
  readonly network: HouseNetwork;
  /** The upstream of services of which nothing else is said. */
  readonly backend: string;
}

/** What an edge is made from. */
export interface RunningEdgeArgs {
  /** File of Traefik. */
  program: string;
  /** Its machine, by the address. */
  address: string;
  acmeDirectory: string;
  signOn: string;
  passesOn?: string[];
}

/** How a request is made, besides what it says. */
interface Sending {
  /** Default `/`. */
  target?: string;
  /** What `Host` says. Default: the host that TLS is spoken with. */
  named?: string;
  /** The address it comes from. Default `127.0.0.1`. */
  from?: string;
}

/** The real Traefik with the generated files, on a machine of the house's network. */
export class RunningEdge {
  traefik: Running;
  readonly address: string;
  readonly staticFile: string;
  private readonly folder: string;
  private readonly rootFile: string;

  static async start(house: EdgeHouse, args: RunningEdgeArgs): Promise<RunningEdge> {
    return new RunningEdge(house, args, await house.network.gateway(args.address));
  }

  private constructor(
    private readonly house: EdgeHouse,
    private readonly args: RunningEdgeArgs,
    private readonly environment: Record<string, string>,
  ) {
    this.address = args.address;
    this.folder = join(house.home, `edge-${args.address}`);
    this.rootFile = join(house.home, "certs/root_ca.crt");
    this.staticFile = join(this.folder, "traefik.yml");
    for (const folder of ["routes", "acme"]) mkdirSync(join(this.folder, folder), { recursive: true });
    writeFileSync(this.staticFile, this.staticConfig());
    this.place("_common.yml", commonConfig(args));
    this.traefik = this.run();
  }

  /** Ends Traefik, and starts it anew. */
  async restart(): Promise<void> {
    await this.traefik.stop();
    this.traefik = this.run();
  }

  /** Adds a catalogue entry, and gives its host. `change` has the last word on the text of its route. */
  addService(name: string, changes: Partial<Service> = {}, change = (each: string): string => each): string {
    const host = hostName(name, "home.arpa");
    const service: Service = { name, host, upstream: this.house.backend, auth: "none", ...changes };
    this.house.network.lead(service.host, this.address);
    this.place(`${name}.yml`, change(route(service, this.args)));
    return service.host;
  }

  /** The certificate a host is served with; fails unless the root and the name vouch for it. */
  certificate(host: string): Promise<PeerCertificate> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...this.connection(host) }, () => {
        resolve(socket.getPeerCertificate());
        socket.destroy();
      }).on("error", reject);
    });
  }

  /** A GET of one of the hosts. */
  async visit(
    host: string,
    path = "/",
    more: Record<string, string> = {},
    { from }: Pick<Sending, "from"> = {},
  ): Promise<Answer> {
    await this.served(host);
    const options = { ...this.connection(host, from), path, headers: { host, ...more }, agent: false };
    return read((done) => get(options, done));
  }

  /** A GET with a target or header lines that no client library would send; gives the status. */
  async send(host: string, lines: string[], { target = "/", named = host, from }: Sending = {}): Promise<number> {
    await this.served(host);
    const socket = connect(this.connection(host, from));
    socket.write([`GET ${target} HTTP/1.1`, `Host: ${named}`, ...lines, "", ""].join("\r\n"));
    return Number((await text(socket)).split(" ")[1]);
  }

  /** How to connect to one of the hosts. */
  connection(host: string, from?: string) {
    const ca = readFileSync(this.rootFile, "utf8");
    return { host: this.address, port: this.house.port.https, servername: host, ca, localAddress: from };
  }

  private served(host: string): Promise<PeerCertificate> {
    return eventually(() => this.certificate(host), { program: this.traefik });
  }

  private run(): Running {
    return start(this.args.program, [`--configFile=${this.staticFile}`], this.environment);
  }

  private staticConfig(): string {
    const { acmeDirectory, passesOn, address } = this.args;
    const { port } = this.house;
    return this.onThisComputer(staticConfig({ acmeDirectory, leafValidity: hours(8760), passesOn }))
      .replace(paths.routes, join(this.folder, "routes"))
      .replace(`${paths.acme}/acme.json`, join(this.folder, "acme/acme.json"))
      .replace("address: :80\n", `address: ${address}:${port.http}\n`)
      .replace("address: :443\n", `address: ${address}:${port.https}\n`)
      .replace("127.0.0.1:8082", `${address}:${port.ping}`);
  }

  private onThisComputer(config: string): string {
    return config.replaceAll(paths.root, this.rootFile);
  }

  /** Puts a file among the routes in one step, as HostFile does: Traefik reads it the moment it is there. */
  private place(name: string, content: string): void {
    writeFileSync(join(this.folder, name), this.onThisComputer(content));
    renameSync(join(this.folder, name), join(this.folder, "routes", name));
  }
}
