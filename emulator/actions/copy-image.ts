import { requireFreeName, requireRoomForImage } from "../images/limits";
import { imageState } from "../images/state";
import { requireUsableKey } from "../images/usable-account";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { description, imageName, tagsToSet } from "../request/fields";
import { earlierAnswer, rememberAnswer } from "../request/idempotence";
import { flag, text } from "../request/parameters";
import { applyCopyEffects, copiesOf } from "../resources/copies";
import { tagMap } from "../resources/tags";
import { imageSeenBy, type SeenImage } from "../world/accounts";
import { nextId } from "../world/next-id";
import { takeScenario, timelineOf } from "../world/scenario";
import type { ImageRecord, World } from "../world/world";

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-copyimage: called in the region of the source. */
export const copyImage = action({
  accepts: {
    ImageId: text({ required: true }),
    DestinationRegionId: text(),
    DestinationImageName: { ...imageName, wrong: "InvalidImageName.Malformed/copy" } as const,
    DestinationDescription: { ...description, wrong: "InvalidDescription.Malformed/copy" } as const,
    Encrypted: flag(),
    KMSKeyId: text(),
    ResourceGroupId: text(),
    Tag: tagsToSet("QuotaExceed.Tags"),
    ClientToken: text({ matches: /^[\x20-\x7e]{1,64}$/ }),
    DryRun: flag(),
  },

  resources: () => ["image/*"],

  answer(world, request, { now, cloud, accountId, regionId, durations, params, changed }) {
    if (!params.RegionId) throw refusal("MissingParameter", "RegionId");
    if (!world.regions.has(regionId)) throw refusal("SourceRegion.NotFound");
    const destination = request.DestinationRegionId ?? regionId;
    if (!world.regions.has(destination)) throw refusal("DestinationRegion.NotFound");
    const before = earlierAnswer(world, "CopyImage", request.ClientToken, params);
    if (before) return before;

    const tags = tagMap(request.Tag);
    if (tags.size > world.quotas.tagsPerResource)
      throw refusal("QuotaExceed.Tags", `An image has at most ${world.quotas.tagsPerResource} tags.`);
    if (request.ResourceGroupId !== undefined && !world.resourceGroups.has(request.ResourceGroupId))
      throw refusal("InvalidResourceGroup.NotFound");
    const source = copyableImage(cloud, world, request.ImageId, regionId, destination, now);
    const isEncrypted = encryptionOf(world, request, source, destination !== regionId);
    requireNoOtherCopy(world, source, destination, now);
    const { DestinationImageName = "" } = request;
    requireFreeName(world, DestinationImageName, destination, now, "InvalidImageName.Duplicated/copy");
    requireRoomForImage(world, destination);
    if (request.DryRun) throw refusal("DryRunOperation");

    const scenario = takeScenario(world.scenarios, "CopyImage");
    if (scenario?.refused) throw refusal("InternalError");
    const timeline = timelineOf(scenario, now, durations.copyMs);
    const copy: ImageRecord = {
      ...source,
      ...timeline,
      span: { ...timeline.span, queued: true },
      imageId: nextId(world, "m"),
      regionId: destination,
      imageName: DestinationImageName,
      description: request.DestinationDescription ?? "",
      // Neither of these goes along.
      imageFamily: "",
      nvmeSupport: "unsupported",
      sharedWith: [],
      isPublic: false,
      copying: false,
      owner: "self",
      ownerId: accountId,
      resourceGroupId: request.ResourceGroupId ?? "",
      tags,
      diskMappings: source.diskMappings.map((disk) => ({ ...disk, snapshotId: "", encrypted: isEncrypted })),
      kmsKeyId: request.KMSKeyId ?? "",
      createdMs: now,
      madeFrom: "copy",
      failsAs: "CreateFailed",
      deprecated: false,
      copyOf: {
        regionId,
        imageId: source.imageId,
        unusableForMs: scenario?.unusableForMs ?? 0,
        snapshotsTaken: false,
      },
    };
    delete copy.statusShown;
    world.images.set(copy.imageId, copy);
    applyCopyEffects(world, now);
    const body = { ImageId: copy.imageId };
    rememberAnswer(world, "CopyImage", request.ClientToken, params, body);
    changed();
    return body;
  },
});

/** The image of that id, if this account may copy it there. */
function copyableImage(
  cloud: World,
  world: World,
  imageId: string,
  regionId: string,
  destination: string,
  nowMs: number,
): ImageRecord {
  const seen = imageSeenBy(cloud, world, imageId);
  if (seen?.image.regionId !== regionId || seen.owner === "system") throw refusal("InvalidImageId.NotFound");
  requireCopyable(seen, regionId === destination);
  if (imageState(seen.image, nowMs).status !== "Available") throw refusal("IncorrectImageStatus/copy");
  for (const id of [regionId, destination])
    if (world.regions.get(id)?.movesImages === false) throw refusal("RegionNotSupportCopy");
  return seen.image;
}

function requireCopyable({ image, owner }: SeenImage, withinRegion: boolean): void {
  if (owner === "marketplace") throw refusal("OperationDenied.NotAuthorized");
  if (image.isPublic) throw refusal("OperationDenied.CommunityImage");
  if (owner === "others" && !withinRegion) throw refusal("OperationDenied.SameRegionOnly");
}

/** Whether the copy is encrypted: as asked for, else as the source is. */
function encryptionOf(
  world: World,
  { Encrypted, KMSKeyId }: { Encrypted: boolean | undefined; KMSKeyId: string | undefined },
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
