import { refusal } from "../request/api-error";
import { type GivenTag, tagMap } from "../resources/tags";
import { nextId } from "../world/next-id";
import type { ImageRecord, World } from "../world/world";

// What CreateImage, CopyImage and ImportImage have in common.

/** The tags that a request gives its image. */
export function tagsOfImage({ quotas }: World, given: readonly (GivenTag & { Key: string })[]): Map<string, string> {
  const tags = tagMap(given);
  if (tags.size > quotas.tagsPerResource)
    throw refusal("QuotaExceed.Tags", `An image has at most ${quotas.tagsPerResource} tags.`);
  return tags;
}

interface Given {
  readonly ImageName: string | undefined;
  readonly Description: string | undefined;
  readonly ResourceGroupId: string | undefined;
  readonly tags: Map<string, string>;
}

/** What every new image has in common: the account owns it and shares it with nobody. */
export const newImage = (
  world: World,
  regionId: string,
  { ImageName, Description = "", ResourceGroupId = "", tags }: Given,
  nowMs: number,
) => {
  const imageId = nextId(world, "m");
  return {
    imageId,
    regionId,
    // In recordings, an image without a name has its id as name.
    imageName: ImageName ?? imageId,
    description: Description,
    owner: "self",
    ownerId: world.account.accountId,
    isPublic: false,
    sharedWith: [],
    copying: false,
    resourceGroupId: ResourceGroupId,
    tags,
    createdMs: nowMs,
    deprecated: false,
  } satisfies Partial<ImageRecord>;
};

export const defaultBootMode = (architecture: string): string => (architecture === "arm64" ? "UEFI" : "BIOS");

export const osTypeOf = (platform: string): string => (platform.includes("Windows") ? "windows" : "linux");

/** The display name of an operating system, where no source image has one. */
export const osNameOf = (platform: string, architecture: string): string =>
  `${platform} ${architecture === "i386" ? 32 : 64} bit`;
