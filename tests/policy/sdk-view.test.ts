import type * as grpc from "@pulumi/pulumi/proto/analyzer_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import { toCrossGuard } from "../../policies/crossguard";
import { policies } from "../../policies/pack";
import { readOnce } from "../../policies/sdk-view";
import { Session } from "../../policies/session";
import { urnOf } from "../helpers/policy/harness";

type Handler<Request> = (call: { request: Request }, done: (error: unknown, response: Response) => void) => void;
type Serve<Request> = (name: string, version: string, level: string, pack: unknown) => Handler<Request>;
type Response = grpc.AnalyzeResponse;

const server = jest.requireActual<{
  makeAnalyzeRpcFun: Serve<grpc.AnalyzeRequest>;
  makeAnalyzeStackRpcFun: Serve<grpc.AnalyzeStackRequest>;
  makeRemediateRpcFun: Serve<grpc.AnalyzeRequest>;
}>("@pulumi/policy/server");
const proto = jest.requireActual<typeof grpc>("@pulumi/pulumi/proto/analyzer_pb");

const type = "docker:index/container:Container";
const secretMark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

function sent(restart: string): Struct {
  return Struct.fromJavaScript({
    name: "app",
    restart,
    privileged: true,
    envs: [{ ...secretMark, value: "KEY=value" }],
  });
}

function appIn<Message extends grpc.AnalyzeRequest | grpc.AnalyzerResource>(resource: Message, properties: Struct) {
  resource.setType(type);
  resource.setUrn(urnOf(type, "app"));
  resource.setName("app");
  resource.setOptions(new proto.AnalyzerResourceOptions());
  resource.setProperties(properties);
  return resource;
}

const request = (properties: Struct): grpc.AnalyzeRequest => appIn(new proto.AnalyzeRequest(), properties);

function stackRequest(properties: Struct): grpc.AnalyzeStackRequest {
  const stack = new proto.AnalyzeStackRequest();
  stack.setResourcesList([appIn(new proto.AnalyzerResource(), properties)]);
  return stack;
}

const ask = <Request>(serve: Serve<Request>, pack: unknown, message: Request): Promise<Response> =>
  new Promise((done, failed) => {
    serve(
      "homelab",
      "1.0.0",
      "mandatory",
      pack,
    )({ request: message }, (error, response) => {
      if (error) failed(error as Error);
      else done(response);
    });
  });

const violated = (response: Response): string[] =>
  response.getDiagnosticsList().map((diagnostic) => diagnostic.getPolicyname());

test("pack: a resource is read once for all policies, and again for a remediation, which is shown its secrets", async () => {
  const pack = toCrossGuard(policies, new Session());
  const before = sent("no");
  const unread = jest.spyOn(before, "toJavaScript");
  await ask(server.makeRemediateRpcFun, pack, request(before));
  const found = violated(await ask(server.makeAnalyzeRpcFun, pack, request(before)));
  expect(found).toEqual(expect.arrayContaining(["no-privileged-containers", "restart-policy", "secret-inputs"]));
  expect(unread.mock.calls.length).toBeGreaterThan(policies.length / 2);

  readOnce();
  const after = sent("no");
  const read = jest.spyOn(after, "toJavaScript");
  await ask(server.makeRemediateRpcFun, pack, request(after));
  expect(violated(await ask(server.makeAnalyzeRpcFun, pack, request(after)))).toEqual(found);
  expect(read).toHaveBeenCalledTimes(2);

  const whole = sent("no");
  const readWhole = jest.spyOn(whole, "toJavaScript");
  await ask(server.makeAnalyzeStackRpcFun, pack, stackRequest(whole));
  expect(readWhole).toHaveBeenCalledTimes(1);
});

test("pack: each resource is judged by its own inputs", async () => {
  const pack = toCrossGuard(policies, new Session());
  const [bad, good] = [sent("no"), sent("unless-stopped")];
  await ask(server.makeRemediateRpcFun, pack, request(bad));
  expect(violated(await ask(server.makeAnalyzeRpcFun, pack, request(bad)))).toContain("restart-policy");
  expect(violated(await ask(server.makeAnalyzeRpcFun, pack, request(good)))).not.toContain("restart-policy");
});
