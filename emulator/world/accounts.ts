import { emptyWorld } from "./empty-world";
import type { ImageOwner, ImageRecord, World } from "./world";

/** The worlds of all accounts of this cloud. The first one is the cloud's own. */
export const accountsIn = (cloud: World): World[] => [cloud, ...cloud.otherAccounts.values()];

/** The world of an account. */
export const worldOf = (cloud: World, accountId: string): World | undefined =>
  cloud.account.accountId === accountId ? cloud : cloud.otherAccounts.get(accountId);

/**
 * The world of an account. It is added, with nothing in it, if this cloud does not have it yet. Regions and quirks are
 * those of the whole cloud.
 */
export function accountIn(cloud: World, accountId: string): World {
  const present = worldOf(cloud, accountId);
  if (present) return present;
  const added = emptyWorld();
  added.account.accountId = accountId;
  // Each account counts its own ids; starting far apart keeps them unique in the cloud.
  added.idsIssued = (cloud.otherAccounts.size + 1) * 36 ** 8;
  cloud.otherAccounts.set(accountId, added);
  shareCloud(cloud);
  return added;
}

/** Gives every account the regions and the quirks of the cloud. */
export function shareCloud(cloud: World): void {
  for (const account of cloud.otherAccounts.values()) {
    account.regions = cloud.regions;
    account.quirks = cloud.quirks;
  }
}

/** An image as one account sees it. */
export interface SeenImage {
  readonly image: ImageRecord;
  readonly owner: ImageOwner;
  /** False if it belongs to another account. Only the owner sees its tags and the accounts that it is shared with. */
  readonly isOwn: boolean;
}

/**
 * The images that an account can see: its own, those that others share with it or publish, and those of Alibaba Cloud.
 */
export function imagesSeenBy(cloud: World, viewer: World): SeenImage[] {
  return accountsIn(cloud).flatMap((holder) =>
    [...holder.images.values()].flatMap((image) => seen(image, holder, viewer) ?? []),
  );
}

/** The image with that id, if the account can see it. */
export function imageSeenBy(cloud: World, viewer: World, imageId: string): SeenImage | undefined {
  for (const holder of accountsIn(cloud)) {
    const image = holder.images.get(imageId);
    if (image) return seen(image, holder, viewer);
  }
  return undefined;
}

function seen(image: ImageRecord, holder: World, viewer: World): SeenImage | undefined {
  if (holder === viewer) return { image, owner: image.owner, isOwn: image.owner === "self" };
  if (image.owner === "system" || image.owner === "marketplace") return { image, owner: image.owner, isOwn: false };
  const isShared = image.isPublic || image.sharedWith.includes(viewer.account.accountId);
  return isShared ? { image, owner: "others", isOwn: false } : undefined;
}
