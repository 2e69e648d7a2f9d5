import { seededWorld, seeds } from "../../emulator";
import { lookUpImage } from "../../provider/lookups/images";
import type { Line } from "../line";
import { openStage, type Stage } from "../stage";

const COUNT = 1_000;

/** Finding the newest of many images, which the API can only list page by page. */
export async function lookUps(): Promise<Line[]> {
  const world = seededWorld(0);
  const template = world.images.get(seeds.publicImageId)!;
  for (let n = 0; n < COUNT; n++) {
    const image = { imageId: `m-${n}`, imageName: `web-${n}`, imageFamily: "web", createdMs: n * 1_000 };
    world.images.set(image.imageId, { ...template, ...image, owner: "self", isPublic: false });
  }
  const stage = await openStage({ world });
  try {
    const ours = await timed(stage, newest);
    const plain = await timed(stage, newestPageByPage);
    const what = `The newest of ${COUNT.toLocaleString("en")} images of a family`;
    return [
      { what: `${what}: calls`, unit: "", ours: ours.calls, plain: plain.calls, aim: COUNT / 100 + 1 },
      { what: `${what}: time`, unit: "s", ours: ours.seconds, plain: plain.seconds, aim: 0.2 },
    ];
  } finally {
    await stage.close();
  }
}

async function timed(stage: Stage, find: (stage: Stage) => Promise<string | undefined>) {
  stage.actions();
  const startMs = stage.clock.now();
  const found = await stage.turn(find(stage));
  if (found !== `m-${COUNT - 1}`) throw new Error(`the newest image is not ${found}`);
  return { calls: stage.actions().length, seconds: (stage.clock.now() - startMs) / 1_000 };
}

const newest = async (stage: Stage) =>
  (await lookUpImage({ imageFamily: "web" }, stage.process("ours").session!)).imageId;

/** As a program does it by hand, one page after another. */
async function newestPageByPage(stage: Stage): Promise<string | undefined> {
  const operation = { urn: "", doing: "looking", regionId: seeds.regionId, timeoutMs: 60_000 };
  const { ecs } = stage.process("ours").session!.contextFor(operation);
  let last: { id: string; createdAt: string } | undefined;
  for (let page = 1; ; page++) {
    const request = { ImageOwnerAlias: "self", ImageFamily: "web", PageNumber: page, PageSize: 100 };
    const { Images, TotalCount = 0 } = await ecs("DescribeImages", request);
    for (const { ImageId, CreationTime = "" } of Images?.Image ?? [])
      if (!last || CreationTime > last.createdAt) last = { id: ImageId!, createdAt: CreationTime };
    if (page * 100 >= TotalCount) return last?.id;
  }
}
