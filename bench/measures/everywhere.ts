import { seededWorld, seeds } from "../../emulator";
import { dynamicProvider, URN } from "../../provider/hosts/dynamic/provider";
import { imageCopy } from "../../provider/resources/image-copy/lifecycle";
import { imageSharePermission } from "../../provider/resources/image-share-permission/lifecycle";
import type { Props } from "../inputs";
import type { Line } from "../line";
import { openStage, type Stage } from "../stage";

const SOURCE = "m-golden";
const COPY_MS = 30 * 60_000;
const REGIONS = [
  "cn-beijing",
  "cn-shanghai",
  "cn-shenzhen",
  "cn-chengdu",
  "cn-hongkong",
  "ap-southeast-1",
  "ap-northeast-1",
  "eu-central-1",
  "us-east-1",
  "us-west-1",
];
/** How many accounts an image can be shared with. */
const ACCOUNTS = 50;
const SHARED_IMAGES = 4;

/** One image in ten regions, and four images shared with fifty accounts each. */
export async function everywhere(): Promise<Line[]> {
  return [...(await copies()), ...(await shares())];
}

function world() {
  const seeded = seededWorld(0);
  const template = seeded.images.get(seeds.publicImageId)!;
  const [region] = seeded.regions.values();
  for (const id of REGIONS) seeded.regions.set(id, seeded.regions.get(id) ?? structuredClone(region!));
  const own = { owner: "self" as const, ownerId: seeded.account.accountId, isPublic: false };
  for (const imageId of [SOURCE, ...Array.from({ length: SHARED_IMAGES }, (_, n) => `m-shared-${n}`)])
    seeded.images.set(imageId, { ...structuredClone(template), ...own, imageId, imageName: imageId });
  return seeded;
}

const urn = (kind: string, name: string) =>
  `urn:pulumi:bench::golden::pulumi-nodejs:dynamic/alicloud-image:${kind}::${name}`;

async function copies(): Promise<Line[]> {
  const stage = await openStage({ world: world(), durations: { copyMs: COPY_MS } });
  try {
    const provider = dynamicProvider(imageCopy, stage.process("ours").session!);
    const { calls, seconds } = await timed(stage, REGIONS, (regionId) =>
      provider.create(withUrn("ImageCopy", regionId, { sourceImageId: SOURCE, regionId, imageName: "golden" })),
    );
    const what = `One image copied to ${REGIONS.length} regions, 30 min each`;
    return [
      { what: `${what}: delay from ready to known, the last`, unit: "s", ours: seconds - COPY_MS / 1_000 },
      { what: `${what}: calls in all`, unit: "", ours: calls },
    ];
  } finally {
    await stage.close();
  }
}

async function shares(): Promise<Line[]> {
  const stage = await openStage({ world: world() });
  try {
    const provider = dynamicProvider(imageSharePermission, stage.process("ours").session!);
    const accountIds = Array.from({ length: ACCOUNTS }, (_, n) => String(1_000_000_000_000_000 + n));
    const images = Array.from({ length: SHARED_IMAGES }, (_, n) => `m-shared-${n}`);
    const { calls, seconds } = await timed(stage, images, (imageId) =>
      provider.create(withUrn("ImageSharePermission", imageId, { imageId, accountIds })),
    );
    const what = `${SHARED_IMAGES * ACCOUNTS} shares, ${ACCOUNTS} an image`;
    return [
      { what: `${what}: calls in all`, unit: "", ours: calls, aim: SHARED_IMAGES * (ACCOUNTS / 10 + 2) },
      { what: `${what}: time in calls`, unit: "s", ours: seconds },
    ];
  } finally {
    await stage.close();
  }
}

const withUrn = (kind: string, name: string, args: Props): Props => ({
  ...args,
  [URN]: urn(kind, name),
  __provider: "the provider's text",
});

async function timed(stage: Stage, names: readonly string[], create: (name: string) => Promise<unknown>) {
  stage.actions();
  const startMs = stage.clock.now();
  await stage.turn(Promise.all(names.map(create)));
  return { calls: stage.actions().length, seconds: (stage.clock.now() - startMs) / 1_000 };
}
