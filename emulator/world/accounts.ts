import { emptyWorld } from "./empty-world";
import type { ImageOwner, ImageRecord, World } from "./world";

/** Every account of this cloud, each with what it holds; the first is the one that the world itself describes. */
export const accountsIn = (cloud: World): World[] => [cloud, ...cloud.otherAccounts.values()];

/** What that account holds. */
export const worldOf = (cloud: World, accountId: string): World | undefined =>
  cloud.account.accountId === accountId ? cloud : cloud.otherAccounts.get(accountId);

/**
 * The account of that id, new and without a thing in it if this cloud does not have it yet. Regions and quirks are
 * those of the whole cloud.
 */
export function accountIn(cloud: World, accountId: string): World {
  const present = worldOf(cloud, accountId);
  if (present) return present;
  const added = emptyWorld();
  added.account.accountId = accountId;
  // Ids are counted for each account; starting far apart keeps them unique in the cloud.
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
  /** False: it belongs to another account. Only that account sees its tags and the accounts that it is shared with. */
  readonly isOwn: boolean;
}

/**
 * The images that an account can see: its own, what others share with it or with everybody, and what Alibaba Cloud
 * offers.
 */
export function imagesSeenBy(cloud: World, viewer: World): SeenImage[] {
  return accountsIn(cloud).flatMap((holder) =>
    [...holder.images.values()].flatMap((image) => seen(image, holder, viewer) ?? []),
  );
}

/** The image of that id, if the account can see it. */
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
