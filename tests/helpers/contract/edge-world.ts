import { createServer, get as getHttp, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { get as getHttps } from "node:https";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect, type PeerCertificate } from "node:tls";

import { route } from "../../../components/edge/route";
import { commonConfig, outpostPath, paths, staticConfig } from "../../../components/edge/static-config";
import { acmeProvisioner, caConfig, caPort, stepPath } from "../../../components/pki/ca-config";
import { hours, type Duration } from "../../../config/duration";
import { hostName, type Service } from "../../../config/services";
import { stepCa, traefik } from "../../../lab/images/programs";
import { eventually, findProgram, freePorts, makeAuthority, nameServer, start, type Running } from "./programs";

/** What the edge in {@link EdgeWorld} has for its address on the LAN. */
export const edgeAddress = "192.168.1.60";

/** The files of the real programs. */
export interface EdgePrograms {
  stepCa: string;
  traefik: string;
}

/** Describes what the real programs do with the generated files. Where they aren't, this is skipped, and fails in CI. */
export function describeEdge(title: string, contract: (files: EdgePrograms) => void): void {
  const found = [findProgram(stepCa, "STEP_CA_BIN"), findProgram(traefik, "TRAEFIK_BIN")];
  const missing = found.flatMap((program) => ("reason" in program ? [program.reason] : []));
  const [caFile = "", traefikFile = ""] = found.map((program) => ("file" in program ? program.file : ""));
  if (missing.length === 0) {
    describe(title, () => contract({ stepCa: caFile, traefik: traefikFile }));
    return;
  }
  (process.env.CI === "true" ? test : test.skip)(`${title}: ${missing.join("; ")}`, () => {
    throw new Error(missing.join("\n"));
  });
}

/** An answer of the edge or of step-ca. */
export interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
}

/**
 * The generated ca.json, traefik.yml and routes, read by the real programs on this computer: only paths, addresses and ports
 * differ from those on the machine. A name server leads every name to the edge, as the house's does. One upstream plays every
 * service, and the single sign-on.
 */
export class EdgeWorld {
  readonly home = mkdtempSync(join(tmpdir(), "homelab-contract-"));
  readonly root: string;
  /** The headers of each request that reached the upstream, as name and value, and whether the single sign-on was asked. */
  readonly received: { asked: boolean; headers: [string, string][] }[] = [];
  stepCa!: Running;
  traefik!: Running;
  port = { ca: 0, http: 0, https: 0, ping: 0, upstream: 0 };
  private files!: EdgePrograms;
  private names!: Awaited<ReturnType<typeof nameServer>>;
  private upstream!: Server;

  /** Traefik takes certificates for good for a year, whatever step-ca gives them. */
  constructor(private readonly leafValidity: Duration = hours(8760)) {
    makeAuthority(this.home);
    this.root = readFileSync(join(this.home, "certs/root_ca.crt"), "utf8");
  }

  async start(files: EdgePrograms): Promise<void> {
    this.files = files;
    const [ca = 0, http = 0, https = 0, ping = 0, upstream = 0] = await freePorts(5);
    this.port = { ca, http, https, ping, upstream };
    this.names = await nameServer();
    this.upstream = createServer((request, response) => this.answer(request, response)).listen(upstream, "127.0.0.1");
    this.stepCa = this.startStepCa(files.stepCa);
    this.traefik = this.startTraefik();
  }

  /** Ends Traefik, and starts it anew. */
  async restartTraefik(): Promise<void> {
    await this.traefik.stop();
    this.traefik = this.startTraefik();
  }

  async stop(): Promise<void> {
    await Promise.all([this.stepCa.stop(), this.traefik.stop()]);
    this.names.close();
    this.upstream.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Where the upstream listens. */
  get backend(): string {
    return `http://127.0.0.1:${this.port.upstream}`;
  }

  get staticFile(): string {
    return join(this.home, "edge/traefik.yml");
  }

  /** Adds a catalogue entry, and gives its host. `change` has the last word on the text of its route. */
  addService(name: string, changes: Partial<Service> = {}, change = (each: string): string => each): string {
    const host = hostName(name, "home.arpa");
    const service: Service = { name, host, upstream: this.backend, auth: "none", ...changes };
    const written = route(service, { signOn: this.backend, address: edgeAddress });
    this.place(`${name}.yml`, change(written.replace(`- ${paths.root}`, `- ${join(this.home, "certs/root_ca.crt")}`)));
    return service.host;
  }

  /** The certificate a host is served with; fails unless the root and the name vouch for it. */
  certificate(host: string): Promise<PeerCertificate> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...this.edge(host) }, () => {
        resolve(socket.getPeerCertificate());
        socket.destroy();
      }).on("error", reject);
    });
  }

  /** A GET of one of the hosts through the edge. */
  async visit(host: string, path = "/", more: Record<string, string> = {}): Promise<Answer> {
    await eventually(() => this.certificate(host), { program: this.traefik });
    const options = { ...this.edge(host), path, headers: { host, ...more }, agent: false };
    return read((done) => getHttps(options, done));
  }

  /** A GET with a target or header lines that no client library would send; gives the status. */
  async send(host: string, lines: string[], target = "/", named = host): Promise<number> {
    await eventually(() => this.certificate(host), { program: this.traefik });
    const socket = connect(this.edge(host));
    socket.write([`GET ${target} HTTP/1.1`, `Host: ${named}`, ...lines, "", ""].join("\r\n"));
    return Number((await text(socket)).split(" ")[1]);
  }

  /** A GET of a program on this computer, by its port. */
  ask(port: number, path: string, more: Record<string, string> = {}): Promise<Answer> {
    return read((done) => getHttp({ host: "127.0.0.1", port, path, headers: more, agent: false }, done));
  }

  /** A GET of step-ca itself, as the edge asks it. */
  askStepCa(path: string): Promise<Answer> {
    const options = { host: "localhost", port: this.port.ca, ca: this.root, path, agent: false };
    return read((done) => getHttps(options, done));
  }

  /** How to connect to one of the hosts through the edge. */
  edge(host: string) {
    return { host: "127.0.0.1", port: this.port.https, servername: host, ca: this.root };
  }

  private startStepCa(file: string): Running {
    const { home, port } = this;
    const names = ["ca.home.arpa", "localhost"];
    const config = caConfig({ domain: "home.arpa", dnsNames: names, leafValidity: this.leafValidity });
    const local = config.replaceAll(stepPath, home).replace(`":${caPort}"`, `"127.0.0.1:${port.ca}"`);
    writeFileSync(join(home, "config/ca.json"), local);
    const validation = ["--resolver", `127.0.0.1:${this.names.port}`, "--insecure", "--acme-tls-port", `${port.https}`];
    return start(file, [join(home, "config/ca.json"), ...validation]);
  }

  private startTraefik(): Running {
    const { home, port } = this;
    for (const folder of ["edge/routes", "edge/acme"]) mkdirSync(join(home, folder), { recursive: true });
    const acmeDirectory = `https://localhost:${port.ca}/acme/${acmeProvisioner}/directory`;
    const config = staticConfig({ acmeDirectory, leafValidity: hours(8760) })
      .replace(paths.routes, join(home, "edge/routes"))
      .replaceAll(paths.root, join(home, "certs/root_ca.crt"))
      .replace(`${paths.acme}/acme.json`, join(home, "edge/acme/acme.json"))
      .replace("address: :80\n", `address: 127.0.0.1:${port.http}\n`)
      .replace("address: :443\n", `address: 127.0.0.1:${port.https}\n`)
      .replace("127.0.0.1:8082", `127.0.0.1:${port.ping}`);
    writeFileSync(this.staticFile, config);
    this.place("_common.yml", commonConfig({ signOn: this.backend }));
    return start(this.files.traefik, [`--configFile=${this.staticFile}`]);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const asked = request.url?.startsWith(outpostPath) === true;
    const pairs = request.rawHeaders.flatMap((name, index, all): [string, string][] =>
      index % 2 === 0 ? [[name, all[index + 1] ?? ""]] : [],
    );
    this.received.push({ asked, headers: pairs });
    response.setHeader("Server", "backend/1.0");
    if (asked) return signOn(request, response);
    response.end(`hello ${request.headers.host} ${request.headers["x-authentik-username"] ?? ""}`.trim());
  }

  /** Puts a file among the routes in one step, as HostFile does: Traefik reads it the moment it is there. */
  private place(name: string, content: string): void {
    writeFileSync(join(this.home, "edge", name), content);
    renameSync(join(this.home, "edge", name), join(this.home, "edge/routes", name));
  }
}

/** In place of the single sign-on: who has the cookie is Anna, everybody else has to log in. */
function signOn(request: IncomingMessage, response: ServerResponse): void {
  if (!request.url?.endsWith("/auth/traefik")) response.end("log in here");
  else if (request.headers.cookie === "session=anna") {
    response.setHeader("X-authentik-username", "anna").setHeader("X-authentik-jwt", "anna's token").end();
  } else {
    response.writeHead(302, { location: `https://${request.headers["x-forwarded-host"]}${outpostPath}start` }).end();
  }
}

function read(
  request: (done: (response: IncomingMessage) => void) => {
    on(event: "error", listener: (error: Error) => void): unknown;
  },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request((response) => {
      void text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    }).on("error", reject);
  });
}
