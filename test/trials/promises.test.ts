import * as pulumi from "@pulumi/pulumi";
import { seeds } from "../../emulator";
import { CustomImage } from "../../provider";
import { ownerOf } from "../../provider/lifecycle/ownership";
import { customImage } from "../../provider/resources/custom-image/lifecycle";
import { urnOf } from "../support/lab";
import { destroy, exportOf, image, openStage, replace, up } from "./stage";

/**
 * Guarantees in special cases: tags, failures, drift, previews, exports that ECS forgets, and what others can read of a
 * secret.
 */
describe("tags", () => {
  it("an image with eighteen user tags is exported twice at once, and nothing is left", async () => {
    const tags = Object.fromEntries(Array.from({ length: 18 }, (_, i) => [`key${i}`, "value"]));
    const stage = await openStage();
    const stack = stage.stack();
    const golden = image("golden", { tags, deleteSnapshots: true });
    await stack.run(up(golden));
    const { id } = stack.live("golden")!;
    const [one, two] = [
      exportOf("one", { imageId: id, deleteObjects: true }),
      exportOf("two", { imageId: id, ossPrefix: "two", deleteObjects: true }),
    ];
    expect((await stack.run(up(golden, one, two))).errors).toEqual([]);
    expect((await stack.run(up(golden))).errors).toEqual([]);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });
});

describe("failures", () => {
  it("a failed creation leaves the account as it was, with any value of deleteSnapshots", async () => {
    const stage = await openStage();
    stage.world.scenarios.push({ for: "CreateImage", failAtPercent: 50 });
    expect((await stage.stack().run(up(image("golden")))).errors).not.toEqual([]);
    expect(stage.changes()).toEqual([]);
  });

  it("a creating call whose answer is lost is repeated, and creates one image", async () => {
    const stage = await openStage();
    let lost = 0;
    stage.order(({ action }, phase) =>
      action === "CreateImage" && phase === "after" && lost++ === 0 ? { kind: "reset" } : undefined,
    );
    expect((await stage.stack().run(up(image("golden")))).errors).toEqual([]);
    expect(stage.images()).toHaveLength(1);
  });

  it("a creation that exceeds its timeout is recorded with its id", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    expect((await stack.run(up(image("golden", {}, { create: "10s" })))).errors).toEqual([
      expect.stringMatching(/recorded as unfinished/),
    ]);
    expect(stack.live("golden")!.id).toBe(stage.images()[0]!.imageId);
  });
});

describe("drift", () => {
  const described = image("golden", { description: "as the program says" });

  it("is in the inputs after a refresh, so ignoreChanges keeps it and a plain up reverts it", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(described));
    stage.images()[0]!.description = "changed in the console";
    await stack.run({ do: "refresh" });
    // With ignoreChanges the engine asks for what the old inputs hold.
    const ignored = image("golden", { description: stack.live("golden")!.inputs["description"] });
    expect((await stack.run(up(ignored))).did).toEqual([{ name: "golden", did: "same" }]);
    expect(stage.images()[0]!.description).toBe("changed in the console");
    expect((await stack.run(up(described))).did).toEqual([{ name: "golden", did: "update" }]);
    expect(stage.images()[0]!.description).toBe("as the program says");
  });

  it("a preview or a refresh after a killed up writes nothing", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stage.killed(stack, up(described), "create recorded");
    const calls = stage.lab.emulator.calls.length;
    for (const operation of [{ do: "preview", program: [described] }, { do: "refresh" }] as const)
      expect((await stack.run(operation)).errors).toEqual([]);
    expect(stage.lab.emulator.calls.slice(calls).filter(({ effect }) => effect)).toEqual([]);
  });

  it("another timeout is no update", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(described));
    expect((await stack.run(up({ ...described, timeouts: { create: "2h" } }))).did).toEqual([
      { name: "golden", did: "same" },
    ]);
  });
});

it("an update in place plans nothing for resources that use the imageId", async () => {
  await pulumi.runtime.setMocks({ newResource: ({ name }) => ({ id: `m-${name}`, state: {} }), call: () => ({}) });
  const golden = new CustomImage("golden", { instanceId: seeds.instanceId });
  const both = await new Promise((resolve) => pulumi.all([golden.id, golden.imageId]).apply(resolve));
  expect(both).toEqual(["m-golden", "m-golden"]);
});

describe("an export", () => {
  it("whose task ECS no longer lists is updated and deleted by its record", async () => {
    const stage = await openStage();
    stage.world.quirks.taskRetentionMs = 60_000;
    const stack = stage.stack();
    await stack.run(up(exportOf("file")));
    await stage.lab.clock.advance(10 * 60_000);
    expect((await stack.run(up(exportOf("file", { deleteObjects: true })))).errors).toEqual([]);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });
});

describe("formats", () => {
  it("state and tag have a format version", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(image("golden")));
    expect(stack.live("golden")!.outputs).toMatchObject({ __record: { version: 1 } });
    expect(stage.images()[0]!.tags.get("pulumi-alicloud-image:owner")).toMatch(/^3\./);
  });

  it("a secret in triggers cannot be derived from the fingerprint in the tag", () => {
    const urn = urnOf("CustomImage", "golden");
    const tried = Array.from({ length: 20_000 }, (_, i) => ownerOf(urn, customImage.fields, { triggers: [`${i}`] }));
    expect(new Set(tried.map(({ fingerprint }) => fingerprint)).size).toBeLessThanOrEqual(4_096);
  });
});

describe("the owner of an image", () => {
  it("is the latest record: the delete of an older one, even by a later process, deletes nothing", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stage.killed(stack, up(image("golden")), "create recorded");
    const [older] = stack.backend.state;
    await stage.killed(stack, replace("golden", image("golden")), "delete returned");
    const { id } = stack.live("golden")!;
    stack.backend.state = [...stack.backend.state.filter(({ isOld }) => !isOld), { ...older!, isOld: true }];
    expect((await stack.run(up(image("golden")))).errors).toEqual([]);
    expect(stage.isGood(id)).toBe(true);
  });
});
