import type { Lab } from "./support/lab";
import { type KindName, type Props, type Resource, openLab, resource, urnOf } from "./support/lab";
import { kinds } from "./support/kinds";

/**
 * What every resource must hold, as sequences in the engine's own order, each operation in a provider process of its own.
 * The rules R1-R31 of provider contracts are behind them; the names say what a user would miss.
 */
describe.each(kinds)("$kind", ({ kind, args, amended, replaced, world, remains }) => {
  let lab: Lab;
  let it_: Resource;

  beforeEach(async () => {
    lab = await openLab({ world: world() });
    it_ = resource(lab, kind);
  });
  afterEach(() => lab.close());

  const created = async () => {
    expect(await it_.up(args)).toEqual({ did: "create" });
    return it_.state!;
  };

  it("is ready when its creation returns, and says all that was asked for", async () => {
    const { id, outputs } = await created();
    expect(id).toMatch(/^[mt]-/);
    expect(outputs).toMatchObject({ ...args, regionId: "cn-hangzhou" });
    expect(["Available", "Finished"]).toContain(outputs["status"]);
    expect(JSON.stringify(outputs)).not.toContain("null");
    expect(lab.emulator.calls.filter(({ action, effect }) => /^(Create|Import|Export)Image$/.test(action) && effect)).toHaveLength(1);
  });

  it("changes nothing when nothing has changed, without a single call", async () => {
    await created();
    const calls = lab.emulator.calls.length;
    expect(await it_.up(args)).toEqual({ did: "same" });
    expect(lab.emulator.calls.slice(calls).filter(({ action }) => action !== "HeadObject")).toEqual([]);
  });

  it("reads as it was created, so that a refresh shows no drift", async () => {
    const { outputs } = await created();
    await it_.refresh();
    expect(it_.state!.outputs).toEqual(outputs);
    expect(await it_.up(args)).toEqual({ did: "same" });
  });

  it("changes in place what can be changed in place, and keeps its id", async () => {
    const { id } = await created();
    expect(await it_.up(amended)).toEqual({ did: "update" });
    expect(it_.state!.id).toBe(id);
    expect(it_.state!.outputs).toMatchObject(amended);
    expect(await it_.up(amended)).toEqual({ did: "same" });
    await it_.refresh();
    expect(await it_.up(amended)).toEqual({ did: "same" });
  });

  it("makes the new one before the old one goes when its source changes", async () => {
    const { id } = await created();
    expect(await it_.up(replaced)).toEqual({ did: "replace" });
    expect(it_.state!.id).not.toBe(id);
    expect(it_.old).toEqual([]);
    const order = lab.emulator.calls.filter(({ effect }) => effect).map(({ action }) => action);
    if (kind !== "ImageExport") expect(order.lastIndexOf("DeleteImage")).toBeGreaterThan(order.lastIndexOf(kind === "CustomImage" ? "CreateImage" : "ImportImage"));
    expect(await it_.up(replaced)).toEqual({ did: "same" });
  });

  it("is made anew by a targeted replacement of exactly the same arguments", async () => {
    const { id } = await created();
    expect(await it_.up(args, { replace: true })).toEqual({ did: "replace" });
    expect(it_.state!.id).not.toBe(id);
    expect(await it_.up(args)).toEqual({ did: "same" });
  });

  it("leaves nothing behind when it is destroyed", async () => {
    await created();
    expect(await it_.destroy()).toEqual({ did: "delete" });
    expect(remains(lab)).toEqual([]);
  });

  it("is quiet about being deleted twice", async () => {
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
    lab.emulator.world.images.delete(id);
    for (const bucket of lab.emulator.world.buckets.values()) if (kind === "ImageExport") bucket.objects.clear();
    await it_.refresh();
    expect(it_.state).toBeUndefined();
    expect(await it_.up(args)).toEqual({ did: "create" });
    expect(it_.state!.id).not.toBe(id);
  });

  it.each([
    ["forbidden", { kind: "error", status: 403, code: "Forbidden.RAM" }],
    ["broken", { kind: "error", status: 500, code: "InternalError" }],
    ["answered with a page of HTML", { kind: "answer", status: 502, body: "<html>Bad Gateway</html>", contentType: "text/html" }],
    ["answered with nothing", { kind: "answer", status: 200, body: "" }],
    ["answered with an error body under status 200", { kind: "answer", status: 200, body: JSON.stringify({ Code: "InternalError", Message: "sorry", RequestId: "r" }) }],
  ] as const)("is never taken for gone when the look is %s", async (_what, fault) => {
    await created();
    lab.emulator.intercept = ({ action }, phase) => (phase === "before" && /^(Describe|Head|GetObject)/.test(action) ? fault : undefined);
    const { error } = await it_.refresh();
    expect(error).toMatch(/^reading /);
    expect(it_.state).toBeDefined();
  });

  it("that is still under way at the deadline is recorded, not lost, and the next up goes on waiting for the same one", async () => {
    lab.emulator.world.courses.push({ for: kind === "CustomImage" ? "CreateImage" : kind === "ImportedImage" ? "ImportImage" : "ExportImage", durationMs: 30 * 60_000 });
    const late = await it_.up(args, { timeouts: { create: "5m", update: "5m" } });
    expect(late.error).toMatch(/not ready after 5 min/);
    const { id, outputs } = it_.state!;
    expect(outputs["__provider"]).toBeDefined();
    expect((await it_.up(args, { timeouts: { create: "5m", update: "5m" } })).error).toMatch(/not ready/);
    expect(await it_.up(args)).toEqual({ did: "update" });
    expect(it_.state!.id).toBe(id);
    expect(it_.state!.outputs).toMatchObject(args);
    expect(lab.emulator.calls.filter(({ action, effect }) => /^(Create|Import|Export)Image$/.test(action) && effect)).toHaveLength(1);
  });

  it("that is recorded as unfinished is finished by the next up even after a refresh, which clears the engine's own note of it", async () => {
    lab.emulator.world.courses.push({ for: kind === "CustomImage" ? "CreateImage" : kind === "ImportedImage" ? "ImportImage" : "ExportImage", durationMs: 30 * 60_000 });
    await it_.up(args, { timeouts: { create: "5m" } });
    await it_.refresh();
    expect(it_.state!.initErrors).toBeUndefined();
    expect(await it_.up(args)).toEqual({ did: "update" });
    expect(await it_.up(args)).toEqual({ did: "same" });
  });

  it("that is recorded as unfinished can be destroyed, and leaves nothing", async () => {
    lab.emulator.world.courses.push({ for: kind === "CustomImage" ? "CreateImage" : kind === "ImportedImage" ? "ImportImage" : "ExportImage", durationMs: 30 * 60_000 });
    await it_.up(args, { timeouts: { create: "5m" } });
    expect(await it_.destroy()).toEqual({ did: "delete" });
    expect(remains(lab)).toEqual([]);
  });

  it("that comes to nothing tells the cloud's reason, leaves nothing behind, and the next up starts afresh", async () => {
    lab.emulator.world.courses.push({
      for: kind === "CustomImage" ? "CreateImage" : kind === "ImportedImage" ? "ImportImage" : "ExportImage",
      failAtPercent: 50,
      reason: { code: "DiskBroken", message: "The disk cannot be read." },
    });
    const failed = await it_.up(args);
    expect(failed.error).toMatch(kind === "CustomImage" ? /CreateFailed/ : /The disk cannot be read/);
    expect(it_.state).toBeUndefined();
    expect(remains(lab)).toEqual([]);
    expect(await it_.up(args)).toEqual({ did: "create" });
  });

  it("that comes to nothing as a replacement leaves the old one as it was", async () => {
    const { id, outputs } = await created();
    lab.emulator.world.courses.push({ for: kind === "CustomImage" ? "CreateImage" : kind === "ImportedImage" ? "ImportImage" : "ExportImage", failAtPercent: 1 });
    expect((await it_.up(replaced)).error).toBeDefined();
    expect(it_.state).toMatchObject({ id });
    await it_.refresh();
    expect(it_.state!.outputs).toEqual(outputs);
    expect(await it_.up(replaced)).toEqual({ did: "replace" });
  });

  it("is refused with a sentence and no trace when the credentials are wrong", async () => {
    const stranger = await openLab({ world: world() }, { "alicloud:accessKey": "LTAI5tStranger0000", "alicloud:secretKey": "wrong-secret-0000" });
    const outcome = await resource(stranger, kind).up(args);
    expect(outcome.error).toMatch(/^creating .*access key/i);
    expect(outcome.error).not.toMatch(/LTAI5tStranger0000|wrong-secret-0000| at .*\.ts/);
    expect(stranger.mutations().filter((action) => !/^(Create|Import|Export)Image$|^TagResources$/.test(action))).toEqual([]);
    await stranger.close();
  });

  it("is refused when nothing answers at the endpoint", async () => {
    const { endpoint } = lab.emulator;
    await lab.emulator.close();
    const outcome = await it_.up(args);
    expect(outcome.error).toContain(endpoint.replace("http://", ""));
    expect(outcome.error).toMatch(/run pulumi up again/);
    lab.emulator.close = async () => undefined;
  });

  it("keeps two of its kind in one stack apart", async () => {
    const other = resource(lab, kind, "second");
    const second: Props = kind === "ImageExport" ? { ...args, ossPrefix: "second" } : { ...args, imageName: "second" };
    await created();
    expect(await other.up(second)).toEqual({ did: "create" });
    expect(other.state!.id).not.toBe(it_.state!.id);
    await other.destroy();
    await it_.refresh();
    expect(it_.state).toBeDefined();
  });

  it("makes thirty at once in one process without mixing them up", async () => {
    const process = lab.process();
    const names = Array.from({ length: 30 }, (_, i) => `n${i}`);
    lab.emulator.world.quotas.exportsAtOnce = 1_000;
    lab.emulator.world.quotas.importsAtOnce = 1_000;
    lab.emulator.world.quotas.exportsPerWeek = 1_000;
    lab.emulator.world.quotas.snapshotsAtOncePerDisk = 1_000;
    lab.emulator.world.quotas.snapshotsAtOnce = 1_000;
    const argsOf = (name: string): Props => (kind === "ImageExport" ? { ...args, imageId: [...lab.emulator.world.images.keys()].find((id) => id.startsWith("m-many") && id.endsWith(`-${name}`))!, ossPrefix: name } : { ...args, imageName: `image-${name}` });
    if (kind === "ImageExport") {
      const source = lab.emulator.world.images.get(String(args["imageId"]))!;
      for (const name of names) lab.emulator.world.images.set(`m-many-${name}`, { ...structuredClone(source), imageId: `m-many-${name}`, imageName: `many-${name}`, tags: new Map() });
    }
    const made = await lab.turn(Promise.all(names.map((name) => process.of(kind).create({ ...argsOf(name), __urn: urnOf(kind, name), __provider: "text" }))));
    expect(new Set(made.map(({ id }) => id)).size).toBe(30);
    made.forEach(({ id, outs }, i) => expect(outs).toMatchObject({ ...argsOf(names[i]!), [kind === "ImageExport" ? "taskId" : "imageId"]: id }));
    await process.end();
  });
});

const creates: KindName[] = ["CustomImage", "ImportedImage"];

describe.each(kinds.filter(({ kind }) => creates.includes(kind)))("the image of a $kind", ({ kind, args, replaced, world }) => {
  let lab: Lab;
  let image: Resource;
  beforeEach(async () => {
    lab = await openLab({ world: world() });
    image = resource(lab, kind);
  });
  afterEach(() => lab.close());

  it("is read alike when the state knows nothing but its region and provider", async () => {
    await image.up(args);
    const { id, outputs } = image.state!;
    const process = lab.process();
    const read = await lab.turn(process.of(kind).read(id, { __provider: outputs["__provider"] }));
    expect(read.props).toMatchObject({ imageId: id, status: "Available", imageName: outputs["imageName"], regionId: "cn-hangzhou" });
    const before = lab.mutations().length;
    await process.end();
    expect(lab.mutations()).toHaveLength(before); // whoever only gets an image must not touch it
  });

  it("is named after the resource, with a suffix of its own each time, when no name is given", async () => {
    const { imageName: _none, ...unnamed } = args;
    await image.up(unnamed);
    const first = image.state!.outputs["imageName"];
    expect(first).toMatch(/^golden-[0-9a-f]{7}$/);
    await image.up({ ...unnamed, triggers: [1] });
    expect(image.state!.outputs["imageName"]).toMatch(/^golden-[0-9a-f]{7}$/);
    expect(image.state!.outputs["imageName"]).not.toBe(first);
  });

  it("takes over the kept name of the one that it replaces, which steps aside until it goes", async () => {
    const named = { ...args, imageName: "golden-base" };
    await image.up(named);
    const { id } = image.state!;
    const seen: string[] = [];
    lab.emulator.intercept = ({ action }, phase) => {
      if (phase === "after" && /^(Create|Import)Image$/.test(action)) seen.push(lab.emulator.world.images.get(id)!.imageName);
      return undefined;
    };
    expect(await image.up({ ...replaced, imageName: "golden-base" })).toEqual({ did: "replace" });
    expect(seen.at(-1)).toMatch(/^golden-base-replaced-/);
    expect(image.state!.outputs["imageName"]).toBe("golden-base");
    expect(lab.emulator.world.images.has(id)).toBe(false);
  });

  it("gives the old one its name back when the new one cannot be made", async () => {
    const named = { ...args, imageName: "golden-base" };
    await image.up(named);
    const { id } = image.state!;
    lab.emulator.world.courses.push({ for: kind === "CustomImage" ? "CreateImage" : "ImportImage", failAtPercent: 30 });
    expect((await image.up({ ...replaced, imageName: "golden-base" })).error).toBeDefined();
    expect(lab.emulator.world.images.get(id)).toMatchObject({ imageName: "golden-base" });
    await image.refresh();
    expect(await image.up(named)).toEqual({ did: "same" });
  });

  it("does not take a name that somebody else's image holds, and says whose it is", async () => {
    const stranger = [...lab.emulator.world.images.values()].find(({ owner }) => owner === "self") ?? [...lab.emulator.world.images.values()][0]!;
    lab.emulator.world.images.set("m-stranger", { ...structuredClone(stranger), imageId: "m-stranger", imageName: "golden-base", owner: "self", tags: new Map() });
    const { error } = await image.up({ ...args, imageName: "golden-base" });
    expect(error).toMatch(/"golden-base" is held by image m-stranger/);
    expect(lab.emulator.world.images.get("m-stranger")).toMatchObject({ imageName: "golden-base" });
    expect(image.state).toBeUndefined();
  });

  it.each([
    ["imageName", "renamed"],
    ["description", "described by hand"],
    ["imageFamily", "another-family"],
  ] as const)("shows a %s that was changed by hand, and the next up mends it", async (property, byHand) => {
    const given = { ...args, imageName: "golden-base", description: "as it is meant", imageFamily: "golden" };
    await image.up(given);
    Object.assign(lab.emulator.world.images.get(image.state!.id)!, { [property]: byHand });
    await image.refresh();
    expect(image.state!.outputs[property]).toBe(byHand);
    expect(await image.up(given)).toEqual({ did: "update" });
    expect(lab.emulator.world.images.get(image.state!.id)).toMatchObject({ [property]: given[property] });
    expect(await image.up(given)).toEqual({ did: "same" });
  });

  it("gets its own tags mended, and keeps those that others have set", async () => {
    const given = { ...args, tags: { team: "platform", tier: "1" } };
    await image.up(given);
    const tags = lab.emulator.world.images.get(image.state!.id)!.tags;
    tags.set("team", "changed by hand").set("cost-centre", "4711").set("acs:system", "theirs");
    tags.delete("tier");
    await image.refresh();
    expect(image.state!.outputs["tags"]).toEqual({ team: "changed by hand" });
    expect(await image.up(given)).toEqual({ did: "update" });
    expect(await image.up({ ...args, tags: { tier: "2" } })).toEqual({ did: "update" });
    const left = [...lab.emulator.world.images.get(image.state!.id)!.tags].filter(([key]) => !key.startsWith("pulumi-alicloud-image:"));
    expect(Object.fromEntries(left)).toEqual({ tier: "2", "cost-centre": "4711", "acs:system": "theirs" });
  });

  it("that was deprecated by hand is available again after the next up, and the other way round", async () => {
    await image.up(args);
    lab.emulator.world.images.get(image.state!.id)!.deprecated = true;
    await image.refresh();
    expect(image.state!.outputs).toMatchObject({ deprecated: true, status: "Deprecated" });
    expect(await image.up(args)).toEqual({ did: "update" });
    expect(lab.emulator.world.images.get(image.state!.id)!.deprecated).toBe(false);
    expect(await image.up({ ...args, deprecated: true })).toEqual({ did: "update" });
    expect(image.state!.outputs).toMatchObject({ deprecated: true, status: "Deprecated" });
    expect(await image.up({ ...args, deprecated: true })).toEqual({ did: "same" });
  });

  it("keeps a description that is left out of the program later, and plans no change for it again and again", async () => {
    await image.up({ ...args, description: "to be forgotten" });
    const { description: _gone, ...without } = { ...args, description: undefined };
    expect(await image.up(without)).toEqual({ did: "same" });
    expect(image.state!.outputs["description"]).toBe("to be forgotten");
  });

  it("is waited for until it is usable, not only listed as Available", async () => {
    lab.emulator.world.courses.push({ for: kind === "CustomImage" ? "CreateImage" : "ImportImage", unusableForMs: 120_000 });
    const startMs = lab.clock.now();
    await image.up(args);
    expect(image.state!.outputs["usable"]).toBe(true);
    expect(lab.clock.now() - startMs).toBeGreaterThanOrEqual(120_000);
  });

  it("carries no sign of an unfinished handover once the engine has ended in order", async () => {
    await image.up(args);
    const tags = [...lab.emulator.world.images.get(image.state!.id)!.tags.keys()];
    expect(tags).toContain("pulumi-alicloud-image:owner");
    expect(tags).not.toContain("pulumi-alicloud-image:open");
  });

  it.each([
    ["in use", "ImageUsingByInstance", /forceDelete/],
    ["shared", "ImageUseShared", /sharing/],
    ["being copied", "OperationDenied.ImageCopying", /copy/],
    ["being exported", "ImageIsExporting", /export/],
  ])("that is %s is not deleted by force, and the error says what to do", async (_what, code, advice) => {
    await image.up(args);
    const { id } = image.state!;
    lab.emulator.intercept = ({ action }, phase) => (action === "DeleteImage" && phase === "before" ? { kind: "error", status: 403, code } : undefined);
    const { error } = await image.destroy();
    expect(error).toMatch(advice);
    expect(lab.emulator.world.images.has(id)).toBe(true);
    expect(image.state).toBeDefined();
    expect(lab.emulator.calls.filter(({ params }) => params["Force"] === "true")).toEqual([]);
  });

  it("gets what the cloud does not tell of before it is set, and is asked for it only once", async () => {
    lab.emulator.world.resourceGroups.set("rg-another", { resourceGroupId: "rg-another", name: "another" });
    await image.up(args);
    expect(await image.up({ ...args, resourceGroupId: "rg-another", licenseType: "BYOL" })).toEqual({ did: "update" });
    expect(lab.emulator.world.images.get(image.state!.id)).toMatchObject({ resourceGroupId: "rg-another", licenseType: "BYOL" });
    expect(await image.up({ ...args, resourceGroupId: "rg-another", licenseType: "BYOL" })).toEqual({ did: "same" });
  });

  it("that is finished late gets what its creating call could not carry", async () => {
    lab.emulator.world.courses.push({ for: kind === "CustomImage" ? "CreateImage" : "ImportImage", durationMs: 30 * 60_000 });
    const want = { ...args, licenseType: "BYOL", deprecated: true };
    await image.up(want, { timeouts: { create: "2m" } });
    expect(await image.up(want)).toEqual({ did: "update" });
    expect(lab.emulator.world.images.get(image.state!.id)).toMatchObject({ licenseType: "BYOL", deprecated: true });
  });

  it("that was renamed in the program with an alias is claimed under its new name, so that its own replacement may take the name over", async () => {
    await image.up({ ...args, imageName: "golden-base" });
    const { id, inputs, outputs } = image.state!;
    const renamed = { ...inputs, __urn: urnOf(kind, "renamed") };
    const process = lab.process();
    expect(await lab.turn(process.of(kind).diff(id, outputs, renamed))).toMatchObject({ changes: true, replaces: [] });
    await lab.turn(process.of(kind).update(id, outputs, renamed));
    const made = await lab.turn(process.of(kind).create({ ...renamed, ...replaced, imageName: "golden-base" }));
    expect(made.outs["imageName"]).toBe("golden-base");
    await process.end();
  });

  it("that is gone when it is to be changed is not made again behind the engine's back, and the error says what to do", async () => {
    await image.up(args);
    lab.emulator.world.images.delete(image.state!.id);
    const { error } = await image.up({ ...args, description: "never to be seen" });
    expect(error).toMatch(/is gone.*pulumi refresh/s);
    expect(lab.mutations().filter((action) => /^(Create|Import)Image$/.test(action))).toHaveLength(1);
    await image.refresh();
    expect(await image.up(args)).toEqual({ did: "create" });
  });

  it("shows how far it is on its own row while it is waited for", async () => {
    await image.up(args);
    expect(lab.said.shown.some((text) => /\d+%/.test(text))).toBe(true);
  });
});
