import type { ImageRow } from "../ecs/actions";
import { certainRows } from "../ecs/pages";
import { ANY_IMAGE_STATUS } from "../ecs/queries";
import { OWNER_TAG, type Owner, ownerIn, PENDING_TAG, pendingIn, pendingValue } from "../lifecycle/ownership";
import { tagsIn } from "../lifecycle/pending";
import type { Context } from "../lifecycle/session";
import type { Version } from "./image.args";
import { setStatus } from "./image-update";

export const versionOf = ({ ImageId = "", ImageName = "", CreationTime = "" }: ImageRow): Version => ({
  imageId: ImageId,
  imageName: ImageName,
  creationTime: CreationTime,
});

const newestFirst = (a: ImageRow, b: ImageRow) => ((a.CreationTime ?? "") < (b.CreationTime ?? "") ? 1 : -1);

/** The kept versions of one resource, the newest first. */
export async function versionsOf(owner: Owner, ctx: Context): Promise<ImageRow[]> {
  const rows = await certainRows(ctx.ecs, "DescribeImages", {
    Status: ANY_IMAGE_STATUS,
    ImageOwnerAlias: "self",
    Tag: [{ Key: PENDING_TAG, Value: pendingValue("version", owner.stack) }],
  });
  return rows.filter((row) => isVersionOf(row, owner)).sort(newestFirst);
}

function isVersionOf(row: ImageRow, { stack, resource }: Owner): boolean {
  const tags = tagsIn(row);
  const owner = ownerIn(tags.get(OWNER_TAG));
  return pendingIn(tags.get(PENDING_TAG)) === "version" && owner?.stack === stack && owner.resource === resource;
}

/** Marks an image as a version, then deprecates it, so that it is no longer its family's newest. Repeatable. */
export async function keepAsVersion(id: string, owner: Owner, ctx: Context): Promise<void> {
  const tag = { Key: PENDING_TAG, Value: pendingValue("version", owner.stack) };
  await ctx.ecs("TagResources", { ResourceType: "image", ResourceId: [id], Tag: [tag] });
  await setStatus(id, "Deprecated", ctx);
  ctx.show(`${id} is kept as a previous version`);
}
