// Finds images for getImage and getImages.

import type { Ecs, ImageRow, Request } from "../ecs/actions";
import { certainRows } from "../ecs/pages";
import { Failure } from "../failure";
import { tagsIn } from "../lifecycle/ownership";
import type { Session } from "../lifecycle/session";
import { compact } from "../resources/images/args";
import { disksOf } from "../resources/images/disks";
import { imageState } from "../resources/images/state";
import { filtersOf, type GetImageArgs, lookUpFailures } from "./arguments";
import type { GetImageResult } from "./result";

const TIMEOUT_MS = 5 * 60_000;

export interface LookUpOptions {
  /** The function that the user called, for error messages. */
  readonly name?: string;
  /** Whether the arguments are secret. Then error messages show none of their values. */
  readonly isSecret?: boolean;
}

/**
 * The images that match `args`, the newest first. Only reads. Calls go through the session, so look-ups share its rate
 * limiter and retry policy.
 */
export async function lookUpImages(
  given: GetImageArgs,
  session: Pick<Session, "contextFor">,
  { name = "getImages", isSecret = false }: LookUpOptions = {},
): Promise<GetImageResult[]> {
  const args = presentArgs(given);
  const failures = lookUpFailures({ ...args });
  if (failures.length > 0) {
    const reasons = failures.map(({ property, reason }) => (isSecret ? `${property} is not valid` : reason));
    throw new Failure("Invalid", `${name}: ${reasons.join("; ")}`);
  }
  const { ecs, regionId } = session.contextFor({
    urn: "",
    doing: name,
    regionId: args.regionId,
    timeoutMs: TIMEOUT_MS,
  });
  const lists = await Promise.all(
    requestsFor(args).map(async (request) => (await rowsFor(request, args, ecs)).filter((row) => fits(row, args))),
  );
  const found = new Map(lists.flat().map((row) => [row.ImageId!, row]));
  refuseUnknownOwners([...found.values()], args, name);
  return [...found.values()].sort(newestFirst).map((row) => resultOf(row, regionId));
}

/** The arguments that have a value. Nulls inside a value stay, and the check refuses them. */
const presentArgs = (args: GetImageArgs): GetImageArgs =>
  Object.fromEntries(Object.entries(args).filter(([, value]: [string, unknown]) => value != null));

const resultOf = (row: ImageRow, regionId: string): GetImageResult => {
  const all = compact(imageState(row, {}, { regionId, isAdopted: true }));
  const { deprecated = false, tags = {}, previousVersions: _versions, snapshotIds: _made, ...state } = all;
  const { ImageOwnerId, IsPublic = false, Usage } = row;
  return {
    ...state,
    ...(ImageOwnerId !== undefined && { ownerId: String(ImageOwnerId) }),
    isPublic: IsPublic,
    ...(Usage && { usage: Usage }),
    imageName: row.ImageName ?? "",
    architecture: row.Architecture ?? "",
    ...(row.ImageVersion && { imageVersion: row.ImageVersion }),
    deprecated,
    tags,
    diskDeviceMappings: disksOf(row),
  };
};

/** The newest matching image. If there is none, the error names every filter and the region. */
export async function lookUpImage(
  args: GetImageArgs,
  session: Pick<Session, "contextFor" | "defaultRegion">,
  { isSecret = false }: LookUpOptions = {},
): Promise<GetImageResult> {
  const [newest] = await lookUpImages(args, session, { name: "getImage", isSecret });
  if (newest) return newest;
  const regionId = args.regionId ?? session.defaultRegion();
  const elsewhere =
    args.owners === undefined ? ", or set owners to search public, shared or Marketplace images as well" : "";
  throw new Failure(
    "Refused",
    `getImage: no image in ${regionId} matches ${filtersOf(args, isSecret)}. Check the filters and the ` +
      `region${elsewhere}`,
  );
}

/** One request for each kind of owner, and for each account whose shared images are searched. */
function requestsFor(args: GetImageArgs): Request<"DescribeImages">[] {
  const { owners = ["self"], ownerIds = [], isPublic } = args;
  const { imageId, imageFamily, imageName, architecture, tags, status = "Available" } = args;
  const { osType, usage, instanceType, resourceGroupId, snapshotId, isSupportCloudInit } = args;
  const filters: Omit<Request<"DescribeImages">, "ImageOwnerId"> = compact({
    Status: status,
    ImageId: imageId,
    ImageFamily: imageFamily,
    ImageName: imageName,
    Architecture: architecture,
    OSType: osType,
    Usage: usage,
    InstanceType: instanceType,
    ResourceGroupId: resourceGroupId,
    SnapshotId: snapshotId,
    IsSupportCloudinit: isSupportCloudInit,
    Tag: tags && Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });
  return [...new Set(owners)].flatMap((ImageOwnerAlias) => {
    // The API uses these two only for images that others share or publish. An id may have more digits than a number
    // holds.
    const ofOthers = ImageOwnerAlias === "others" ? compact({ IsPublic: isPublic }) : {};
    const accounts = ImageOwnerAlias === "others" && ownerIds.length > 0 ? [...new Set(ownerIds)] : [undefined];
    return accounts.map((id) =>
      compact({ ...filters, ImageOwnerAlias, ...ofOthers, ImageOwnerId: id as unknown as number }),
    );
  });
}

/** These filters find at most this many, and do not report that there are more. */
const MOST_BY_FILTER = 1_000;

/** Every row of one request. Fails if a row cannot be read, because it may be the newest. */
async function rowsFor(request: Request<"DescribeImages">, args: GetImageArgs, ecs: Ecs): Promise<ImageRow[]> {
  const found = await certainRows(ecs, "DescribeImages", request);
  const { Tag, ResourceGroupId, ...others } = request;
  if ((!Tag && ResourceGroupId === undefined) || found.length < MOST_BY_FILTER) return found;
  const all = await certainRows(ecs, "DescribeImages", others);
  return all.filter(
    (row) =>
      carries(row, args.tags) && (args.resourceGroupId === undefined || row.ResourceGroupId === args.resourceGroupId),
  );
}

const carries = (row: ImageRow, tags: Readonly<Record<string, string>> = {}): boolean => {
  const held = tagsIn(row);
  return Object.entries(tags).every(([key, value]) => held.get(key) === value);
};

/** Filters that the cloud applies loosely or not at all. An image is excluded only by what its row shows. */
function fits(row: ImageRow, args: GetImageArgs): boolean {
  const { imageName, nameRegex, tags, status = "Available", snapshotId, isSupportCloudInit, isPublic, ownerIds } = args;
  const shown = [
    [args.imageId, row.ImageId],
    [args.imageFamily, row.ImageFamily],
    [args.architecture, row.Architecture],
    [status, row.Status],
    [args.osType, row.OSType],
    [args.usage, row.Usage],
    [args.resourceGroupId, row.ResourceGroupId],
  ];
  const snapshots = disksOf(row).flatMap((disk) => disk.snapshotId ?? []);
  return !(
    shown.some(([wanted, has]) => wanted !== undefined && Boolean(has) && wanted !== has) ||
    (imageName !== undefined && row.ImageName !== imageName) ||
    (nameRegex !== undefined && !new RegExp(nameRegex).test(row.ImageName ?? "")) ||
    (status === "Available" && row.Usable === false) ||
    (tagsIn(row).size > 0 && !carries(row, tags)) ||
    (snapshotId !== undefined && snapshots.length > 0 && !snapshots.includes(snapshotId)) ||
    [
      [isSupportCloudInit, row.IsSupportCloudinit],
      [isPublic, row.IsPublic],
    ].some(([wanted, has]) => wanted !== undefined && has !== undefined && wanted !== has) ||
    (ownerIds !== undefined && row.ImageOwnerId !== undefined && !ownerIds.includes(String(row.ImageOwnerId)))
  );
}

/**
 * Fails if a row does not name its owner. Shared images were already filtered by owner in the cloud; any other such row
 * may be anybody's.
 */
function refuseUnknownOwners(rows: readonly ImageRow[], { ownerIds }: GetImageArgs, name: string): void {
  const unknown = rows.filter(
    ({ ImageOwnerId, ImageOwnerAlias }) => ImageOwnerId === undefined && ImageOwnerAlias !== "others",
  );
  if (ownerIds === undefined || unknown.length === 0) return;
  const ids = unknown.map(({ ImageId }) => ImageId).join(", ");
  throw new Failure(
    "Refused",
    `${name}: ECS does not say which account owns ${ids}. Leave ownerIds out for images of this account`,
  );
}

/** Creation times have a resolution of one second. The id gives images of the same second a stable order. */
function newestFirst(a: ImageRow, b: ImageRow): number {
  const createdMs = (row: ImageRow) => Date.parse(row.CreationTime ?? "") || 0;
  return createdMs(b) - createdMs(a) || (a.ImageId! < b.ImageId! ? -1 : 1);
}
