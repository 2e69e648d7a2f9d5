import type { ImageRow } from "../ecs/actions";
import type { Cloud } from "../lifecycle/cloud";
import { ownerOf } from "../lifecycle/ownership";
import type { Fields } from "../plan/fields";
import type { ImageArgs } from "./image";

/** What an interrupted run of this resource left, if it can be taken over without doubt: ours by both tags, and the same by what the cloud itself shows. */
export async function recoverImage<Args extends ImageArgs>(
  fields: Fields<Args>,
  args: Args,
  cloud: Cloud,
  agrees: (row: ImageRow) => boolean | Promise<boolean>,
): Promise<string | undefined> {
  const owner = ownerOf(cloud.urn, fields, args);
  const left = await cloud.handover.openImagesOf(owner);
  const candidates: { id: string; createdAt: string }[] = [];
  for (const { id, owner: of } of left) {
    const row = of.fingerprint === owner.fingerprint ? await cloud.images.see(id) : undefined;
    if (row && (args.imageName === undefined || row.ImageName === args.imageName) && (await agrees(row))) candidates.push({ id, createdAt: row.CreationTime ?? "" });
  }
  const [oldest] = candidates.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  const others = left.filter(({ id }) => id !== oldest?.id).map(({ id }) => id);
  if (others.length > 0) {
    cloud.warn(`an interrupted run of this resource has left ${others.join(", ")}, which cannot be taken over with certainty. Look at it, and delete it if the state does not hold it: npx pulumi-alicloud-image orphans`);
  }
  if (oldest) {
    cloud.handover.adopt(oldest.id);
    cloud.show(`going on with ${oldest.id}, which an interrupted run has started`);
  }
  return oldest?.id;
}
