import { randomUUID } from "node:crypto";
import type { ImageRow, Request } from "../ecs/actions";
import { reactionTo } from "../ecs/codes";
import { Failure, isFailure, messageOf } from "../failure";
import { type ArgsRule, isGiven } from "../fields/check";
import type { Fields } from "../fields/fields";
import { flag, identifier, integer, listOf, oneOf, pattern, shape } from "../fields/rules";
import type { Lifecycle } from "../lifecycle/lifecycle";
import { OWNER_TAG, ownerOf, ownerValue, urnParts } from "../lifecycle/ownership";
import { creationTags } from "../lifecycle/pending";
import type { Context } from "../lifecycle/session";
import { type Disk, diskFailures, disksOf, sameDisks } from "./disks";
import {
  claimImage,
  deleteImage,
  type ImageArgs,
  type ImageOutputs,
  imageFields,
  imageStage,
  imageState,
  imageWait,
  noteOpen,
} from "./image";
import { amendNamed, automaticName, startNamed } from "./image-name";
import { olderTwin, recoverImage } from "./image-recovery";

export interface CustomImageFields extends ImageArgs {
  readonly instanceId?: string;
  readonly snapshotId?: string;
  readonly diskDeviceMappings?: readonly Disk[];
  readonly imageVersion?: string;
  readonly deleteSnapshots?: boolean;
}

export interface CustomImageState extends CustomImageFields, ImageOutputs {
  readonly regionId: string;
  /** The snapshots that this creation made. */
  readonly snapshotIds: readonly string[];
}

const fields: Fields<CustomImageFields> = {
  instanceId: {
    accepts: identifier("an instance"),
    change: "replace",
    summary: "Source: a Running or Stopped instance.",
  },
  snapshotId: { accepts: identifier("a snapshot"), change: "replace", summary: "Source: a snapshot of a system disk." },
  diskDeviceMappings: {
    accepts: listOf(
      shape({
        snapshotId: identifier("a snapshot"),
        size: integer(5, 32_768, "GiB"),
        device: pattern("/dev/xvda for the system disk, /dev/xvdb to /dev/xvdz for a data disk", /^\/dev\/xvd[a-z]$/),
        diskType: oneOf("system", "data"),
      }),
      1,
      17,
    ),
    change: "replace",
    // Another source before means another image, whatever disks that had.
    same: (have, want, whole) =>
      whole.have.instanceId === undefined &&
      whole.have.snapshotId === undefined &&
      sameDisks(have as Disk[], want as Disk[]),
    summary: "Source: disks, each from a snapshot or empty; one system disk, up to 16 data disks.",
  },
  ...imageFields,
  imageVersion: {
    accepts: pattern("1 to 40 Latin letters, digits, periods, underscores or hyphens", /^[A-Za-z0-9._-]{1,40}$/),
    change: "replace",
    summary: "A version of your own.",
  },
  deleteSnapshots: {
    accepts: flag,
    change: "record",
    default: false,
    summary: "Delete the snapshots that this creation made along with it.",
  },
};

const SOURCES = ["instanceId", "snapshotId", "diskDeviceMappings"] as const;

/** The API would silently take the instance, then the disks, then the snapshot. */
const exactlyOneSource: ArgsRule<CustomImageFields> = (args) => {
  const given = SOURCES.filter((source) => isGiven(args[source]));
  if (given.length === 1) return [];
  if (given.length === 0)
    return [{ property: "instanceId", reason: `a source is missing: give one of ${SOURCES.join(", ")}` }];
  return given
    .slice(1)
    .map((source) => ({ property: source, reason: `exactly one source may be given, not ${given.join(" and ")}` }));
};

const disksFitTogether: ArgsRule<CustomImageFields> = ({ diskDeviceMappings }) => diskFailures(diskDeviceMappings);

/** What is recorded of an image that is gone while snapshots of its own are not; no status of the cloud's. */
const DELETED = "Deleted";

/** The statuses that never become Available. */
const FINAL = ["CreateFailed", DELETED];

function createRequest(args: CustomImageFields, ctx: Context): Request<"CreateImage"> {
  const { imdsSupport } = args.features ?? {};
  return {
    ...(args.instanceId !== undefined && { InstanceId: args.instanceId }),
    ...(args.snapshotId !== undefined && { SnapshotId: args.snapshotId }),
    ...(args.diskDeviceMappings && {
      DiskDeviceMapping: args.diskDeviceMappings.map(({ snapshotId, size, device, diskType }) => ({
        ...(snapshotId !== undefined && { SnapshotId: snapshotId }),
        ...(size !== undefined && { Size: Number(size) }),
        ...(device !== undefined && { Device: device }),
        ...(diskType !== undefined && { DiskType: diskType }),
      })),
    }),
    ImageName: args.imageName ?? automaticName(urnParts(ctx.urn).name, ctx.suffix()),
    ...(args.imageFamily !== undefined && { ImageFamily: args.imageFamily }),
    ...(args.imageVersion !== undefined && { ImageVersion: args.imageVersion }),
    ...(args.description !== undefined && { Description: args.description }),
    ...(args.platform !== undefined && { Platform: args.platform }),
    ...(args.architecture !== undefined && { Architecture: args.architecture }),
    ...(args.bootMode !== undefined && { BootMode: args.bootMode }),
    ...(args.resourceGroupId !== undefined && { ResourceGroupId: args.resourceGroupId }),
    ...(args.detectionStrategy !== undefined && { DetectionStrategy: args.detectionStrategy }),
    ...(imdsSupport !== undefined && { Features: { ImdsSupport: imdsSupport } }),
    Tag: [
      ...Object.entries(args.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
      ...creationTags(ownerOf(ctx.urn, fields, args), ctx.clock.now()),
    ],
    ClientToken: randomUUID(),
  };
}

function stateOf(row: ImageRow, known: Partial<CustomImageState>, ctx: Context): CustomImageState {
  noteOpen(row, ownerOf(ctx.urn, fields, known), ctx);
  const disks = disksOf(row);
  const passedIn = new Set([
    known.snapshotId,
    ...(known.instanceId === undefined ? (known.diskDeviceMappings ?? []).map(({ snapshotId }) => snapshotId) : []),
  ]);
  const isKnownSource = SOURCES.some((source) => known[source] !== undefined);
  const made = isKnownSource
    ? disks.flatMap(({ snapshotId }) => (snapshotId !== undefined && !passedIn.has(snapshotId) ? [snapshotId] : []))
    : [];
  return {
    ...imageState(row, known, ctx.regionId),
    ...(known.instanceId !== undefined && { instanceId: known.instanceId }),
    ...(known.snapshotId !== undefined && { snapshotId: known.snapshotId }),
    // Only another image can have other disks, so where the cloud words them in a way that cannot be recognised, what was asked for stands.
    diskDeviceMappings:
      known.diskDeviceMappings && !sameDisks(disks, known.diskDeviceMappings) ? known.diskDeviceMappings : disks,
    ...((known.imageVersion ?? row.ImageVersion) && { imageVersion: known.imageVersion ?? row.ImageVersion! }),
    ...(known.deleteSnapshots !== undefined && { deleteSnapshots: known.deleteSnapshots }),
    snapshotIds: [...new Set([...(known.snapshotIds ?? []), ...made])],
  };
}

/** Whether an image that an interrupted run left has this source, by what the cloud itself shows and not by its tags. */
const hasSource =
  (args: CustomImageFields, ctx: Context) =>
  async (row: ImageRow): Promise<boolean> => {
    const disks = disksOf(row);
    const snapshotIds = disks.flatMap(({ snapshotId }) => snapshotId ?? []);
    const isOther = (wanted: string | undefined, held: string | undefined) =>
      wanted !== undefined && held !== undefined && held !== "" && wanted !== held;
    if (
      isOther(args.architecture, row.Architecture) ||
      isOther(args.platform, row.Platform) ||
      isOther(args.imageVersion, row.ImageVersion)
    )
      return false;
    if (snapshotIds.length === 0) return true; // not far enough to have any
    if (args.snapshotId !== undefined) return snapshotIds.includes(args.snapshotId);
    if (args.diskDeviceMappings) return sameDisks(disks, args.diskDeviceMappings);
    const answer = await ctx.ecs("DescribeSnapshots", {
      InstanceId: args.instanceId!,
      SnapshotIds: JSON.stringify(snapshotIds),
      PageSize: 100,
    });
    return (answer.Snapshots?.Snapshot ?? []).length === snapshotIds.length;
  };

/** Deletes what it can, and fails with all that it could not, so that the next delete tries those again. */
async function deleteSnapshots(ids: readonly string[], ctx: Context): Promise<void> {
  const failures: string[] = [];
  for (const id of ids) {
    try {
      await ctx.ecs("DeleteSnapshot", { SnapshotId: id });
    } catch (error) {
      if (reactionTo(error) !== "gone") failures.push(`${id}: ${messageOf(error)}`);
    }
  }
  if (failures.length > 0)
    throw new Failure(
      "Refused",
      `the image is gone, but not all of its snapshots: ${failures.join("; ")}. Run pulumi destroy again once that is mended`,
    );
}

export const customImage: Lifecycle<CustomImageFields, CustomImageState> = {
  type: "CustomImage",
  fields,
  argsRules: [exactlyOneSource, disksFitTogether],
  defaultTimeoutMs: 60 * 60_000,
  describe: ({ imageName, instanceId, snapshotId, diskDeviceMappings }) => {
    const source =
      instanceId !== undefined
        ? ` from instance ${instanceId}`
        : snapshotId !== undefined
          ? ` from snapshot ${snapshotId}`
          : diskDeviceMappings
            ? ` from ${diskDeviceMappings.length} disks`
            : "";
    return `image${imageName === undefined ? "" : ` ${JSON.stringify(imageName)}`}${source}`;
  },
  phase: (have) => imageStage(have, FINAL),
  summary: ({ imageId, status }) => `${imageId} is ${status}`,

  findLeftover: (args, ctx) => recoverImage(fields, args, ctx, hasSource(args, ctx)),
  findDuplicate: (id, args, ctx) => olderTwin(id, fields, args, ctx, hasSource(args, ctx)),

  initialState: (id) => ({ imageId: id, status: "Creating", usable: false, snapshotIds: [] }),

  start: (args, ctx) => {
    const owner = ownerOf(ctx.urn, fields, args);
    return startNamed(args.imageName, owner, FINAL, ctx, async () => {
      const { ImageId } = await ctx.ecs("CreateImage", createRequest(args, ctx));
      ctx.pending.made(ImageId!, owner);
      return { id: ImageId! };
    });
  },

  async waitUntilReady(id, args, have, ctx) {
    const row = await ctx.images.until(id, imageWait(id, FINAL, ctx));
    return stateOf(row, { ...have, tags: { ...have.tags, ...args.tags } }, ctx);
  },

  updateInPlace: (id, have, want, changed, ctx) =>
    amendNamed(id, ownerOf(ctx.urn, fields, want), have, want, changed, ctx),
  claim: (id, args, ctx) => claimImage(id, fields, args, ctx),

  async read(id, have, ctx) {
    const row = await ctx.images.read(id);
    if (row) return stateOf(row, have, ctx);
    // A delete that was broken off between the two: forgotten now, the snapshots would stay for ever.
    const snapshotIds = have.deleteSnapshots ? await snapshotsLeft(id, have, ctx) : [];
    return snapshotIds.length > 0
      ? { ...(have as CustomImageState), status: DELETED, usable: false, snapshotIds }
      : undefined;
  },

  async remove(id, have, ctx) {
    if (!have.deleteSnapshots) return deleteImage(id, have.forceDelete ?? false, ctx);
    const ids = await markedSnapshots(id, have, ctx);
    await deleteImage(id, have.forceDelete ?? false, ctx);
    await deleteSnapshots(ids, ctx);
  },
};

/**
 * The snapshots to delete once the image is gone. An image that was recorded before it was finished does not name them, and
 * after it is gone nothing in the cloud would: so they are marked as this image's beforehand, to be found by a second attempt.
 */
async function markedSnapshots(id: string, have: Partial<CustomImageState>, ctx: Context): Promise<string[]> {
  const mark = { Key: OWNER_TAG, Value: `${ownerValue(ownerOf(ctx.urn, fields, have))}.${id}` };
  const row = await ctx.images.read(id);
  if (row) {
    const { snapshotIds } = stateOf(row, have, ctx);
    const unrecorded = snapshotIds.filter((snapshotId) => !have.snapshotIds?.includes(snapshotId));
    if (unrecorded.length > 0)
      await ctx.ecs("TagResources", { ResourceType: "snapshot", ResourceId: [...unrecorded], Tag: [mark] });
    return [...snapshotIds];
  }
  const answer = await ctx.ecs("DescribeSnapshots", { Tag: [mark], PageSize: 100 }).catch((error: unknown) => {
    if (isFailure(error, "Denied") && have.snapshotIds?.length) return undefined; // what is recorded can be deleted all the same
    throw error;
  });
  const marked = (answer?.Snapshots?.Snapshot ?? []).filter(({ Tags }) =>
    Tags?.Tag?.some(({ TagKey, TagValue }) => TagKey === mark.Key && TagValue === mark.Value),
  );
  return [...new Set([...(have.snapshotIds ?? []), ...marked.map(({ SnapshotId }) => SnapshotId!)])];
}

/** The snapshots of an image that is gone, as far as they are still there. */
async function snapshotsLeft(id: string, have: Partial<CustomImageState>, ctx: Context): Promise<string[]> {
  const ids = await markedSnapshots(id, have, ctx);
  if (ids.length === 0) return [];
  const answer = await ctx.ecs("DescribeSnapshots", { SnapshotIds: JSON.stringify(ids), PageSize: 100 });
  return (answer.Snapshots?.Snapshot ?? []).flatMap(({ SnapshotId }) =>
    SnapshotId && ids.includes(SnapshotId) ? [SnapshotId] : [],
  );
}
