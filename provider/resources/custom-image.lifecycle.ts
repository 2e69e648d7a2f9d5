import { randomUUID } from "node:crypto";
import type { ImageRow, Request } from "../ecs/actions";
import { reactionTo } from "../ecs/codes";
import { Failure, isFailure, messageOf } from "../failure";
import type { Cloud } from "../lifecycle/cloud";
import { creationTags } from "../lifecycle/handover";
import type { Lifecycle } from "../lifecycle/lifecycle";
import { OWNER_TAG, ownerOf, ownerValue, urnParts } from "../lifecycle/ownership";
import { isGiven, type WholeRule } from "../plan/check";
import type { Fields } from "../plan/fields";
import { flag, identifier, integer, listOf, oneOf, pattern, shape } from "../plan/rules";
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
  instanceId: { accepts: identifier("an instance"), change: "replace", says: "Source: a Running or Stopped instance." },
  snapshotId: { accepts: identifier("a snapshot"), change: "replace", says: "Source: a snapshot of a system disk." },
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
    says: "Source: disks, each from a snapshot or empty; one system disk, up to 16 data disks.",
  },
  ...imageFields,
  imageVersion: {
    accepts: pattern("1 to 40 Latin letters, digits, periods, underscores or hyphens", /^[A-Za-z0-9._-]{1,40}$/),
    change: "replace",
    says: "A version of your own.",
  },
  deleteSnapshots: {
    accepts: flag,
    change: "record",
    initially: false,
    says: "Delete the snapshots that this creation made along with it.",
  },
};

const SOURCES = ["instanceId", "snapshotId", "diskDeviceMappings"] as const;

/** The API would silently take the instance, then the disks, then the snapshot. */
const exactlyOneSource: WholeRule<CustomImageFields> = (args) => {
  const given = SOURCES.filter((source) => isGiven(args[source]));
  if (given.length === 1) return [];
  if (given.length === 0)
    return [{ property: "instanceId", reason: `a source is missing: give one of ${SOURCES.join(", ")}` }];
  return given
    .slice(1)
    .map((source) => ({ property: source, reason: `exactly one source may be given, not ${given.join(" and ")}` }));
};

const disksFitTogether: WholeRule<CustomImageFields> = ({ diskDeviceMappings }) => diskFailures(diskDeviceMappings);

/** What is recorded of an image that is gone while snapshots of its own are not; no status of the cloud's. */
const DELETED = "Deleted";

/** The statuses that never become Available. */
const FINAL = ["CreateFailed", DELETED];

function createRequest(args: CustomImageFields, cloud: Cloud): Request<"CreateImage"> {
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
    ImageName: args.imageName ?? automaticName(urnParts(cloud.urn).name, cloud.suffix()),
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
      ...creationTags(ownerOf(cloud.urn, fields, args), cloud.clock.now()),
    ],
    ClientToken: randomUUID(),
  };
}

function stateOf(row: ImageRow, known: Partial<CustomImageState>, cloud: Cloud): CustomImageState {
  noteOpen(row, ownerOf(cloud.urn, fields, known), cloud);
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
    ...imageState(row, known, cloud.regionId),
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
  (args: CustomImageFields, cloud: Cloud) =>
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
    const answer = await cloud.ecs("DescribeSnapshots", {
      InstanceId: args.instanceId!,
      SnapshotIds: JSON.stringify(snapshotIds),
      PageSize: 100,
    });
    return (answer.Snapshots?.Snapshot ?? []).length === snapshotIds.length;
  };

/** Deletes what it can, and fails with all that it could not, so that the next delete tries those again. */
async function deleteSnapshots(ids: readonly string[], cloud: Cloud): Promise<void> {
  const failures: string[] = [];
  for (const id of ids) {
    try {
      await cloud.ecs("DeleteSnapshot", { SnapshotId: id });
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
  kind: "CustomImage",
  fields,
  wholeRules: [exactlyOneSource, disksFitTogether],
  timeoutMs: 60 * 60_000,
  subject: ({ imageName, instanceId, snapshotId, diskDeviceMappings }) => {
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
  stage: (have) => imageStage(have, FINAL),
  standing: ({ imageId, status }) => `${imageId} is ${status}`,

  recover: (args, cloud) => recoverImage(fields, args, cloud, hasSource(args, cloud)),
  twin: (id, args, cloud) => olderTwin(id, fields, args, cloud, hasSource(args, cloud)),

  begun: (id) => ({ imageId: id, status: "Creating", usable: false, snapshotIds: [] }),

  start: (args, cloud) => {
    const owner = ownerOf(cloud.urn, fields, args);
    return startNamed(args.imageName, owner, FINAL, cloud, async () => {
      const { ImageId } = await cloud.ecs("CreateImage", createRequest(args, cloud));
      cloud.handover.made(ImageId!, owner);
      return { id: ImageId! };
    });
  },

  async settle(id, args, have, cloud) {
    const row = await cloud.images.until(id, imageWait(id, FINAL, cloud));
    return stateOf(row, { ...have, tags: { ...have.tags, ...args.tags } }, cloud);
  },

  amend: (id, have, want, changed, cloud) =>
    amendNamed(id, ownerOf(cloud.urn, fields, want), have, want, changed, cloud),
  claim: (id, args, cloud) => claimImage(id, fields, args, cloud),

  async find(id, have, cloud) {
    const row = await cloud.images.see(id);
    if (row) return stateOf(row, have, cloud);
    // A delete that was broken off between the two: forgotten now, the snapshots would stay for ever.
    const snapshotIds = have.deleteSnapshots ? await snapshotsLeft(id, have, cloud) : [];
    return snapshotIds.length > 0
      ? { ...(have as CustomImageState), status: DELETED, usable: false, snapshotIds }
      : undefined;
  },

  async remove(id, have, cloud) {
    if (!have.deleteSnapshots) return deleteImage(id, have.forceDelete ?? false, cloud);
    const ids = await markedSnapshots(id, have, cloud);
    await deleteImage(id, have.forceDelete ?? false, cloud);
    await deleteSnapshots(ids, cloud);
  },
};

/**
 * The snapshots to delete once the image is gone. An image that was recorded before it was finished does not name them, and
 * after it is gone nothing in the cloud would: so they are marked as this image's beforehand, to be found by a second attempt.
 */
async function markedSnapshots(id: string, have: Partial<CustomImageState>, cloud: Cloud): Promise<string[]> {
  const mark = { Key: OWNER_TAG, Value: `${ownerValue(ownerOf(cloud.urn, fields, have))}.${id}` };
  const row = await cloud.images.see(id);
  if (row) {
    const { snapshotIds } = stateOf(row, have, cloud);
    const unrecorded = snapshotIds.filter((snapshotId) => !have.snapshotIds?.includes(snapshotId));
    if (unrecorded.length > 0)
      await cloud.ecs("TagResources", { ResourceType: "snapshot", ResourceId: [...unrecorded], Tag: [mark] });
    return [...snapshotIds];
  }
  const answer = await cloud.ecs("DescribeSnapshots", { Tag: [mark], PageSize: 100 }).catch((error: unknown) => {
    if (isFailure(error, "Denied") && have.snapshotIds?.length) return undefined; // what is recorded can be deleted all the same
    throw error;
  });
  const marked = (answer?.Snapshots?.Snapshot ?? []).filter(({ Tags }) =>
    Tags?.Tag?.some(({ TagKey, TagValue }) => TagKey === mark.Key && TagValue === mark.Value),
  );
  return [...new Set([...(have.snapshotIds ?? []), ...marked.map(({ SnapshotId }) => SnapshotId!)])];
}

/** The snapshots of an image that is gone, as far as they are still there. */
async function snapshotsLeft(id: string, have: Partial<CustomImageState>, cloud: Cloud): Promise<string[]> {
  const ids = await markedSnapshots(id, have, cloud);
  if (ids.length === 0) return [];
  const answer = await cloud.ecs("DescribeSnapshots", { SnapshotIds: JSON.stringify(ids), PageSize: 100 });
  return (answer.Snapshots?.Snapshot ?? []).flatMap(({ SnapshotId }) =>
    SnapshotId && ids.includes(SnapshotId) ? [SnapshotId] : [],
  );
}
