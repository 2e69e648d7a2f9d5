import type { ImageRow, Request } from "../ecs/actions";
import { allRows } from "../ecs/pages";
import { Failure } from "../failure";
import type { Session } from "../lifecycle/session";
import { compact } from "../resources/images/args";
import { disksOf } from "../resources/images/disks";
import { imageState } from "../resources/images/state";
import { filtersOf, type GetImageArgs, type ImageOwner, lookUpFailures } from "./arguments";
import type { GetImageResult } from "./result";

const TIMEOUT_MS = 5 * 60_000;

export interface LookUpOptions {
  /** What the user called, for error texts. */
  readonly name?: string;
  /** The arguments are secret: error texts show none of their values. */
  readonly isSecret?: boolean;
}

/**
 * The images that fit `args`, the newest first. It only reads, and calls through the session, so look-ups share the rate limiter
 * and the retry policy of everything else.
 */
export async function lookUpImages(
  given: GetImageArgs,
  session: Pick<Session, "contextFor">,
  { name = "getImages", isSecret = false }: LookUpOptions = {},
): Promise<GetImageResult[]> {
  const args = withoutNulls(given);
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
  const { owners = ["self"] } = args;
  const lists = await Promise.all(
    [...new Set(owners)].map((owner) => allRows(ecs, "DescribeImages", requestFor(args, owner))),
  );
  const found = new Map(lists.flatMap(({ rows }) => rows.map((row) => [row.ImageId!, row])));
  return [...found.values()]
    .filter((row) => fits(row, args))
    .sort(newestFirst)
    .map((row) => resultOf(row, regionId));
}

const withoutNulls = (args: GetImageArgs): GetImageArgs =>
  Object.fromEntries(Object.entries(args).filter(([, value]: [string, unknown]) => value != null));

const resultOf = (row: ImageRow, regionId: string): GetImageResult => {
  const { deprecated = false, tags = {}, ...state } = compact(imageState(row, {}, regionId));
  return {
    ...state,
    imageName: row.ImageName ?? "",
    architecture: row.Architecture ?? "",
    ...(row.ImageVersion && { imageVersion: row.ImageVersion }),
    deprecated,
    tags,
    diskDeviceMappings: disksOf(row),
  };
};

/** The newest of them. Where there is none, the error names every filter and the region. */
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
    `getImage: no image in ${regionId} has ${filtersOf(args, isSecret)}. Check the filters and the region${elsewhere}`,
  );
}

function requestFor(args: GetImageArgs, owner: ImageOwner): Request<"DescribeImages"> {
  const { imageId, imageFamily, imageName, architecture, tags, status = "Available" } = args;
  return {
    ImageOwnerAlias: owner,
    Status: status,
    ...(imageId !== undefined && { ImageId: imageId }),
    ...(imageFamily !== undefined && { ImageFamily: imageFamily }),
    ...(imageName !== undefined && { ImageName: imageName }),
    ...(architecture !== undefined && { Architecture: architecture }),
    ...(tags && { Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
  };
}

/** What the cloud filters loosely, or not at all. Only what a row shows can rule it out. */
function fits(row: ImageRow, args: GetImageArgs): boolean {
  const { imageId, imageFamily, imageName, nameRegex, architecture, tags = {}, status = "Available" } = args;
  const differs = (wanted: string | undefined, shown: string | undefined) =>
    wanted !== undefined && Boolean(shown) && wanted !== shown;
  const held = new Map((row.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue ?? ""]));
  return !(
    differs(imageId, row.ImageId) ||
    differs(imageFamily, row.ImageFamily) ||
    (imageName !== undefined && row.ImageName !== imageName) ||
    (nameRegex !== undefined && !new RegExp(nameRegex).test(row.ImageName ?? "")) ||
    differs(architecture, row.Architecture) ||
    differs(status, row.Status) ||
    (status === "Available" && row.Usable === false) ||
    (held.size > 0 && Object.entries(tags).some(([key, value]) => held.get(key) !== value))
  );
}

/** Creation times have a resolution of one second. The id keeps the order stable for images of the same second. */
function newestFirst(a: ImageRow, b: ImageRow): number {
  const createdMs = (row: ImageRow) => Date.parse(row.CreationTime ?? "") || 0;
  return createdMs(b) - createdMs(a) || (a.ImageId! < b.ImageId! ? -1 : 1);
}
