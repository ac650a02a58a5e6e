import { createServer, get as getHttp, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { get as getHttps } from "node:https";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { outpostPath } from "../../../components/edge/static-config";
import {
  acmeDirectory,
  caConfig,
  caPort,
  catalogueEntry,
  containerAlias,
  stepPath,
} from "../../../components/pki/ca-config";
import { hours, type Duration } from "../../../config/duration";
import { stepCa, traefik } from "../../../lab/images/programs";
import { type Answer, read } from "./answer";
import { firstMachine, HouseNetwork } from "./house-network";
import { findProgram, freePorts, makeAuthority, start, type Running } from "./programs";
import { RunningEdge, type RunningEdgeArgs } from "./running-edge";

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

/** What an {@link EdgeWorld} is made from. */
export interface EdgeWorldArgs {
  /** Traefik takes certificates for good for a year, whatever step-ca gives them. Default: a year. */
  leafValidity?: Duration;
  /** Other machines whose edges ask the single sign-on through the first one. Default: none. */
  passesOn?: string[];
}

/**
 * The generated ca.json, traefik.yml and routes, read by the real programs on this computer: only paths, addresses and ports
 * differ from those on the machines. One upstream plays every service, and the single sign-on. The first machine has it, step-ca
 * and {@link edge}; others have an edge alone.
 */
export class EdgeWorld {
  readonly home = mkdtempSync(join(tmpdir(), "homelab-contract-"));
  readonly root: string;
  /** Each request that reached the upstream: its headers as name and value, and whether the single sign-on was asked. */
  readonly received: { url: string; asked: boolean; headers: [string, string][] }[] = [];
  stepCa!: Running;
  edge!: RunningEdge;
  network!: HouseNetwork;
  port = { ca: 0, http: 0, https: 0, ping: 0, upstream: 0 };
  private readonly edges: RunningEdge[] = [];
  private files!: EdgePrograms;
  private upstream!: Server;

  constructor(private readonly args: EdgeWorldArgs = {}) {
    makeAuthority(this.home);
    this.root = readFileSync(join(this.home, "certs/root_ca.crt"), "utf8");
  }

  async start(files: EdgePrograms): Promise<void> {
    this.files = files;
    const [ca = 0, http = 0, https = 0, ping = 0, upstream = 0] = await freePorts(5);
    this.port = { ca, http, https, ping, upstream };
    this.network = await HouseNetwork.start({ 443: https, [caPort]: ca });
    this.upstream = createServer((request, response) => this.answer(request, response)).listen(upstream, "127.0.0.1");
    this.stepCa = this.startStepCa(files.stepCa);
    const { passesOn } = this.args;
    this.edge = await this.startEdge({ address: firstMachine, acmeDirectory, signOn: this.backend, passesOn });
  }

  /** Starts the edge of a machine. */
  async startEdge(args: Omit<RunningEdgeArgs, "program">): Promise<RunningEdge> {
    const edge = await RunningEdge.start(this, { program: this.files.traefik, ...args });
    this.edges.push(edge);
    return edge;
  }

  async stop(): Promise<void> {
    await Promise.all([this.stepCa.stop(), ...this.edges.map(({ traefik }) => traefik.stop())]);
    this.network.close();
    this.upstream.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Where the upstream listens. */
  get backend(): string {
    return `http://127.0.0.1:${this.port.upstream}`;
  }

  /** A GET of a program on this computer, by its port. */
  ask(port: number, path: string, more: Record<string, string> = {}): Promise<Answer> {
    return read((done) => getHttp({ host: "127.0.0.1", port, path, headers: more, agent: false }, done));
  }

  /** A GET of step-ca itself, as the edge asks it. */
  askStepCa(path: string): Promise<Answer> {
    const place = { host: "127.0.0.1", port: this.port.ca, servername: containerAlias };
    return read((done) => getHttps({ ...place, ca: this.root, path, agent: false }, done));
  }

  private startStepCa(file: string): Running {
    const { home, port, network } = this;
    const { leafValidity = hours(8760) } = this.args;
    const dnsNames = [catalogueEntry("home.arpa").host, containerAlias];
    const config = caConfig({ domain: "home.arpa", dnsNames, leafValidity });
    const local = config.replaceAll(stepPath, home).replace(`":${caPort}"`, `"127.0.0.1:${port.ca}"`);
    writeFileSync(join(home, "config/ca.json"), local);
    const validation = ["--resolver", network.nameServer, "--insecure", "--acme-tls-port", `${port.https}`];
    return start(file, [join(home, "config/ca.json"), ...validation]);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { url = "" } = request;
    const asked = url.startsWith(outpostPath);
    const pairs = request.rawHeaders.flatMap((name, index, all): [string, string][] =>
      index % 2 === 0 ? [[name, all[index + 1] ?? ""]] : [],
    );
    this.received.push({ url, asked, headers: pairs });
    response.setHeader("Server", "backend/1.0");
    if (asked) return signOn(request, response);
    response.end(`hello ${request.headers.host} ${request.headers["x-authentik-username"] ?? ""}`.trim());
  }
}

/** In place of the single sign-on: who has the cookie is Anna, everybody else has to log in. */
function signOn(request: IncomingMessage, response: ServerResponse): void {
  if (!request.url?.endsWith("/auth/traefik")) response.end("log in here");
  else if (request.headers.cookie === "session=anna") {
    response.setHeader("X-authentik-username", "anna").setHeader("X-authentik-jwt", "anna's token").end();
  } else {
    const location = `https://${request.headers["x-forwarded-host"]}${outpostPath}start`;
    response.writeHead(302, { location, "set-cookie": "login=begun" }).end();
  }
}
