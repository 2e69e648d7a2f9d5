import { contractKinds } from "./support/kinds";
import type { Lab } from "./support/lab";
import { openLab, type Resource, resource, urnOf } from "./support/lab";

/**
 * What every resource must guarantee, in the engine's own sequences of calls. Each operation has its own provider
 * process. The titles state what a user would miss.
 */
describe.each(contractKinds)("$kind, $front host", (row) => {
  const { front, kind, creates, args, changedInPlace, replaced, world, remains } = row;
  let lab: Lab;
  let subject: Resource;

  beforeEach(async () => {
    lab = await openLab({ world: world() }, {}, { front });
    subject = resource(lab, kind);
  });
  afterEach(() => lab.close());

  const created = async () => {
    expect(await subject.up(args)).toEqual({ did: "create" });
    return subject.state!;
  };

  it("is ready when its creation returns, with everything that was requested", async () => {
    const { id, outputs } = await created();
    expect(id).toMatch(/^[mt]-/);
    expect(outputs).toMatchObject({ ...args, regionId: row.regionId });
    expect(["Available", "Finished"]).toContain(outputs["status"]);
    expect(JSON.stringify(outputs)).not.toContain("null");
    expect(lab.emulator.calls.filter(({ action, effect }) => action === creates && effect)).toHaveLength(1);
  });

  it("has every argument that it was created with, and a refresh finds the same", async () => {
    for (const alternative of row.alternatives) {
      expect(await subject.up(alternative)).toEqual({ did: "create" });
      expect(subject.state!.outputs).toMatchObject(alternative);
      const { outputs } = subject.state!;
      await subject.refresh();
      expect(subject.state!.outputs).toEqual(outputs);
      expect(await subject.up(alternative)).toEqual({ did: "same" });
      await subject.destroy();
    }
  });

  it("makes no calls when nothing has changed", async () => {
    await created();
    const calls = lab.emulator.calls.length;
    expect(await subject.up(args)).toEqual({ did: "same" });
    expect(lab.emulator.calls.slice(calls).filter(({ action }) => action !== "HeadObject")).toEqual([]);
  });

  it("reads as it was created, so that a refresh shows no drift", async () => {
    const { outputs } = await created();
    await subject.refresh();
    expect(subject.state!.outputs).toEqual(outputs);
    expect(await subject.up(args)).toEqual({ did: "same" });
  });

  it("changes in place what can be changed in place, and keeps its id", async () => {
    const { id } = await created();
    expect(await subject.up(changedInPlace)).toEqual({ did: "update" });
    expect(subject.state!.id).toBe(id);
    expect(subject.state!.outputs).toMatchObject(changedInPlace);
    expect(await subject.up(changedInPlace)).toEqual({ did: "same" });
    await subject.refresh();
    expect(await subject.up(changedInPlace)).toEqual({ did: "same" });
  });

  it("is replaced when its source changes: the new one is made before the old one is deleted", async () => {
    const { id } = await created();
    expect(await subject.up(replaced)).toEqual({ did: "replace" });
    expect(subject.state!.id).not.toBe(id);
    expect(subject.old).toEqual([]);
    const order = lab.emulator.calls.filter(({ effect }) => effect).map(({ action }) => action);
    expect(order.lastIndexOf(row.removes)).toBeGreaterThan(order.lastIndexOf(creates));
    expect(await subject.up(replaced)).toEqual({ did: "same" });
  });

  it("is created again by a targeted replacement of exactly the same arguments", async () => {
    const { id } = await created();
    expect(await subject.up(args, { replace: true })).toEqual({ did: "replace" });
    expect(subject.state!.id).not.toBe(id);
    expect(await subject.up(args)).toEqual({ did: "same" });
  });

  it("leaves nothing behind when it is destroyed", async () => {
    await created();
    expect(await subject.destroy()).toEqual({ did: "delete" });
    expect(remains(lab)).toEqual([]);
  });

  it("can be deleted twice without an error", async () => {
    const { id, outputs } = await created();
    for (let time = 0; time < 2; time++) {
      const process = lab.process();
      await lab.turn(process.of(kind).delete(id, outputs));
      await process.end();
    }
    expect(remains(lab)).toEqual([]);
  });

  it("is dropped by a refresh when it is gone, and made again by the next up", async () => {
    const { id } = await created();
    row.lose(lab, id);
    await subject.refresh();
    expect(subject.state).toBeUndefined();
    expect(await subject.up(args)).toEqual({ did: "create" });
    expect(subject.state!.id).not.toBe(id);
  });

  it.each([
    ["forbidden", { kind: "error", status: 403, code: "Forbidden.RAM" }],
    ["broken", { kind: "error", status: 500, code: "InternalError" }],
    [
      "answered with a page of HTML",
      { kind: "answer", status: 502, body: "<html>Bad Gateway</html>", contentType: "text/html" },
    ],
    ["answered with nothing", { kind: "answer", status: 200, body: "" }],
    [
      "answered with an error body under status 200",
      {
        kind: "answer",
        status: 200,
        body: JSON.stringify({ Code: "InternalError", Message: "sorry", RequestId: "r" }),
      },
    ],
  ] as const)("is never taken for gone when the read is %s", async (_what, fault) => {
    await created();
    lab.emulator.intercept = ({ action }, phase) =>
      phase === "before" && /^(Describe|Head|GetObject)/.test(action) ? fault : undefined;
    const { error } = await subject.refresh();
    expect(error).toMatch(/^reading /);
    expect(subject.state).toBeDefined();
  });

  it("that is unfinished at the deadline is recorded, and the next up waits for the same one", async () => {
    lab.emulator.world.scenarios.push({
      for: creates,
      durationMs: 30 * 60_000,
    });
    const late = await subject.up(args, { timeouts: { create: "5m", update: "5m" } });
    expect(late.error).toMatch(/not ready after 5 min/);
    const { id, outputs } = subject.state!;
    expect(outputs["__provider"]).toBeDefined();
    expect((await subject.up(args, { timeouts: { create: "5m", update: "5m" } })).error).toMatch(/not ready/);
    expect(await subject.up(args)).toEqual({ did: "update" });
    expect(subject.state!.id).toBe(id);
    expect(subject.state!.outputs).toMatchObject(args);
    expect(lab.emulator.calls.filter(({ action, effect }) => action === creates && effect)).toHaveLength(1);
  });

  it("that is recorded as unfinished is finished by the next up, even after a refresh", async () => {
    lab.emulator.world.scenarios.push({
      for: creates,
      durationMs: 30 * 60_000,
    });
    await subject.up(args, { timeouts: { create: "5m" } });
    await subject.refresh();
    expect(subject.state!.initErrors).toBeUndefined();
    expect(await subject.up(args)).toEqual({ did: "update" });
    expect(await subject.up(args)).toEqual({ did: "same" });
  });

  it("that is recorded as unfinished can be destroyed, and leaves nothing", async () => {
    lab.emulator.world.scenarios.push({
      for: creates,
      durationMs: 30 * 60_000,
    });
    await subject.up(args, { timeouts: { create: "5m" } });
    expect(await subject.destroy()).toEqual({ did: "delete" });
    expect(remains(lab)).toEqual([]);
  });

  it("that fails leaves nothing, reports the cloud's reason, and is created by the next up", async () => {
    lab.emulator.world.scenarios.push({
      for: creates,
      failAtPercent: 50,
      reason: { code: "DiskBroken", message: "The disk cannot be read." },
    });
    const failed = await subject.up(args);
    expect(failed.error).toMatch(row.failsWith);
    expect(subject.state).toBeUndefined();
    expect(remains(lab)).toEqual([]);
    expect(await subject.up(args)).toEqual({ did: "create" });
  });

  it("that fails as a replacement leaves the old one as it was", async () => {
    const { id, outputs } = await created();
    lab.emulator.world.scenarios.push({
      for: creates,
      failAtPercent: 1,
    });
    expect((await subject.up(replaced)).error).toBeDefined();
    expect(subject.state).toMatchObject({ id });
    await subject.refresh();
    expect(subject.state!.outputs).toEqual(outputs);
    expect(await subject.up(replaced)).toEqual({ did: "replace" });
  });

  it("is refused in one sentence, with nothing made, when the credentials are wrong", async () => {
    const stranger = await openLab(
      { world: world() },
      { "alicloud:accessKey": "LTAI5tStranger0000", "alicloud:secretKey": "wrong-secret-0000" },
    );
    const outcome = await resource(stranger, kind).up(args);
    expect(outcome.error).toMatch(/^creating .*access key/i);
    expect(outcome.error).not.toMatch(/LTAI5tStranger0000|wrong-secret-0000| at .*\.ts/);
    expect(
      stranger.mutations().filter((action) => !/^(Create|Import|Export|Copy)Image$|^TagResources$/.test(action)),
    ).toEqual([]);
    await stranger.close();
  });

  it("is refused when nothing answers at the endpoint", async () => {
    const { endpoint } = lab.emulator;
    await lab.emulator.close();
    const outcome = await subject.up(args);
    expect(outcome.error).toContain(endpoint.replace("http://", ""));
    expect(outcome.error).toMatch(/Check the network, and try again/);
    lab.emulator.close = async () => undefined;
  });

  it("is not mixed up with another one in the same stack", async () => {
    const other = resource(lab, kind, "second");
    await created();
    expect(await other.up(row.nth(1))).toEqual({ did: "create" });
    expect(other.state!.id).not.toBe(subject.state!.id);
    await other.destroy();
    await subject.refresh();
    expect(subject.state).toBeDefined();
  });

  it("makes thirty at once in one process without mixing them up", async () => {
    const process = lab.process();
    const numbers = Array.from({ length: 30 }, (_, n) => n);
    lab.emulator.world.quotas.exportsAtOnce = 1_000;
    lab.emulator.world.quotas.importsAtOnce = 1_000;
    lab.emulator.world.quotas.exportsPerWeek = 1_000;
    lab.emulator.world.quotas.snapshotsAtOncePerDisk = 1_000;
    lab.emulator.world.quotas.snapshotsAtOnce = 1_000;
    const made = await lab.turn(
      Promise.all(
        numbers.map((n) => process.of(kind).create({ ...row.nth(n), __urn: urnOf(kind, `n${n}`), __provider: "text" })),
      ),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(30);
    made.forEach(({ id, outs }, n) => expect(outs).toMatchObject({ ...row.nth(n), [row.idOutput]: id }));
    await process.end();
  });
});
