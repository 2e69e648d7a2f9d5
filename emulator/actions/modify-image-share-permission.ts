import { isBeingMade, ownImage } from "../images/own-image";
import { imageState } from "../images/state";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { flag, list, text } from "../request/parameters";
import type { ImageRecord, World } from "../world/world";

/**
 * "If you specify more than 10 Alibaba Cloud account IDs, the system processes only the first 10". The rest is silently
 * ignored.
 */
const atOnce = 10;
const accounts = list(text({}), 1000);

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-modifyimagesharepermission */
export const modifyImageSharePermission = action({
  accepts: {
    RegionId: text({ required: true }),
    ImageId: text({ required: true }),
    AddAccount: accounts,
    RemoveAccount: accounts,
    IsPublic: flag(),
    DryRun: flag(),
  },

  resources: ({ ImageId }) => [`image/${ImageId ?? "*"}`],

  answer(world, request, { now, accountId, regionId, changed }) {
    const image = ownImage(world, request.ImageId, regionId);
    const added = request.AddAccount.slice(0, atOnce);
    const removed = request.RemoveAccount.slice(0, atOnce);
    requireShareable(world, image, added.length > 0 || request.IsPublic === true, now);
    for (const account of [...added, ...removed])
      if (!/^\d{1,20}$/.test(account)) throw refusal("InvalidAccount.NotFound", account);
    if (added.includes(accountId)) throw refusal("InvalidAccount.Forbbiden");
    requirePublishable(world, image, request.IsPublic, added.length + removed.length);

    const shared = new Set(image.sharedWith);
    for (const account of added) shared.add(account);
    for (const account of removed) shared.delete(account);
    if (added.length > 0 && shared.size > world.quotas.accountsPerSharedImage)
      throw refusal("QuotaExceed.ShareImageUser");
    const others = [...world.images.values()].filter((other) => other !== image && other.sharedWith.length > 0);
    if (added.length > 0 && others.length >= world.quotas.sharedImages) throw refusal("QuotaExceed.ShareImage");
    if (request.DryRun) throw refusal("DryRunOperation");

    const isChanged =
      shared.size !== image.sharedWith.length || image.sharedWith.some((account) => !shared.has(account));
    if (isChanged || request.IsPublic !== undefined) changed();
    image.sharedWith = [...shared];
    image.isPublic = request.IsPublic ?? image.isPublic;
    return {};
  },
});

function requireShareable(world: World, image: ImageRecord, isAdding: boolean, nowMs: number): void {
  if (isBeingMade(image, nowMs)) throw refusal("IncorrectImageStatus/share");
  if (!isAdding) return;
  const { status } = imageState(image, nowMs);
  if (status === "Deprecated") throw refusal("OperationDenied.InvalidImageStatus");
  if (status !== "Available") throw refusal("IncorrectImageStatus/share");
  // "You can share images encrypted by using customer master keys but cannot share images encrypted by using service
  // keys."
  const encrypted = image.diskMappings.filter((disk) => disk.encrypted);
  const keyOf = (snapshotId: string) => image.kmsKeyId || world.snapshots.get(snapshotId)?.kmsKeyId;
  if (encrypted.some(({ snapshotId }) => !keyOf(snapshotId)))
    throw refusal("InvalidOperation.ServiceKeyEncryptedImageUnsupported");
}

function requirePublishable(
  world: World,
  image: ImageRecord,
  isPublic: boolean | undefined,
  accountsGiven: number,
): void {
  if (isPublic === undefined) return;
  if (isPublic && accountsGiven > 0) throw refusal("InvalidParameter.IsPublic");
  if (isPublic && image.isPublic) throw refusal("Image.Public");
  if (isPublic && world.regions.get(image.regionId)?.publishesImages === false)
    throw refusal("CurrentRegion.NotSupportPublicImage");
  if (isPublic && image.diskMappings.some(({ encrypted }) => encrypted))
    throw refusal("OperationDeined.EncryptedSnapshot/share");
  // "If the image is already a regular image, no changes are made", says the parameter; the error table has
  // Image.NotPublic.
}
