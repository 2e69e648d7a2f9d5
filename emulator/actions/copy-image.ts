import { requireFreeName, requireRoomForImage } from "../images/limits";
import { newImage, tagsOfImage } from "../images/new-image";
import { imageState } from "../images/state";
import { requireUsableKey } from "../images/usable-account";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import type { Context } from "../request/emulation";
import { clientToken, description, imageName, tagsToSet } from "../request/fields";
import { answerOnce } from "../request/idempotence";
import { flag, type Parsed, text } from "../request/parameters";
import { applyCopyEffects, copiesOf } from "../resources/copies";
import { requireResourceGroup } from "../resources/tagged-resource";
import { imageSeenBy, type SeenImage } from "../world/accounts";
import { takeScenario, timelineOf } from "../world/scenario";
import type { ImageRecord, World } from "../world/world";

const accepts = {
  ImageId: text({ required: true }),
  DestinationRegionId: text(),
  DestinationImageName: { ...imageName, wrong: "InvalidImageName.Malformed/copy" },
  DestinationDescription: { ...description, wrong: "InvalidDescription.Malformed/copy" },
  Encrypted: flag(),
  KMSKeyId: text(),
  ResourceGroupId: text(),
  Tag: tagsToSet("QuotaExceed.Tags"),
  ClientToken: clientToken,
  DryRun: flag(),
} as const;
type Request = Parsed<typeof accepts>;

/**
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-copyimage: called in the region of
 * the source.
 */
export const copyImage = action({
  accepts,

  resources: () => ["image/*"],

  answer(world, request, { now, cloud, regionId, durations, params, changed }) {
    const destination = destinationOf(world, request, params);
    return answerOnce(world, { action: "CopyImage", token: request.ClientToken, params }, () => {
      const { DestinationImageName: ImageName, DestinationDescription: Description, ResourceGroupId } = request;
      const tags = tagsOfImage(world, request.Tag);
      requireResourceGroup(world, ResourceGroupId);
      const source = copyableImage({ cloud, world, now }, request.ImageId, { regionId, destination });
      const isEncrypted = encryptionOf(world, request, source, destination !== regionId);
      requireNoOtherCopy(world, source, destination, now);
      requireFreeName(
        world,
        { imageName: ImageName ?? "", regionId: destination },
        now,
        "InvalidImageName.Duplicated/copy",
      );
      requireRoomForImage(world, destination);
      if (request.DryRun) throw refusal("DryRunOperation");

      const scenario = takeScenario(world.scenarios, "CopyImage");
      if (scenario?.refused) throw refusal("InternalError");
      const timeline = timelineOf(scenario, now, durations.copyMs);
      const copy: ImageRecord = {
        ...copiedPart(source, isEncrypted),
        ...newImage(world, destination, { ImageName, Description, ResourceGroupId, tags }, now),
        ...timeline,
        span: { ...timeline.span, queued: true },
        kmsKeyId: request.KMSKeyId ?? "",
        madeFrom: "copy",
        failsAs: "CreateFailed",
        copyOf: {
          regionId,
          imageId: source.imageId,
          unusableForMs: scenario?.unusableForMs ?? 0,
          snapshotsTaken: false,
        },
      };
      world.images.set(copy.imageId, copy);
      applyCopyEffects(world, now);
      changed();
      return { ImageId: copy.imageId };
    });
  },
});

/** The region of the copy. Without `DestinationRegionId`, the region of the source. */
function destinationOf(
  world: World,
  { DestinationRegionId }: Request,
  { RegionId }: Readonly<Record<string, string>>,
): string {
  if (!RegionId) throw refusal("MissingParameter", "RegionId");
  if (!world.regions.has(RegionId)) throw refusal("SourceRegion.NotFound");
  const destination = DestinationRegionId ?? RegionId;
  if (!world.regions.has(destination)) throw refusal("DestinationRegion.NotFound");
  return destination;
}

/**
 * What a copy takes over from its source. The family and NVMe support are not copied, and the snapshots are taken when
 * the copy is done.
 */
function copiedPart(
  { statusShown: _status, hidden: _interval, ...source }: ImageRecord,
  isEncrypted: boolean,
): ImageRecord {
  return {
    ...source,
    imageFamily: "",
    nvmeSupport: "unsupported",
    diskMappings: source.diskMappings.map((disk) => ({ ...disk, snapshotId: "", encrypted: isEncrypted })),
  };
}

/** The image with that id, if this account may copy it to that region. */
function copyableImage(
  { cloud, world, now }: Pick<Context, "cloud" | "world" | "now">,
  imageId: string,
  { regionId, destination }: { readonly regionId: string; readonly destination: string },
): ImageRecord {
  const seen = imageSeenBy(cloud, world, imageId);
  if (seen?.image.regionId !== regionId || seen.owner === "system") throw refusal("InvalidImageId.NotFound");
  requireCopyable(seen, regionId === destination);
  if (imageState(seen.image, now).status !== "Available") throw refusal("IncorrectImageStatus/copy");
  for (const id of [regionId, destination])
    if (world.regions.get(id)?.movesImages === false) throw refusal("RegionNotSupportCopy");
  return seen.image;
}

function requireCopyable({ image, owner }: SeenImage, withinRegion: boolean): void {
  if (owner === "marketplace") throw refusal("OperationDenied.NotAuthorized");
  if (image.isPublic) throw refusal("OperationDenied.CommunityImage");
  if (owner === "others" && !withinRegion) throw refusal("OperationDenied.SameRegionOnly");
}

/** Whether the copy is encrypted: as requested, otherwise like the source. */
function encryptionOf(
  world: World,
  { Encrypted, KMSKeyId }: Request,
  { diskMappings }: ImageRecord,
  acrossRegions: boolean,
): boolean {
  const wasEncrypted = diskMappings.some(({ encrypted }) => encrypted);
  if (KMSKeyId !== undefined && !Encrypted) throw refusal("InvalidParameter.EncryptedIllegal");
  if (wasEncrypted && Encrypted === false) throw refusal("OperationDeined.EncryptedSnapshot/copy");
  if (Encrypted && !wasEncrypted && acrossRegions && !world.quirks.encryptAcrossRegions)
    throw refusal("OperationDenied.EncryptSnapshotAcrossRegion");
  if (KMSKeyId !== undefined && !world.account.kmsKeys.has(KMSKeyId))
    throw refusal("InvalidParameter.KMSKeyId.NotFound");
  requireUsableKey(world, KMSKeyId ?? "");
  return Encrypted ?? wasEncrypted;
}

function requireNoOtherCopy(world: World, source: ImageRecord, destination: string, nowMs: number): void {
  const others = copiesOf(world, source, nowMs);
  if (others.some(({ regionId }) => regionId === destination)) throw refusal("OperationDenied.ImageCopyConflict");
  if (source.copying || (others.length > 0 && world.quirks.concurrentCopies === "refuse"))
    throw refusal("OperationDenied.ImageCopying/copy");
}
