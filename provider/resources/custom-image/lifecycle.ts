// CustomImage: how it is created, and how its image is recognized after a kill.

import type { ImageRow, Request } from "../../ecs/actions";
import type { Context } from "../../lifecycle/context";
import type { Complete } from "../images/args";
import { disksOf, sameDisks } from "../images/disks";
import { type Agrees, type CreationParameters, withName } from "../images/kind";
import { imageLifecycle } from "../images/lifecycle";
import { isMadeByItsCall } from "../images/proof";
import { snapshotsOf } from "../images/snapshots";
import { imageState, isBeingCreated, snapshotsIn, withMade } from "../images/state";
import { fileOf } from "../imported-image/files";
import { type CustomImageArgs, type CustomImageState, customImageFields, customImageRules, SOURCES } from "./args";

function stateOf(row: ImageRow, known: Partial<CustomImageState>, ctx: Context): Complete<CustomImageState> {
  const disks = disksOf(row);
  // Only another image can have other disks. So if the cloud describes the disks in an unknown way, the requested ones
  // are recorded.
  const isRecognized = known.diskDeviceMappings === undefined || sameDisks(disks, known.diskDeviceMappings);
  return {
    ...imageState(row, known, ctx),
    instanceId: known.instanceId,
    snapshotId: known.snapshotId,
    diskDeviceMappings: isRecognized ? disks : known.diskDeviceMappings!,
    secureBootSupport: (known.secureBootSupport ?? row.SecureBootOptions?.SecureBootSupport) || undefined,
    imageVersion: (known.imageVersion ?? row.ImageVersion) || undefined,
    snapshotIds: withMade(known.snapshotIds, ctx.isAdopted ? [] : madeSnapshots(row, known)),
  };
}

/** The snapshots of the image, without those that the program passed in. */
function madeSnapshots(row: ImageRow, known: Partial<CustomImageState>): string[] {
  const mapped = known.instanceId === undefined ? (known.diskDeviceMappings ?? []) : [];
  const passedIn = new Set([known.snapshotId, ...mapped.map(({ snapshotId }) => snapshotId)]);
  const isSourceKnown = SOURCES.some((source) => known[source] !== undefined);
  return isSourceKnown ? snapshotsIn(row).filter((id) => !passedIn.has(id)) : [];
}

const createImage = (ctx: Context) => (parameters: CreationParameters) =>
  ctx.ecs("CreateImage", { ...parameters } as Request<"CreateImage">);

/** Whether an image of an interrupted run has this source, judged by what the cloud itself shows and not by tags. */
const agrees =
  (args: CustomImageArgs, ctx: Context): Agrees =>
  async (row) => {
    const disks = disksOf(row);
    const snapshotIds = snapshotsIn(row);
    const isOther = (wanted: string | undefined, shown: string | undefined) =>
      wanted !== undefined && shown !== undefined && shown !== "" && wanted !== shown;
    if (isOther(args.imageVersion, row.ImageVersion)) return false;
    if (isOther(args.secureBootSupport, row.SecureBootOptions?.SecureBootSupport)) return false;
    // Architecture and platform are not compared: the cloud may apply them only to snapshots of data disks.
    const call = { fields: customImageFields, args, send: createImage(ctx) };
    if (snapshotIds.length === 0) return isBeingCreated(row) && isMadeByItsCall(row, call, ctx);
    if (args.snapshotId !== undefined) return snapshotIds.includes(args.snapshotId);
    if (args.diskDeviceMappings) return sameDisks(disks, args.diskDeviceMappings);
    return (await snapshotsOf(snapshotIds, ctx, args.instanceId)).length === snapshotIds.length;
  };

function describe(args: Partial<CustomImageArgs>): string {
  const { instanceId, snapshotId, diskDeviceMappings } = args;
  const image = withName("image", args);
  if (instanceId !== undefined) return `${image} from instance ${instanceId}`;
  if (snapshotId !== undefined) return `${image} from snapshot ${snapshotId}`;
  return diskDeviceMappings ? `${image} from ${diskDeviceMappings.length} disks` : image;
}

export const customImage = imageLifecycle<CustomImageArgs, CustomImageState>({
  type: "CustomImage",
  fields: customImageFields,
  argsRules: customImageRules,
  defaultTimeoutMs: 60 * 60_000,
  failedStatuses: ["CreateFailed"],
  describe,
  agrees,
  stateOf,
  shownOf: (row, { snapshotId }) =>
    snapshotId === undefined
      ? {}
      : { snapshotId: disksOf(row).find(({ diskType }) => diskType !== "data")?.snapshotId },
  isAnotherKind(row) {
    const file = fileOf(row);
    return file && `image ${row.ImageId} was imported from ${file}: adopt it as an ImportedImage`;
  },
  async send(_args, parameters, ctx) {
    const { ImageId } = await createImage(ctx)(parameters);
    return { id: ImageId!, known: { snapshotIds: [] } };
  },
  dryRun: (_args, parameters, ctx) => ctx.ecs("CreateImage", { ...parameters, DryRun: true } as Request<"CreateImage">),
});
