import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { type Emulator, type Fault, type Intercept, seeds, startEmulator } from "../../emulator";
import { ecs, officialClient } from "./official-client";
import { call, send, signedV1 } from "./signed-call";

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ durations: { createMs: 0 } });
});
afterEach(() => emulator.close());

const create = () => call(emulator, "CreateImage", { InstanceId: seeds.instanceId });
const made = () => [...emulator.world.images.values()].filter(({ owner }) => owner === "self").length;
const withHost = (host: string) => {
  const sent = signedV1("DescribeRegions", {});
  return send(emulator.endpoint, { ...sent, headers: { ...sent.headers, host } });
};

test("it listens on the loopback address alone", async () => {
  const port = Number(emulator.endpoint.split(":").at(-1));
  const others = Object.values(networkInterfaces())
    .flatMap((of) => of ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of others) {
    const outcome = await new Promise((resolve) => {
      const socket = connect(port, address, () => (socket.destroy(), resolve("connected")));
      socket.on("error", () => resolve("refused"));
    });
    expect(outcome).toBe("refused");
  }
  expect(emulator.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test.each([
  "evil.example",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "192.168.1.1",
  "aliyuncs.com.evil.example",
])("a page on the web that points %s here gets nothing", async (host) => {
  const { status, text } = await withHost(host);
  expect(status).toBe(403);
  expect(text).not.toContain("cn-hangzhou");
  expect(emulator.calls).toHaveLength(0);
});

test.each(["127.0.0.1:80", "localhost", "LOCALHOST:4566", "[::1]:1", "ecs.cn-hangzhou.aliyuncs.com"])(
  "%s is answered",
  async (host) => {
    expect((await withHost(host)).status).toBe(200);
  },
);

test("an error has the members that the gateway documents, and the request id in the header too", async () => {
  const { status, body, headers } = await call(emulator, "DescribeInstanceAttribute", { InstanceId: "i-none" });
  expect(status).toBe(404);
  expect(Object.keys(body).sort()).toEqual(["Code", "HostId", "Message", "Recommend", "RequestId"]);
  expect(headers["x-acs-request-id"]).toBe(body.RequestId);
  expect(body.HostId).toBe(emulator.endpoint.replace("http://", ""));
});

test("an action or a version that does not exist is refused as such", async () => {
  expect((await call(emulator, "DropEverything")).body).toMatchObject({
    Code: "InvalidAction.NotFound",
    Message: expect.stringMatching(/Not emulated: DropEverything; the emulator answers these of ECS: .*CreateImage/),
  });
  expect((await call(emulator, "constructor")).status).toBe(404);
  expect((await call(emulator, "DescribeRegions", { Version: "2000-01-01" })).body.Code).toBe("InvalidVersion");
  expect((await call(emulator, "GetCallerIdentity", { Version: "2014-05-26" })).status).toBe(404);
});

test("XML is returned on request, with lists as repeated elements", async () => {
  const { text, headers } = await call(emulator, "DescribeRegions", { Format: "XML" });
  expect(headers["content-type"]).toContain("xml");
  expect(text).toMatch(
    /<DescribeRegionsResponse>.*<Regions><Region><RegionId>cn-hangzhou<.*<Region><RegionId>ap-southeast-1</,
  );
  expect((await call(emulator, "DescribeInstanceAttribute", { Format: "XML", InstanceId: "i-none" })).text).toContain(
    "<Error>",
  );
  expect((await call(emulator, "DescribeRegions", { Format: "YAML" })).body ?? {}).not.toHaveProperty("Regions");
});

test("names that JavaScript objects have are parameters like any other", async () => {
  expect(
    (await call(emulator, "DescribeRegions", { "__proto__.polluted": "yes", "constructor.prototype.x": "y" })).status,
  ).toBe(200);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

const order =
  (phase: "before" | "after", fault: Fault): Intercept =>
  (call, at) =>
    at === phase && call.action === "CreateImage" ? fault : undefined;

test.each([
  ["before", 0],
  ["after", 1],
] as const)("an error ordered %s the effect leaves %i images", async (phase, images) => {
  emulator.intercept = order(phase, { kind: "error", status: 503, code: "ServiceUnavailable" });
  expect(await create()).toMatchObject({ status: 503, body: { Code: "ServiceUnavailable" } });
  expect(made()).toBe(images);
  expect(emulator.calls.at(-1)).toMatchObject({
    effect: images === 1,
    answered: { status: 503, code: "ServiceUnavailable" },
  });
});

test.each([
  ["before", 0],
  ["after", 1],
] as const)("a connection reset %s the effect leaves %i images", async (phase, images) => {
  emulator.intercept = order(phase, { kind: "reset" });
  await expect(create()).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(made()).toBe(images);
  expect(emulator.calls.at(-1)!.answered).toBeUndefined();
});

test("a fault can return any body", async () => {
  emulator.intercept = order("after", {
    kind: "answer",
    status: 502,
    body: "<html>Bad Gateway</html>",
    contentType: "text/html",
  });
  expect(await create()).toMatchObject({
    status: 502,
    text: "<html>Bad Gateway</html>",
    headers: { "content-type": "text/html" },
  });
});

test("a truncated answer is shorter than its announced length", async () => {
  emulator.intercept = order("after", { kind: "truncate" });
  await expect(create()).rejects.toThrow(/aborted|hang up/);
});

test("a silent answer never comes, and does not keep the emulator from closing", async () => {
  emulator.intercept = order("after", { kind: "silence" });
  const asked = create();
  const outcome = await Promise.race([
    asked.then(
      () => "answered",
      () => "failed",
    ),
    new Promise((resolve) => setTimeout(resolve, 100, "silent")),
  ]);
  expect(outcome).toBe("silent");
  await emulator.close();
  await expect(asked).rejects.toThrow();
  emulator = await startEmulator();
});

test("a slow answer is complete and has the configured speed", async () => {
  emulator.intercept = order("after", { kind: "slow", bytesPerSecond: 1000 });
  const startMs = performance.now();
  expect((await create()).body.ImageId).toBeDefined();
  expect(performance.now() - startMs).toBeGreaterThan(70);
});

test("a delay before the effect delays the effect", async () => {
  emulator.intercept = order("before", { kind: "delay", ms: 150 });
  const asked = create();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(made()).toBe(0);
  expect((await asked).status).toBe(200);
});

test("an intercept may wait, see the call, and let it pass", async () => {
  const seen: string[] = [];
  emulator.intercept = async (call, phase) => {
    await Promise.resolve();
    seen.push(`${phase} ${call.action} ${call.params.InstanceId ?? ""} ${call.effect}`);
    return undefined;
  };
  await create();
  expect(seen).toEqual([`before CreateImage ${seeds.instanceId} false`, `after CreateImage ${seeds.instanceId} true`]);
});

test("an intercept does not see calls without valid credentials", async () => {
  let asked = 0;
  emulator.intercept = () => void (asked += 1);
  await call(emulator, "DescribeRegions", {}, { accessKeyId: "nobody", accessKeySecret: "" });
  expect(asked).toBe(0);
  expect(emulator.calls).toMatchObject([
    { action: "DescribeRegions", answered: { code: "InvalidAccessKeyId.NotFound" } },
  ]);
});

test("the official client recovers from a reset", async () => {
  const client = officialClient(emulator.endpoint);
  emulator.intercept = () => ({ kind: "reset" });
  await expect(client.describeRegions(new ecs.DescribeRegionsRequest({}))).rejects.toThrow();
  emulator.intercept = undefined;
  expect((await client.describeRegions(new ecs.DescribeRegionsRequest({}))).statusCode).toBe(200);
});
