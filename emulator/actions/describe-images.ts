import { imagesInUse } from "../images/own-image";
import { imageRow, shownTags } from "../images/row";
import { imageState } from "../images/state";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { architectures, pageNumber, pageSize, tagsToMatch } from "../request/fields";
import { page } from "../request/page";
import { flag, group, integer, list, text } from "../request/parameters";
import { carries, foundByTag } from "../resources/tags";
import { imageSeenBy, imagesSeenBy, type SeenImage } from "../world/accounts";
import { instanceTypes, misfit } from "../world/instance-types";
import { isListed } from "../world/listed";
import type { World } from "../world/world";

const statuses = ["Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated"];

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeimages */
export const describeImages = action({
  accepts: {
    RegionId: text({ required: true }),
    Status: text(),
    ImageId: text(),
    ImageName: text(),
    ImageFamily: text(),
    ImageOwnerAlias: text({
      oneOf: ["system", "self", "others", "marketplace"],
      wrong: "InvalidImageOwnerAlias.ValueNotSupported",
    }),
    ImageOwnerId: integer(),
    SnapshotId: text(),
    Architecture: text({ oneOf: architectures, wrong: "InvalidArchitecture" }),
    OSType: text({ oneOf: ["windows", "linux"], wrong: "InvalidOSType" }),
    Usage: text({ oneOf: ["instance", "none"], wrong: "InvalidUsage" }),
    Usable: flag(),
    IsPublic: flag(),
    IsSupportCloudinit: flag(),
    IsSupportIoOptimized: flag(),
    ActionType: text({ oneOf: ["CreateEcs", "ChangeOS"], wrong: "InvalidParamter" }),
    ResourceGroupId: text(),
    Tag: tagsToMatch,
    Filter: list(group({ Key: text(), Value: text() }), 10),
    PageNumber: pageNumber,
    PageSize: pageSize,
    /** About subscription images that have expired, which this cloud does not have. */
    ShowExpired: flag(),
    InstanceType: text(),
    DryRun: flag(),
  },

  // "When ImageOwnerAlias is system or others, the RAM rules can be ignored for this request."
  resources: ({ ImageOwnerAlias }) => (ImageOwnerAlias === "system" || ImageOwnerAlias === "others" ? [] : ["image/*"]),

  answer(world, request, { now, regionId, cloud }) {
    const wanted = wantedStatuses(request.Status, request.Usable);
    const isInTime = timeFilter(request.Filter);
    const inUse = imagesInUse(world);
    if (request.IsPublic && request.ImageOwnerAlias !== "others") throw refusal("InvalidParamter");
    const type = instanceTypes.find(({ id }) => id === request.InstanceType);
    if (request.DryRun) throw refusal("DryRunOperation");

    const fits = (seen: SeenImage): boolean => {
      const { image, owner } = seen;
      if (image.regionId !== regionId || !isListed(image, world.quirks, now) || !isInTime(image.createdMs))
        return false;
      if (request.ImageOwnerAlias === undefined ? owner === "marketplace" : owner !== request.ImageOwnerAlias)
        return false;
      // Community images are listed only on request.
      if (owner === "others" && image.isPublic !== (request.IsPublic ?? false)) return false;
      // "This parameter takes effect only when you query shared or community images."
      if (owner === "others" && request.ImageOwnerId !== undefined && Number(image.ownerId) !== request.ImageOwnerId)
        return false;
      if (request.InstanceType !== undefined && (!type || misfit(image, type) !== undefined)) return false;
      if (request.ImageName !== undefined && !nameFits(image.imageName, request.ImageName)) return false;
      if (request.ImageFamily !== undefined && image.imageFamily !== request.ImageFamily) return false;
      if (
        request.SnapshotId !== undefined &&
        !image.diskMappings.some(({ snapshotId }) => snapshotId === request.SnapshotId)
      )
        return false;
      if (request.Architecture !== undefined && image.architecture !== request.Architecture) return false;
      if (request.OSType !== undefined && image.osType !== request.OSType) return false;
      if (request.ResourceGroupId !== undefined && image.resourceGroupId !== request.ResourceGroupId) return false;
      if (request.Usage !== undefined && inUse.has(image.imageId) !== (request.Usage === "instance")) return false;
      if (request.IsSupportCloudinit === false || request.IsSupportIoOptimized === false) return false;
      if (!carries(shownTags(seen, world.quirks, now), request.Tag)) return false;
      const { status, usable } = imageState(image, now);
      return (
        (wanted === "ALL" || wanted.includes(status)) && (request.Usable === undefined || usable === request.Usable)
      );
    };

    const { rows, ...counts } = page(
      foundByTag(candidates(cloud, world, request.ImageId).filter(fits), request.Tag),
      request.PageNumber,
      request.PageSize,
      (seen) => imageRow(seen, inUse.has(seen.image.imageId), world.quirks, now),
    );
    return { ...counts, RegionId: regionId, Images: { Image: rows } };
  },
});

/** The images of these ids, or all of them, the newest first. */
function candidates(cloud: World, world: World, ids: string | undefined): SeenImage[] {
  if (ids === undefined) return imagesSeenBy(cloud, world).reverse();
  const asked = new Set(ids.split(",").map((id) => id.trim()));
  // The older pages name the limit: up to 100 ids, separated by commas.
  if (asked.size > 100) throw refusal("InvalidParamter");
  return [...asked].flatMap((id) => imageSeenBy(cloud, world, id) ?? []);
}

/** "Default value: Available. When Usable is used, Status is required." */
function wantedStatuses(status: string | undefined, usable: boolean | undefined): readonly string[] | "ALL" {
  if (status === undefined && usable !== undefined) throw refusal("MissingParameter", "Status");
  const wanted = (status ?? "Available").split(",").map((one) => one.trim());
  if (wanted.length === 1 && wanted[0] === "ALL") return "ALL";
  if (!wanted.every((one) => statuses.includes(one))) throw refusal("InvalidParamter");
  return wanted;
}

/** "Fuzzy search is supported": a name is found by any part of it, and `*` matches anything. */
function nameFits(imageName: string, pattern: string): boolean {
  if (!pattern.includes("*")) return imageName.includes(pattern);
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "su").test(imageName);
}

function timeFilter(
  filters: readonly { Key: string | undefined; Value: string | undefined }[],
): (createdMs: number) => boolean {
  const limits = filters.map(({ Key, Value }) => {
    if (Key !== "CreationStartTime" && Key !== "CreationEndTime") throw refusal("InvalidFilterKey.NotFound");
    const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/.test(Value ?? "") ? Date.parse(Value ?? "") : NaN;
    if (Number.isNaN(atMs)) throw refusal("InvalidFilterKey.NotFound");
    return (createdMs: number) => (Key === "CreationStartTime" ? createdMs >= atMs : createdMs <= atMs);
  });
  return (createdMs) => limits.every((holds) => holds(createdMs));
}
