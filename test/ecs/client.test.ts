import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { reactionTo } from "../../provider/ecs/codes";
import { openProxy } from "../support/proxy";
import {
  type Act,
  answer,
  body,
  create,
  drip,
  KEYS,
  made,
  openRig,
  openStage,
  REQUEST_ID,
  type Rig,
  refuse,
  reset,
  silence,
  truncate,
} from "./stage";

/** A certificate for 127.0.0.1 that no authority has signed, and its key, which opens nothing. */
const SELF_SIGNED = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBizCCATCgAwIBAgIUYtpbQfIPZiy8tsmfVgpjOUoUVSowCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyMTA3MDQ0NloYDzIxMjYxMDI4MDcw
NDQ2WjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAR7ItQO7wGaMpttwycKd1szBa7nZbZ0a4juSi/VeE4v2WD9UbpKBWnMSsfjuXna
KHqDfNoR+QtOw03IRwo2qpzyo2QwYjAdBgNVHQ4EFgQUOkpvuMIp48ZQ+ygdLefO
bCpRuKIwHwYDVR0jBBgwFoAUOkpvuMIp48ZQ+ygdLefObCpRuKIwDwYDVR0TAQH/
BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0kAMEYCIQCYHMKf
QwjP8vFhxR2q5PxOjBU1dczT6gvxPlAJRzhG3wIhAJjnsq0i9I1YrQuEUUIfN7C8
y9obqldk/MsM74dRJwb/
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4TBEA88JzGG4aD5S
warWlr60iV/2pU+e/Xjgg/PX7pChRANCAAR7ItQO7wGaMpttwycKd1szBa7nZbZ0
a4juSi/VeE4v2WD9UbpKBWnMSsfjuXnaKHqDfNoR+QtOw03IRwo2qpzy
-----END PRIVATE KEY-----`,
};

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.stage.close());

describe("a request", () => {
  it("has action, region and nested parameters in the API's form, and the token only in a header", async () => {
    rig.stage.play(made);
    await create(rig.ecs());
    const [call] = rig.stage.seen;
    expect(call!.action).toBe("CreateImage");
    expect(Object.fromEntries(call!.parameters)).toEqual({
      RegionId: "cn-hangzhou",
      InstanceId: "i-1",
      ClientToken: "token-1",
      "Tag.1.Key": "a",
      "Tag.1.Value": "1",
    });
    expect(call!.headers.authorization).toMatch(
      new RegExp(
        "^ACS3-HMAC-SHA256 Credential=LTAIcanarycanary0001,SignedHeaders=.*x-acs-security-token.*," +
          "Signature=[0-9a-f]{64}$",
      ),
    );
    expect(call!.headers["x-acs-security-token"]).toBe(KEYS.securityToken);
    expect(call!.url).not.toContain("CAIS");
  });

  it("that is too long for a URL goes in the body in full", async () => {
    rig.stage.play(made);
    const tags = Array.from({ length: 20 }, (_, n) => ({ Key: `${"键".repeat(120)}${n}`, Value: "值".repeat(128) }));
    await rig.ecs()("CreateImage", { InstanceId: "i-1", Tag: tags });
    const [call] = rig.stage.seen;
    expect(call!.url.length).toBeLessThan(100);
    expect(call!.parameters.get("Tag.20.Key")).toBe(tags[19]!.Key);
    expect(call!.headers["x-acs-content-sha256"]).not.toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });

  it("has a fresh nonce on each attempt, and the same client token", async () => {
    rig.stage.play(refuse(503, "ServiceUnavailable"), reset, made);
    await rig.settled(create(rig.ecs()));
    expect(new Set(rig.stage.seen.map(({ headers }) => headers["x-acs-signature-nonce"])).size).toBe(3);
    expect(rig.stage.seen.map(({ parameters }) => parameters.get("ClientToken"))).toEqual([
      "token-1",
      "token-1",
      "token-1",
    ]);
  });

  it("does not follow a redirect", async () => {
    const elsewhere = await openStage();
    rig.stage.play(
      body(302, JSON.stringify({ ImageId: "m-elsewhere", RequestId: REQUEST_ID }), { location: elsewhere.endpoint }),
      made,
    );
    expect((await rig.settled(create(rig.ecs()))).ImageId).toBe("m-1");
    expect(elsewhere.seen).toHaveLength(0);
    expect(rig.stage.seen).toHaveLength(2);
    await elsewhere.close();
  });
});

describe("an unknown outcome", () => {
  const unclear: Record<string, Act> = {
    "a reset": reset,
    "an answer that breaks off": truncate,
    silence: silence,
    "a byte at a time": drip,
    "502 with HTML": body(502, "<html><h1>Bad Gateway</h1></html>", { "content-type": "text/html" }),
    "504 with nothing": body(504, ""),
    "500 InternalError": refuse(500, "InternalError"),
    "503 with an unknown code": refuse(503, "SomethingNew"),
    "an XML error": body(500, "<Error><Code>X</Code></Error>", { "content-type": "text/xml" }),
    "200 and empty": body(200, ""),
    "200 and cut short": body(200, '{"ImageId":"m-'),
    "200 and garbled gzip": body(200, "not gzip", { "content-type": "application/json", "content-encoding": "gzip" }),
    "200 and a list": body(200, "[]"),
    "200 and null": body(200, "null"),
    "200 and an error": body(200, JSON.stringify({ Code: "InternalError", Message: "no", RequestId: REQUEST_ID })),
    "200 without the id": answer({}),
    "200 with an id of the wrong type": answer({ ImageId: 7 }),
    "a nonce that a proxy used up": refuse(400, "SignatureNonceUsed"),
  };

  it.each(Object.entries(unclear))(
    "%s: CreateImage with a client token is sent again, and its second answer counts",
    async (_, act) => {
      rig.stage.play(act, act, made);
      const made2 = await rig.settled(create(rig.ecs()));
      expect(made2.ImageId).toBe("m-1");
      expect(rig.stage.seen).toHaveLength(3);
    },
  );

  it.each(Object.entries(unclear))("%s: ExportImage is never sent twice", async (_, act) => {
    rig.stage.play(act);
    const failure = await rig.failureOf(rig.ecs()("ExportImage", { ImageId: "m-1", OSSBucket: "b" }));
    expect(failure.kind).toBe("Unreachable");
    expect(reactionTo(failure)).toBe("repeat");
    expect(rig.stage.seen).toHaveLength(1);
  });

  it("CreateImage without a client token is not sent twice", async () => {
    rig.stage.play(reset);
    expect((await rig.failureOf(rig.ecs()("CreateImage", { InstanceId: "i-1" }))).kind).toBe("Unreachable");
    expect(rig.stage.seen).toHaveLength(1);
  });

  it("ends after a few minutes, with growing pauses, however late the deadline", async () => {
    rig.stage.play(body(502, "<html>"));
    const startedMs = rig.clock.now();
    const failure = await rig.failureOf(create(rig.ecs()));
    expect(failure.kind).toBe("Unreachable");
    expect(rig.clock.now() - startedMs).toBeLessThanOrEqual(180_000);
    expect(rig.stage.seen.length).toBeLessThan(25);
    expect(failure.message).toMatch(
      /^creating image "golden" from instance i-1: .*It is unknown whether the request took effect/,
    );
  });

  it("no attempt begins after the deadline", async () => {
    rig.stage.play(reset);
    const deadlineMs = rig.clock.now() + 5_000;
    await rig.failureOf(create(rig.ecs({ deadlineMs: 5_000 })));
    expect(rig.clock.now()).toBeLessThanOrEqual(deadlineMs);
  });

  it("an answer of one byte a second ends at the time limit of the call, not at its last byte", async () => {
    rig.stage.play(drip);
    const startedMs = Date.now();
    await rig.failureOf(rig.ecs({ callTimeoutMs: 250 })("ExportImage", { ImageId: "m-1", OSSBucket: "b" }));
    expect(Date.now() - startedMs).toBeLessThan(2_000);
  });

  it.each<[string, Act]>([
    ["no list and no count", answer({})],
    ["a list that is none", answer({ TotalCount: 1, Images: { Image: {} } })],
    ["a row without an id", answer({ TotalCount: 1, Images: { Image: [{ Status: "Available" }] } })],
    ["a row without a status", answer({ TotalCount: 1, Images: { Image: [{ ImageId: "m-1" }] } })],
  ])("DescribeImages with %s is not taken for an empty list", async (_, act) => {
    rig.stage.play(act);
    expect((await rig.failureOf(rig.ecs()("DescribeImages", {}))).kind).toBe("Unreachable");
  });
});

describe("a server that is not reached", () => {
  it("is tried again even for ExportImage, since nothing was done", async () => {
    const port = new URL(rig.stage.endpoint).port;
    await rig.stage.close();
    const startedMs = rig.clock.now();
    const failure = await rig.failureOf(rig.ecs()("ExportImage", { ImageId: "m-1", OSSBucket: "b" }));
    expect(failure.kind).toBe("Unreachable");
    expect(failure.message).toContain(`127.0.0.1:${port}, ECONNREFUSED`);
    expect(rig.clock.now()).toBeGreaterThan(startedMs + 1_000);
    expect(rig.clock.now()).toBeLessThan(startedMs + 15_000); // it was never there, so it is likely the wrong one
  });

  it("for a while is tried much longer than one that was never reached", async () => {
    const ecs = rig.ecs();
    await rig.failureOf(ecs("DescribeImages", {})); // answered, if only by an error
    await rig.stage.close();
    const startedMs = rig.clock.now();
    const failure = await rig.failureOf(ecs("DescribeImages", {}));
    expect(failure.kind).toBe("Unreachable");
    expect(rig.clock.now()).toBeGreaterThan(startedMs + 60_000);
  });

  it("whose certificate is not trusted gets no request and no second attempt", async () => {
    let spoken = 0;
    const server = createServer(SELF_SIGNED, () => (spoken += 1));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const startedMs = rig.clock.now();
    const failure = await rig.failureOf(rig.ecs({ endpoint })("DescribeImages", {}));
    expect(failure.kind).toBe("Unreachable");
    expect(failure.message).toContain("SELF_SIGNED_CERT");
    expect([spoken, rig.clock.now() - startedMs]).toEqual([0, 0]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("because of a proxy is named together with the proxy", async () => {
    const proxy = await openProxy({ refuses: 407 });
    const endpoint = "https://ecs-cn-hangzhou.aliyuncs.com";
    process.env["HTTPS_PROXY"] = proxy.url;
    try {
      const failure = await rig.failureOf(rig.ecs({ endpoint })("DescribeImages", {}));
      const { host } = new URL(proxy.url);
      expect(failure.message).toContain(`the proxy ${host} answered HTTP 407 instead of connecting to ecs-cn-hangzhou`);
      expect(proxy.asked).toEqual(["ecs-cn-hangzhou.aliyuncs.com:443"]);
      await proxy.close();
      const gone = await rig.failureOf(rig.ecs({ endpoint })("DescribeImages", {}));
      expect(gone.message).toContain(`ECONNREFUSED, through the proxy ${host}`);
    } finally {
      delete process.env["HTTPS_PROXY"];
    }
  });

  it("without a trusted connection is not tried again", async () => {
    const startedMs = rig.clock.now();
    const failure = await rig.failureOf(
      rig.ecs({ endpoint: rig.stage.endpoint.replace("http:", "https:") })("DescribeImages", {}),
    );
    expect(failure.kind).toBe("Unreachable");
    expect(failure.message).toContain("no trusted connection");
    expect(rig.clock.now()).toBe(startedMs);
  });
});
