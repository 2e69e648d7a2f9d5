import { seeds } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { inputsOf, type Lab, openLab, type Props, type ResourceName } from "../support/lab";

// With --continue-on-error the engine calls dependents of a failed resource without that resource's outputs, and a
// failed check ends the whole run. So outside of previews, the creation or the update reports what is missing.

const missing: [what: string, kind: ResourceName, args: Props, says: RegExp][] = [
  ["an image", "ImageCopy", {}, /sourceImageId is missing/],
  ["an image, as YAML has it,", "ImageCopy", { sourceImageId: "" }, /sourceImageId must be the id of an image/],
  ["a source", "CustomImage", {}, /a source is missing/],
  ["a source, as YAML has it,", "CustomImage", { snapshotId: "" }, /snapshotId must be the id of a snapshot/],
  [
    "the snapshot of a disk",
    "CustomImage",
    { diskDeviceMappings: [{ device: "/dev/xvda" }] },
    /must come from a snapshot/,
  ],
  ["the only account", "ImageSharePermission", { imageId: "m-1", accountIds: [] }, /accountIds must be a list of 1/],
  ["an account", "ImageSharePermission", { imageId: "m-1", accountIds: ["1", null] }, /accountIds\[1\] must be/],
  ["a file", "ImportedImage", { diskDeviceMappings: [{ ossBucket: "images" }] }, /ossObject must be/],
  ["an exported image", "ImageExport", { ossBucket: "archive" }, /imageId is missing/],
];

describe.each(FRONTS)("in the %s host", (front) => {
  let lab: Lab;
  beforeEach(async () => {
    lab = await openLab({}, {}, { front });
  });
  afterEach(() => lab.close());

  test.each(missing)("%s that is missing is reported by the creation", async (_what, kind, args, says) => {
    const provider = lab.process().of(kind);
    const inputs = inputsOf(kind, "dependent", args);
    const checked = await provider.check({}, inputs);
    expect(checked.failures).toEqual([]);
    await expect(lab.turn(provider.create({ ...checked.inputs }))).rejects.toThrow(says);
    expect(lab.mutations()).toEqual([]);
  });

  test("other errors are reported by the check, together with what is missing", async () => {
    const { failures } = await lab
      .process()
      .of("ImageExport")
      .check({}, inputsOf("ImageExport", "dependent", { ossBucket: "A" }));
    expect(failures.map(({ property }) => property).sort()).toEqual(["imageId", "ossBucket"]);
  });

  test("an existing resource that loses an argument is not unchanged", async () => {
    const args = { imageId: "m-1", accountIds: ["1111111111111111"] };
    const provider = lab.process().of("ImageSharePermission");
    const inputs = inputsOf("ImageSharePermission", "dependent", { accountIds: args.accountIds });
    const olds = inputsOf("ImageSharePermission", "dependent", { ...args, regionId: "cn-hangzhou" });
    expect((await provider.diff("m-1", olds, inputs)).changes).toBe(true);
    await expect(lab.turn(provider.update("m-1", olds, inputs))).rejects.toThrow(/imageId is missing/);
    expect(lab.mutations()).toEqual([]);
  });

  test("nulls count as left out at every depth, and a list of any values keeps its own", async () => {
    const provider = lab.process().of("CustomImage");
    const args = {
      instanceId: seeds.instanceId,
      features: { imdsSupport: null, nvmeSupport: "supported" },
      tags: { team: "web", tier: null },
      triggers: [null, { key: null }],
    };
    const { inputs, failures } = await provider.check({}, inputsOf("CustomImage", "web", args));
    expect(failures).toEqual([]);
    const { id, outs } = await lab.turn(provider.create({ ...inputs }));
    expect(outs).toMatchObject({ tags: { team: "web" }, triggers: [null, { key: null }] });
    expect((await provider.diff(id, outs, { ...inputs })).changes).toBe(false);
  });
});

test("a preview in the dynamic host reports it in the check", async () => {
  const lab = await openLab();
  const inputs = { ...inputsOf("ImageCopy", "dependent", {}), __preview: true };
  const { failures } = await lab.process().of("ImageCopy").check({}, inputs);
  expect(failures).toMatchObject([{ property: "sourceImageId" }]);
  await lab.close();
});
