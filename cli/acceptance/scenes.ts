import { holdingsIn } from "../holdings";
import { ownImages } from "../lists";
import { orphansAmong } from "../orphan";
import { stackStateIn } from "../stack-state";
import { exportPrefix, goldenOf, output, type Scene, sourceIn, tagsOf } from "./scene";
import { secondAccountScenes } from "./second-account";
import { type Declared, projectOf, type Recorded, type Stage, type State } from "./stage";
import { testScenes } from "./tested-images";

const CHANGED = "changed by the acceptance run";
const BY_HAND = "changed by hand";

const tagList = (stage: Stage, more: Readonly<Record<string, string>> = {}) =>
  Object.entries({ ...tagsOf(stage), ...more }).map(([Key, Value]) => ({ Key, Value }));
const golden = (stage: Stage, more: object = {}): Record<string, Declared> => ({
  golden: {
    type: "CustomImage",
    args: {
      ...sourceIn(stage),
      imageName: stage.resourceName("golden"),
      tags: tagsOf(stage),
      deleteSnapshots: true,
      ...more,
    },
  },
});
const versionsOf = (one: Recorded) => (output(one, "previousVersions") ?? []) as { imageId: string }[];

/** All scenes, in the order in which they are played. */
export const scenes: readonly Scene[] = [
  {
    name: "create",
    declares: (stage) => golden(stage),
    holds: ({ golden }) => [["the image is Available", output(golden, "status") === "Available"]],
  },
  { name: "no change", after: "create", does: (stage) => stage.up("--expect-no-changes") },
  {
    name: "change in place",
    after: "create",
    declares: (stage) => golden(stage, { description: CHANGED }),
    holds: (now, before) => [
      ["it is the same image", goldenOf(now).id === goldenOf(before).id],
      ["its description is the new one", output(now["golden"], "description") === CHANGED],
    ],
  },
  {
    name: "replace with a kept name",
    after: "create",
    declares: (stage) => golden(stage, { description: CHANGED, triggers: [1] }),
    holds: (now, before, stage) => [
      ["it is another image", goldenOf(now).id !== goldenOf(before).id],
      ["it has the name", output(now["golden"], "imageName") === stage.resourceName("golden")],
    ],
  },
  {
    name: "versions",
    after: "create",
    declares: (stage) => golden(stage, { description: CHANGED, triggers: [2], keepVersions: 1 }),
    holds: (now, before) => [
      [
        "the replaced image is a version",
        versionsOf(goldenOf(now)).some(({ imageId }) => imageId === goldenOf(before).id),
      ],
    ],
  },
  {
    name: "drift and refresh",
    after: "create",
    async does(stage) {
      const { golden } = await stage.state();
      const { ecs } = stage.place.context("changing an image by hand");
      await ecs("ModifyImageAttribute", { ImageId: golden!.id, Description: BY_HAND });
      await stage.refresh();
    },
    holds: ({ golden }) => [["the refresh has seen it", output(golden, "description") === BY_HAND]],
  },
  {
    name: "repair",
    after: "drift and refresh",
    holds: ({ golden }) => [["the program's description is back", output(golden, "description") === CHANGED]],
  },
  {
    name: "kill and go on",
    isBrief: true,
    declares: (stage) => ({
      killed: {
        type: "CustomImage",
        args: { ...sourceIn(stage), tags: { ...tagsOf(stage), killed: stage.host }, deleteSnapshots: true },
      },
    }),
    async does(stage) {
      await stage.killAfter("CreateImage");
      await stage.up();
      const ctx = stage.place.context("looking for images");
      const Tag = tagList(stage, { killed: stage.host });
      const images = await ownImages({ Tag }, ctx);
      const { killed } = await stage.state();
      if (images.length !== 1 || images[0]!.ImageId !== killed?.id)
        throw new Error(
          `the next up has ${killed?.id}, and the cloud ${images.map(({ ImageId }) => ImageId).join(", ")}`,
        );
    },
  },
  {
    name: "look-up",
    after: "create",
    async does(stage) {
      stage.lookUp = { imageName: stage.resourceName("golden"), owners: ["self"] };
      await stage.up();
      stage.lookUp = undefined;
    },
    holds: (now) => [["it finds the image", output(now["stack"], "found") === goldenOf(now).id]],
  },
  {
    name: "adopt an existing image",
    after: "create",
    isBrief: true,
    async declares(stage, state) {
      const imageName = stage.resourceName("existing");
      const snapshotId = stage.place.given.snapshotId ?? (output(state["golden"], "snapshotIds") as string[])[0]!;
      const options = { import: await existingImage(stage, imageName, snapshotId) };
      return { existing: { type: "CustomImage", args: { snapshotId, imageName, tags: tagsOf(stage) }, options } };
    },
    holds: ({ existing }) => [["the state has it", existing?.id.startsWith("m-") === true]],
  },
  {
    name: "copy",
    needs: ["secondRegion"],
    after: "create",
    isBrief: true,
    declares: (stage) => ({
      copy: {
        type: "ImageCopy",
        args: {
          sourceImageId: { idOf: "golden" },
          regionId: stage.place.given.secondRegion,
          imageName: stage.resourceName("copy"),
          tags: tagsOf(stage),
          deleteSnapshots: true,
        },
      },
    }),
    holds: ({ copy }) => [["the copy is Available", output(copy, "status") === "Available"]],
  },
  {
    name: "share",
    needs: ["accountId"],
    after: "create",
    isBrief: true,
    declares: (stage) => ({
      share: {
        type: "ImageSharePermission",
        args: { imageId: { idOf: "golden" }, accountIds: [stage.place.given.accountId] },
      },
    }),
    holds: ({ share }, _before, stage) => [
      ["the account is named", (output(share, "accountIds") as string[]).includes(stage.place.given.accountId!)],
    ],
  },
  ...secondAccountScenes,
  ...testScenes,
  {
    name: "export",
    needs: ["bucket"],
    after: "create",
    declares: (stage) => ({
      export: {
        type: "ImageExport",
        args: {
          imageId: { idOf: "golden" },
          ossBucket: stage.place.given.bucket,
          ossPrefix: exportPrefix(stage.place.run, stage.host),
          deleteObjects: true,
        },
      },
    }),
    holds: (now) => [["its files are known", objectsOf(now).length > 0]],
  },
  {
    name: "import what was exported",
    after: "export",
    isBrief: true,
    declares: (stage, state) => imported(stage, state),
    holds: ({ imported }) => [["the image is Available", output(imported, "status") === "Available"]],
  },
  {
    name: "orphans",
    after: "create",
    async does(stage) {
      const found = await orphansOf(stage);
      if (found.length > 0) throw new Error(`there are orphans: ${found.map(({ id }) => id).join(", ")}`);
    },
  },
  {
    name: "destroy",
    does: (stage) => stage.destroy(),
    holds: (now) => [["the state is empty", Object.keys(now).filter((name) => name !== "stack").length === 0]],
  },
];

async function orphansOf(stage: Stage) {
  const state = stackStateIn(await stage.exported(), { project: projectOf(stage.place.run), stack: stage.host });
  const caution = { nowMs: Date.now(), olderThanMs: 0, keepRetained: false };
  const { session, regions } = stage.place;
  const held = await Promise.all(regions.map((region) => holdingsIn(region, state, session, () => undefined)));
  return held.flatMap((holdings) => orphansAmong(holdings, state, caution));
}

const objectsOf = (state: State) => (output(state["export"], "objects") ?? []) as { key: string; bucket: string }[];

function imported(stage: Stage, state: State): Record<string, Declared> {
  const [object] = objectsOf(state);
  const { architecture, osType, platform } = goldenOf(state).outputs;
  const args = {
    diskDeviceMappings: [{ ossBucket: object!.bucket, ossObject: object!.key, format: "RAW" }],
    imageName: stage.resourceName("imported"),
    ...{ architecture, osType, platform, trackSource: true, tags: tagsOf(stage) },
  };
  return { imported: { type: "ImportedImage", args } };
}

/** Creates an image without Pulumi. Returns its id. */
async function existingImage(stage: Stage, ImageName: string, SnapshotId: string): Promise<string> {
  const ctx = stage.place.context("creating an image to adopt");
  const Tag = tagList(stage);
  const { ImageId } = await ctx.ecs("CreateImage", { SnapshotId, ImageName, Tag });
  await ctx.images.until(ImageId!, {
    what: `image ${ImageId}`,
    deadlineMs: ctx.deadlineMs,
    evaluate: (row) =>
      row?.Status === "Available" ? { is: "ready", value: undefined } : { is: "pending", at: row?.Status ?? "" },
  });
  return ImageId!;
}
