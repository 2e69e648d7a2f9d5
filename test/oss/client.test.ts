import { type Emulator, emptyWorld, type Fault, startEmulator } from "../../emulator";
import { manualClock } from "../../emulator/clock";
import { storedObject } from "../../emulator/world/stored-object";
import { isFailure } from "../../provider/failure";
import { OssClient, type OssKeys, type OssOptions } from "../../provider/oss/client";
import { systemClock } from "../../provider/wait/clock";
import { body, openStage } from "../ecs/stage";
import fc from "../support/fast-check";
import { openProxy } from "../support/proxy";

const keys = { accessKeyId: "emulator-key", accessKeySecret: "emulator-secret" };
const temporary = { accessKeyId: "STS.temporary", accessKeySecret: "temporary-secret", securityToken: "CAIStoken+/==" };
const of = (get: OssKeys["get"], renew = () => {}): OssKeys => ({ get, renew });
const hasty = { now: systemClock.now, sleep: async () => {} };

let emulator: Emulator;
beforeEach(async () => {
  const world = emptyWorld();
  world.buckets.set("images", {
    name: "images",
    regionId: "cn-hangzhou",
    creationDate: 0,
    storageClass: "Standard",
    objects: new Map(),
  });
  emulator = await startEmulator({
    world,
    credentials: [keys, { ...temporary }, { ...keys, accessKeyId: "idle", policy: { Version: "1", Statement: [] } }],
  });
});
afterEach(() => emulator.close());

const open = (options: Partial<OssOptions> = {}) =>
  new OssClient({
    regionId: "cn-hangzhou",
    endpoint: { protocol: "HTTP", host: emulator.endpoint.replace("http://", "") },
    credentials: of(async () => keys),
    clock: hasty,
    ...options,
  });
const store = (key: string, size?: number) => {
  const object = storedObject(
    key,
    Buffer.from(`content of ${key}`),
    Date.UTC(2026, 0, 1),
    size === undefined ? {} : { size },
  );
  emulator.world.buckets.get("images")!.objects.set(key, object);
  return object;
};
const actions = () => emulator.calls.map(({ action }) => action);
const fail = (...faults: (Fault | undefined)[]) => {
  emulator.intercept = (_call, phase) => (phase === "before" ? faults.shift() : undefined);
};

describe("asking OSS for an object", () => {
  it("gives its size, however large, and its ETag without the quotes", async () => {
    const { eTag } = store("disk.raw", 40 * 2 ** 30);
    expect(await open().headObject("images", "disk.raw")).toEqual({
      size: 40 * 2 ** 30,
      eTag,
      lastModified: "Thu, 01 Jan 2026 00:00:00 GMT",
    });
  });

  it("finds and deletes any key that OSS can hold", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
          .filter((key) => !/^[/\\]|(^|\/)\.{1,2}(\/|$)/.test(key)),
        async (key) => {
          const { eTag } = store(key);
          expect(await open().headObject("images", key)).toMatchObject({ eTag });
          await open().deleteObject("images", key);
          expect(await open().headObject("images", key)).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("refuses a key that a URL would resolve to another one", async () => {
    store("b");
    await expect(open().deleteObject("images", "a/../b")).rejects.toMatchObject({ kind: "Invalid" });
    expect(emulator.calls).toEqual([]);
  });

  it("uses temporary credentials", async () => {
    store("a");
    expect(await open({ credentials: of(async () => temporary) }).headObject("images", "a")).toBeDefined();
  });

  it("distinguishes a missing object from a missing bucket", async () => {
    expect(await open().headObject("images", "absent")).toBeUndefined();
    await expect(open().headObject("elsewhere", "absent")).rejects.toMatchObject({
      kind: "Refused",
      detail: { code: "NoSuchBucket", status: 404 },
    });
  });

  it("sends a GET after a 404 that does not say what is missing", async () => {
    emulator.intercept = ({ action }, phase) =>
      action === "HeadObject" && phase === "before" ? { kind: "answer", status: 404, body: "" } : undefined;
    expect(await open().headObject("images", "absent")).toBeUndefined();
    await expect(open().headObject("elsewhere", "absent")).rejects.toMatchObject({
      kind: "Refused",
      detail: { code: "NoSuchBucket" },
    });
    const { eTag, size } = store("there", 3 * 2 ** 30);
    expect(await open().headObject("images", "there")).toMatchObject({ eTag, size });
  });

  it("never takes a 404 of another server for the absence of an object", async () => {
    emulator.intercept = () => ({
      kind: "answer",
      status: 404,
      body: "<html>no such page</html>",
      contentType: "text/html",
    });
    await expect(open().headObject("images", "there")).rejects.toMatchObject({
      kind: "Unreachable",
      detail: { status: 404 },
    });
  });
});

describe("listing a bucket", () => {
  it("reads all keys with the prefix from all pages, and no others", async () => {
    const keys = Array.from({ length: 2_100 }, (_, i) => `golden_${i} & <é>`);
    for (const key of [...keys, "gold", "silver_1"]) store(key);
    const listed = await open().listObjects("images", "golden");
    expect(listed.map(({ key }) => key).sort()).toEqual([...keys].sort());
    expect(Date.parse(listed[0]!.lastModified)).toBe(Date.UTC(2026, 0, 1));
    expect(actions()).toHaveLength(3);
  });

  it("reports a missing bucket, and does not take another server's page for an empty bucket", async () => {
    await expect(open().listObjects("elsewhere", "golden")).rejects.toMatchObject({ detail: { code: "NoSuchBucket" } });
    const stage = await openStage();
    stage.play(body(200, "<html/>", { "x-oss-request-id": "1" }));
    const endpoint = { protocol: "HTTP", host: new URL(stage.endpoint).host } as const;
    await expect(open({ endpoint }).listObjects("images", "golden")).rejects.toMatchObject({ kind: "Unreachable" });
    await stage.close();
  });
});

describe("deleting an object", () => {
  it("succeeds for a missing one, and reports a missing bucket", async () => {
    await open().deleteObject("images", "absent");
    await expect(open().deleteObject("elsewhere", "absent")).rejects.toMatchObject({
      kind: "Refused",
      detail: { code: "NoSuchBucket" },
    });
  });
});

describe("an answer that is not from OSS", () => {
  it("is not a success", async () => {
    emulator.intercept = () => ({
      kind: "answer",
      status: 200,
      body: "<html>Sign in to the network</html>",
      contentType: "text/html",
    });
    await expect(open().deleteObject("images", "a")).rejects.toMatchObject({ kind: "Unreachable" });
    await expect(open().headObject("images", "a")).rejects.toMatchObject({ kind: "Unreachable" });
  });
});

describe("when OSS does not answer as it should", () => {
  it.each<[string, Fault]>([
    ["resets the connection", { kind: "reset" }],
    ["is out of order", { kind: "error", status: 503, code: "ServiceUnavailable" }],
    ["asks for fewer requests", { kind: "error", status: 429, code: "TooManyRequests" }],
    ["breaks off in the middle", { kind: "truncate" }],
    ["hides behind a gateway", { kind: "answer", status: 502, body: "<html>Bad Gateway</html>" }],
  ])("tries again: it %s", async (_what, fault) => {
    const { eTag } = store("a");
    fail(fault, fault);
    expect(await open().headObject("images", "a")).toMatchObject({ eTag });
    expect(actions()).toEqual(["HeadObject", "HeadObject", "HeadObject"]);
  });

  it("pauses longer after each attempt, on the given clock", async () => {
    const clock = manualClock();
    emulator.intercept = () => ({ kind: "error", status: 500, code: "InternalError" });
    const asked = open({ clock })
      .headObject("images", "a")
      .catch((error: unknown) => error);
    const pauses: number[] = [];
    for (let from = clock.now(); pauses.length < 3; from = clock.now()) {
      while (clock.nextWake === undefined) await new Promise((turn) => setImmediate(turn));
      pauses.push(clock.nextWake - from);
      await clock.advance(clock.nextWake - from);
    }
    expect(await asked).toMatchObject({ kind: "Unreachable", detail: { code: "InternalError", status: 500 } });
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(new Set(pauses).size).toBe(3);
    expect(emulator.calls).toHaveLength(4);
  });

  it("gives up an attempt that gets no answer", async () => {
    emulator.intercept = () => ({ kind: "silence" });
    await expect(open({ attemptTimeoutMs: 20 }).headObject("images", "a")).rejects.toMatchObject({
      kind: "Unreachable",
    });
    expect(emulator.calls).toHaveLength(4);
  });

  it("uses new credentials for the next attempt", async () => {
    store("a");
    fail({ kind: "reset" });
    let asked = 0;
    const credentials = async () => (asked++ === 0 ? keys : temporary);
    await open({ credentials: of(credentials) }).headObject("images", "a");
    expect(emulator.calls.map(({ accessKeyId }) => accessKeyId)).toEqual([keys.accessKeyId, temporary.accessKeyId]);
  });
});

describe("a refusal", () => {
  it("of the caller is not tried again", async () => {
    await expect(
      open({ credentials: of(async () => ({ ...keys, accessKeyId: "idle" })) }).headObject("images", "a"),
    ).rejects.toMatchObject({
      kind: "Denied",
      detail: { code: "AccessDenied", status: 403, requestId: expect.stringMatching(/^[0-9A-F]{24}$/) },
    });
    expect(emulator.calls).toHaveLength(1);
  });

  it.each([
    ["RequestTimeTooSkewed", /Set the clock of this machine/],
    ["InvalidAccessKeyId", /Check the access key of this stack/],
    ["SignatureDoesNotMatch", /Check the access key of this stack/],
    ["AccessDenied", /Allow oss:GetObject to these credentials in their RAM policy/],
    ["InvalidObjectState", /Restore the object/],
  ])("with %s gives advice on that code, and about policies only if one is at fault", async (code, advice) => {
    emulator.intercept = (_call, phase) => (phase === "before" ? { kind: "error", status: 403, code } : undefined);
    const failure = await open()
      .headObject("images", "a")
      .catch((error: Error) => error);
    expect((failure as Error).message).toMatch(advice);
    expect(/RAM policy/.test((failure as Error).message)).toBe(code === "AccessDenied");
  });

  it("of a token that has expired renews it, and the call succeeds", async () => {
    const { eTag } = store("a");
    let renewed = 0;
    emulator.intercept = (_call, phase) =>
      phase === "before" && renewed === 0 ? { kind: "error", status: 403, code: "SecurityTokenExpired" } : undefined;
    const credentials = of(
      async () => keys,
      () => void (renewed += 1),
    );
    expect(await open({ credentials }).headObject("images", "a")).toMatchObject({ eTag });
    expect(renewed).toBe(1);
  });

  it("never repeats a credential, even if the server does", async () => {
    const echo = `<Error><Code>SignatureDoesNotMatch</Code><Message>${JSON.stringify(temporary)}</Message></Error>`;
    const faults: Fault[] = [
      { kind: "answer", status: 403, body: echo },
      { kind: "answer", status: 502, body: echo },
      { kind: "reset" },
    ];
    const said: unknown[] = [];
    for (const fault of faults) {
      emulator.intercept = () => fault;
      said.push(
        await open({ credentials: of(async () => temporary) })
          .deleteObject("images", "a")
          .catch((error: unknown) => error),
      );
    }
    expect(said).toMatchObject([{ kind: "Denied" }, { kind: "Unreachable" }, { kind: "Unreachable" }]);
    for (const error of said) {
      expect(isFailure(error)).toBe(true);
      for (const secret of Object.values(temporary))
        expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain(secret);
    }
  });
});

it("the bucket is in the host name, unless the host is an address", async () => {
  const proxy = await openProxy();
  process.env["HTTPS_PROXY"] = proxy.url;
  try {
    const endpoint = { protocol: "HTTPS", host: "oss-cn-hangzhou.aliyuncs.com" } as const;
    await expect(open({ endpoint }).deleteObject("images", "a")).rejects.toMatchObject({ kind: "Unreachable" });
    expect(new Set(proxy.asked)).toEqual(new Set(["images.oss-cn-hangzhou.aliyuncs.com:443"]));
  } finally {
    delete process.env["HTTPS_PROXY"];
    await proxy.close();
  }
});

describe("a cancelled run", () => {
  it("sends nothing more", async () => {
    const run = new AbortController();
    run.abort();
    await expect(open({ signal: run.signal }).headObject("images", "disk.raw")).rejects.toMatchObject({
      kind: "Cancelled",
      message: "HeadObject of oss://images/disk.raw: cancelled.",
    });
    expect(actions()).toEqual([]);
  });

  it("ends a call that has no answer, and one that waits to be sent again", async () => {
    for (const fault of [{ kind: "silence" }, { kind: "reset" }] as const) {
      fail(fault, fault, fault, fault);
      const run = new AbortController();
      const asleep = open({ signal: run.signal, clock: systemClock }).headObject("images", "disk.raw");
      asleep.catch(() => undefined);
      while (actions().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      run.abort();
      await expect(asleep).rejects.toMatchObject({ kind: "Cancelled" });
      expect(actions()).toHaveLength(1);
      emulator.calls.length = 0;
    }
  });
});
