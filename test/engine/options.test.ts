import { CustomImage, ImageCopy, ImageExport, ImageSharePermission } from "pulumi-alicloud-image";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { nightly } from "../support/sample";
import { leadingTo, openStack, ownImages, type RigStack } from "./support";

// Resource options and rules that the dynamic protocol does not pass on, so that the constructor does.

let emulator: Emulator;
let program: () => void;
let stack: RigStack;
const { instanceId } = seeds;

beforeEach(async () => {
  emulator = await startEmulator({ durations: { createMs: 300, copyMs: 300 } });
  stack = await openStack("options", async () => program(), { config: leadingTo(emulator) });
});
afterEach(() => emulator.close());

const ids = () => ownImages(emulator).map(({ imageId }) => imageId);
const names = () => ownImages(emulator).map(({ imageName }) => imageName);

nightly("a run that continues on errors skips what depends on a failed image, and makes the rest", async () => {
  program = () => {
    const failed = new CustomImage("failed", { instanceId: "i-nowhere" });
    new ImageExport("exported", { imageId: failed.id, ossBucket: "emulator-bucket" });
    new ImageCopy("copy", { sourceImageId: failed.imageId, regionId: "cn-beijing" });
    new ImageSharePermission("share", { imageId: failed.imageId, accountIds: [failed.id] });
    new CustomImage("rebuilt", { snapshotId: failed.snapshotIds.apply(([first]) => first!) });
    new CustomImage("independent", { instanceId });
  };
  const { error, messages } = await stack.up({ continueOnError: true });
  expect(error).toBeDefined();
  const errors = messages.filter(({ severity }) => severity === "error").map(({ text }) => text);
  expect(errors.join("\n")).toMatch(/i-nowhere/);
  expect(errors.join("\n")).not.toMatch(/is missing|has a problem/);
  expect(stack.state().resources.map(({ name }) => name)).toEqual(["independent"]);
  expect(ids()).toHaveLength(1);
});

nightly("replaceOnChanges replaces what would be updated in place, also by the name of one tag", async () => {
  const options = { replaceOnChanges: ["tags.env"] };
  const image = (tags: Record<string, string>) => () => void new CustomImage("web", { instanceId, tags }, options);
  program = image({ env: "b", team: "web" });
  await stack.up();
  const [first] = ids();
  program = image({ env: "b", team: "db" });
  expect((await stack.up()).steps).toEqual([["update", "web"]]);
  program = image({ env: "c", team: "db" });
  expect((await stack.up()).error).toBeUndefined();
  expect(ids()).toHaveLength(1);
  expect(ids()).not.toEqual([first]);
});

nightly("a region of the stack that is ignored replaces nothing", async () => {
  program = () => void new CustomImage("web", { instanceId }, { ignoreChanges: ["regionId"] });
  await stack.up();
  await stack.setConfig("alicloud:region", "cn-beijing");
  expect((await stack.preview()).changes).toEqual({ same: 2 });
});

test("names follow the stack's rules, and existing images keep theirs", async () => {
  program = () => void new CustomImage("before", { instanceId });
  await stack.up();
  const [before] = names();
  await stack.cli("config", "set", "--path", "pulumi:autonaming.pattern", "${project}-${stack}-${name}-${num(4)}");
  program = () => {
    new CustomImage("before", { instanceId });
    new CustomImage("web", { instanceId });
  };
  expect((await stack.up()).error).toBeUndefined();
  expect(names()).toEqual([before, expect.stringMatching(/^rig-options-web-\d{4}$/)]);
  expect((await stack.preview()).changes).toEqual({ same: 3 });

  await stack.cli("config", "rm", "--path", "pulumi:autonaming.pattern");
  await stack.cli("config", "set", "--path", "pulumi:autonaming.mode", "disabled");
  program = () => void new CustomImage("nameless", { instanceId });
  const { error, messages } = await stack.preview();
  expect(error).toBeDefined();
  expect(messages.map(({ text }) => text).join("\n")).toMatch(/pulumi:autonaming disables automatic names/);
});

nightly("default tags of the stack's configuration are on an image, and its own tags win", async () => {
  await stack.setConfig("alicloud-image:defaultTags", JSON.stringify({ team: "platform", stage: "dev" }));
  program = () => void new CustomImage("web", { instanceId, tags: { stage: "live" } });
  expect((await stack.up()).error).toBeUndefined();
  const [{ tags }] = ownImages(emulator) as [ReturnType<typeof ownImages>[number]];
  expect([tags.get("team"), tags.get("stage")]).toEqual(["platform", "live"]);
  expect((await stack.preview()).changes).toEqual({ same: 2 });
});
