import { type Call, type Fault, seeds } from "../../emulator";
import { manyWorld } from "../support/kinds";
import { type Lab, openLab, type Resource, resource, urnOf } from "../support/lab";
import { distinct } from "../support/sample";

const MINUTE_MS = 60_000;

/**
 * Faults that do not end by themselves. Each leads to one clear sentence within the deadline, and nothing is duplicated
 * or forgotten.
 */
describe.each(distinct)("$kind", ({ kind, creates: makes, nth, args, changedInPlace, world, remains }) => {
  let lab: Lab;
  let subject: Resource;
  beforeEach(async () => {
    lab = await openLab({ world: world() }, {}, { callTimeoutMs: 60 });
    subject = resource(lab, kind);
  });
  afterEach(() => lab.close());

  const isLook = ({ action }: Call) => /^(Describe|Head|GetObject)/.test(action);
  const always = (fault: Fault, when: (call: Call) => boolean, phase = "before") => {
    lab.emulator.intercept = (call, at) => (at === phase && when(call) ? fault : undefined);
  };
  const mends = () => (lab.emulator.intercept = undefined);
  const made = () => lab.emulator.calls.filter(({ action, effect }) => action === makes && effect).length;
  const callsOf = (action: string) => lab.emulator.calls.filter((call) => call.action === action).length;
  async function took<T>(work: Promise<T>) {
    const [startMs, from] = [lab.clock.now(), lab.emulator.calls.length];
    const result = await work;
    return { result, tookMs: lab.clock.now() - startMs, calls: lab.emulator.calls.length - from };
  }
  const throttled: Fault = {
    kind: "error",
    status: 429,
    code: "Throttling.User",
    message: "Request was denied due to user flow control.",
  };
  const forbidden: Fault = {
    kind: "error",
    status: 403,
    code: "Forbidden.RAM",
    message: "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
  };
  const page: Fault = { kind: "answer", status: 502, body: "<html>Bad Gateway</html>", contentType: "text/html" };

  /** After a clean up the cloud has one of it, and after a destroy none. */
  async function recovers() {
    mends();
    expect((await subject.up(args)).error).toBeUndefined();
    expect(subject.state!.outputs).toMatchObject(args);
    expect(await subject.up(args)).toEqual({ did: "same" });
    expect(made()).toBe(1);
    expect(await subject.destroy()).toEqual({ did: "delete" });
    expect(remains(lab)).toEqual([]);
  }

  it("is created although every call is throttled for a minute, without a storm of calls", async () => {
    const untilMs = lab.clock.now() + MINUTE_MS;
    always(throttled, ({ at }) => at < untilMs);
    const { result, calls } = await took(subject.up(args));
    expect(result).toEqual({ did: "create" });
    expect(calls).toBeLessThan(80);
    expect(made()).toBe(1);
  });

  it("is not created while its creating call is always throttled, and the error names code and request", async () => {
    always(throttled, ({ action }) => action === makes);
    const { result, tookMs } = await took(subject.up(args, { timeouts: { create: "10m" } }));
    expect(result.error).toMatch(/^creating .*Throttling\.User.*RequestId: [0-9A-F-]{36}/);
    expect(tookMs).toBeLessThanOrEqual(11 * MINUTE_MS);
    expect(callsOf(makes)).toBeLessThan(60);
    expect(subject.state).toBeUndefined();
    await recovers();
  });

  it.each([
    ["throttled", throttled],
    ["answered with a proxy's page", page],
    ["reset", { kind: "reset" }],
    ["never answered", { kind: "silence" }],
  ] as [string, Fault][])("is recorded, not lost, when every read after its creation is %s", async (_what, fault) => {
    always(fault, (call) => isLook(call) && made() === 1);
    const { result, tookMs, calls } = await took(subject.up(args, { timeouts: { create: "20m" } }));
    expect({ error: result.error, ...subject.state }).toMatchObject({
      error: expect.stringMatching(/^creating /),
      id: expect.stringMatching(/^[mt]-/),
      outputs: { __provider: expect.any(String) },
    });
    expect(tookMs).toBeLessThanOrEqual(21 * MINUTE_MS);
    // it looks until its own deadline, for an image and for a task
    expect(calls / (tookMs / MINUTE_MS)).toBeLessThan(12);
    await recovers();
  });

  it.each([
    ["reset", { kind: "reset" }],
    ["an answer of nothing", { kind: "answer", status: 200, body: "{}" }],
    ["silence", { kind: "silence" }],
    ["500", { kind: "error", status: 500, code: "InternalError" }],
  ] as [string, Fault][])("is found by the next up when every answer to its creation is %s", async (_what, fault) => {
    always(fault, (call) => call.action === makes, "after");
    const { result, tookMs } = await took(subject.up(args));
    if (kind === "ImageExport")
      expect(result).toEqual({ did: "create" }); // it can be found while it is looked for
    else expect(result.error).toMatch(/^creating .*run the same command again/);
    expect(tookMs).toBeLessThan(10 * MINUTE_MS);
    await recovers();
  });

  it("ends in a sentence when nothing answers, in a creation, a refresh and a destroy", async () => {
    always({ kind: "silence" }, () => true);
    const creation = await took(subject.up(args));
    expect(creation.result.error).toMatch(/^creating .*did not answer within/);
    expect(creation.tookMs).toBeLessThan(10 * MINUTE_MS);
    mends();
    await subject.up(args);
    always({ kind: "silence" }, () => true);
    for (const [doing, run] of [
      ["reading", () => subject.refresh()],
      ["deleting", () => subject.destroy()],
    ] as const) {
      const { result, tookMs } = await took(run());
      expect(result.error).toMatch(new RegExp(`^${doing} `));
      expect(tookMs).toBeLessThan(10 * MINUTE_MS);
      expect(subject.state).toBeDefined();
    }
    mends();
    expect(await subject.destroy()).toEqual({ did: "delete" });
    expect(remains(lab)).toEqual([]);
  });

  it("does not wait for an answer that comes byte by byte", async () => {
    always({ kind: "slow", bytesPerSecond: 500 }, () => true); // for a limit of 60 ms that is next to nothing
    const { result } = await took(subject.up(args));
    expect(result.error).toMatch(/^creating .*no usable answer/);
    await recovers();
  });

  it("is refused at once, with advice, by a cloud with another clock", async () => {
    always(
      {
        kind: "error",
        status: 400,
        code: "InvalidTimeStamp.Expired",
        message: "Specified time stamp or date value is expired.",
      },
      () => true,
    );
    const { result, calls } = await took(subject.up(args));
    expect(result.error).toMatch(/^creating .*clock of this machine/);
    expect(calls).toBeLessThanOrEqual(2);
    expect(made()).toBe(0);
  });

  it("causes no storm of calls when the quota is full", async () => {
    const code = kind === "ImageExport" ? "WeeklyQuotaExceed.ExportImage" : "QuotaExceed.Image";
    always({ kind: "error", status: 403, code, message: "The quota is exceeded." }, ({ action }) => action === makes);
    const { result, tookMs } = await took(subject.up(args));
    expect(result.error).toMatch(new RegExp(`${code}.*Quota Center`));
    expect(callsOf(makes)).toBe(1);
    expect(tookMs).toBeLessThan(MINUTE_MS);
    await recovers();
  });

  it("stops at once when its permission to read is revoked while it waits, and keeps the id", async () => {
    let revokedMs = 0;
    lab.emulator.intercept = (call, at) => {
      if (revokedMs === 0 && made() === 1 && lab.clock.now() > Date.UTC(2026, 0, 1) + 30_000)
        revokedMs = lab.clock.now();
      return at === "before" && revokedMs > 0 && isLook(call) ? forbidden : undefined;
    };
    const { result } = await took(subject.up(args));
    expect(result.error).toMatch(/Forbidden\.RAM.*Allow ecs:Describe/);
    expect(lab.clock.now() - revokedMs).toBeLessThan(MINUTE_MS);
    expect(subject.state).toMatchObject({
      id: expect.stringMatching(/^[mt]-/),
      outputs: { __provider: expect.any(String) },
    });
    await recovers();
  });

  it("goes on with new keys when the session of its role ends while it waits", async () => {
    await lab.close();
    lab = await openLab(
      { world: world() },
      { "alicloud:assumeRole": JSON.stringify({ roleArn: seeds.assumableRoleArn, sessionExpiration: 900 }) },
    );
    subject = resource(lab, kind);
    lab.emulator.world.scenarios.push({ for: makes, durationMs: 40 * MINUTE_MS });
    let ended = false;
    lab.emulator.intercept = () => {
      if (!ended && lab.clock.now() > Date.UTC(2026, 0, 1) + 2 * MINUTE_MS) {
        ended = true;
        for (const credential of lab.emulator.credentials.values())
          if (credential.securityToken) credential.expiresAtMs = lab.clock.now();
      }
      return undefined;
    };
    expect(await subject.up(args)).toEqual({ did: "create" });
    expect(callsOf("AssumeRole")).toBeGreaterThanOrEqual(4);
    expect(callsOf("AssumeRole")).toBeLessThanOrEqual(8);
    expect(made()).toBe(1);
  });

  it("stops when its keys are deleted while it waits, and keeps the id", async () => {
    lab.emulator.world.scenarios.push({ for: makes, durationMs: 40 * MINUTE_MS });
    lab.emulator.intercept = () => {
      if (lab.clock.now() > Date.UTC(2026, 0, 1) + 2 * MINUTE_MS)
        lab.emulator.credentials.delete(lab.processes.at(-1)!.accessKeyId);
      return undefined;
    };
    const { result, tookMs } = await took(subject.up(args));
    expect(result.error).toMatch(/^creating .*InvalidAccessKeyId\.NotFound.*access key/);
    expect(tookMs).toBeLessThan(5 * MINUTE_MS);
    expect(subject.state).toMatchObject({ id: expect.stringMatching(/^[mt]-/) });
    await recovers();
  });

  it("ends at its deadline when it is stuck at 99 %, is recorded, and can be destroyed", async () => {
    lab.emulator.world.scenarios.push({ for: makes, sticksAtPercent: 99 });
    const { result, tookMs, calls } = await took(subject.up(args, { timeouts: { create: "30m" } }));
    expect(result.error).toMatch(/not ready after 30 min: it is .*99%/);
    expect(tookMs).toBeLessThanOrEqual(31 * MINUTE_MS);
    expect(calls).toBeLessThan(900);
    expect(subject.state).toBeDefined();
    lab.emulator.world.images.forEach((image) => (image.span = { ...image.span, sticksAtPercent: 100 }));
    expect(await subject.destroy()).toEqual({ did: "delete" });
    expect(remains(lab)).toEqual([]);
  });

  it.each([0, 50, 99])(
    "that fails at %i %% is an error, leaves nothing, and is created by the next up",
    async (failAtPercent) => {
      lab.emulator.world.scenarios.push({ for: makes, failAtPercent });
      const { result, tookMs } = await took(subject.up(args));
      expect(result.error).toMatch(/^creating /);
      expect(tookMs).toBeLessThan(5 * MINUTE_MS);
      expect(subject.state).toBeUndefined();
      expect(remains(lab)).toEqual([]);
      expect(await subject.up(args)).toEqual({ did: "create" });
    },
  );

  it("that disappears when it should be ready is an error, and leaves nothing", async () => {
    lab.emulator.world.scenarios.push({ for: makes, vanishes: true });
    const { result, tookMs } = await took(subject.up(args));
    expect(result.error).toMatch(/^creating .*(gone|no object|not exist)/);
    expect(tookMs).toBeLessThan(15 * MINUTE_MS);
    await subject.refresh();
    expect(await subject.up(args)).toEqual({ did: "create" });
  });

  it("that is listed a minute late is waited for", async () => {
    lab.emulator.world.scenarios.push({ for: makes, hiddenForMs: 50_000 });
    expect(await subject.up(args)).toEqual({ did: "create" });
    expect(made()).toBe(1);
  });

  it("that is updated in place records its progress when one of the changes is refused", async () => {
    await subject.up(args);
    const refusals = ["ModifyImageAttribute", "TagResources", "UntagResources"];
    for (const action of refusals) {
      always(forbidden, (call) => call.action === action);
      const outcome = await subject.up(changedInPlace);
      if (outcome.error !== undefined) expect(outcome.error).toMatch(new RegExp(`^updating .*Allow ecs:${action}`));
      expect(subject.state!.outputs["__provider"]).toBeDefined();
    }
    mends();
    expect((await subject.up(changedInPlace)).error).toBeUndefined();
    expect(subject.state!.outputs).toMatchObject(changedInPlace);
    expect(await subject.up(changedInPlace)).toEqual({ did: "same" });
    expect(made()).toBe(1);
  });

  it("keeps its time limit in a destroy, too", async () => {
    await subject.up(args, { timeouts: { delete: "10m" } });
    always(throttled, ({ action }) => /^(Delete|Untag|Cancel)/.test(action));
    const { result, tookMs } = await took(subject.destroy());
    expect(result.error).toMatch(/^deleting .*(Throttling|flow control|denied by order|reduce your request rate)/);
    expect(tookMs).toBeLessThanOrEqual(11 * MINUTE_MS);
    expect(subject.state).toBeDefined();
    mends();
    expect(await subject.destroy()).toEqual({ did: "delete" });
    expect(remains(lab)).toEqual([]);
  });

  it("shares one pace among thirty creations at once under a narrow quota", async () => {
    await lab.close();
    lab = await openLab({ world: manyWorld() }, {}, { callTimeoutMs: 60 });
    lab.emulator.world.quotas.callsPerSecond = { [makes]: 1, DescribeImages: 2 };
    const process = lab.process();
    const inputs = Array.from({ length: 30 }, (_, n) => ({
      ...nth(n),
      __urn: urnOf(kind, `n${n}`),
      __provider: "text",
    }));
    const { result, calls } = await took(lab.turn(Promise.all(inputs.map((each) => process.of(kind).create(each)))));
    expect(new Set(result.map(({ id }) => id)).size).toBe(30);
    expect(made()).toBe(30);
    expect(calls).toBeLessThan(450);
    await process.end();
  });
});
