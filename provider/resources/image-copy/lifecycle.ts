// ImageCopy: how it is created, cancelled, and recognized after a kill.

import type { ImageRow, Request } from "../../ecs/actions";
import { reactionTo } from "../../ecs/codes";
import { isFailure, messageOf } from "../../failure";
import type { Context } from "../../lifecycle/context";
import { type Complete, compact } from "../images/args";
import { disksOf } from "../images/disks";
import { type Agrees, type CreationParameters, withName } from "../images/kind";
import { imageLifecycle } from "../images/lifecycle";
import { isMadeByItsCall } from "../images/proof";
import { imagePhase, imageState, imageWait, isBeingCreated, readRecorded } from "../images/state";
import { type ImageCopyArgs, type ImageCopyState, imageCopyFields, imageCopyRules } from "./args";

const sourceRegionOf = ({ sourceRegionId }: Partial<ImageCopyArgs>, ctx: Context): string =>
  sourceRegionId ?? ctx.stackRegionId ?? ctx.regionId;

/** ECS does not tell the source of a copy, so for an adopted copy it is unknown until the program gives it. */
function stateOf(row: ImageRow, known: Partial<ImageCopyState>, ctx: Context): Complete<ImageCopyState> {
  const { detectionStrategy: _detection, licenseType: _license, ...image } = imageState(row, known, ctx);
  return {
    ...image,
    sourceImageId: known.sourceImageId as string,
    sourceRegionId: known.sourceImageId === undefined ? undefined : sourceRegionOf(known, ctx),
    encrypted: encryptedIn(row) ?? known.encrypted,
    kmsKeyId: known.kmsKeyId,
    diskDeviceMappings: disksOf(row),
  };
}

/** Whether ECS shows the disks as encrypted; undefined before it shows any. */
function encryptedIn(row: ImageRow): boolean | undefined {
  const said = (row.DiskDeviceMappings?.DiskDeviceMapping ?? []).flatMap(({ Encrypted }) => Encrypted ?? []);
  return said.length === 0 ? undefined : said.some((one) => String(one) === "true");
}

/** Waits until a copy has ended by itself. Its cancellation did not end it. */
const untilCopied = (id: string, ctx: Context): Promise<void> =>
  ctx.images.until(id, {
    what: `copy ${id}`,
    deadlineMs: ctx.deadlineMs,
    report: (at) => ctx.show(`waiting until ${id} can be deleted, as its cancellation did not end it: ${at}`),
    evaluate: (row) =>
      row && isBeingCreated(row) ? { is: "pending", at: String(row.Status) } : { is: "ready", value: undefined },
  });

/**
 * Sets the source's features on a finished copy where the program names none. Without them, instances of new types
 * refuse the copy.
 */
async function withSourceFeatures(row: ImageRow, args: ImageCopyArgs, ctx: Context): Promise<ImageRow> {
  const source = await readRecorded(args.sourceImageId, ctx.inRegion(sourceRegionOf(args, ctx)));
  const { imdsSupport, nvmeSupport } = args.features ?? {};
  const missing = compact({
    ImdsSupport:
      imdsSupport === undefined ? differing(source?.Features?.ImdsSupport, row.Features?.ImdsSupport) : undefined,
    NvmeSupport:
      nvmeSupport === undefined ? differing(source?.Features?.NvmeSupport, row.Features?.NvmeSupport) : undefined,
  });
  if (Object.keys(missing).length === 0) return row;
  await ctx.ecs("ModifyImageAttribute", { ImageId: row.ImageId!, Features: missing });
  return { ...row, Features: { ...row.Features!, ...missing } };
}

const differing = (wanted: string | undefined, present: string | undefined): string | undefined =>
  wanted && wanted !== present ? wanted : undefined;

const IN_TURN = "ECS copies five images at once in a region";

const copyRequest = (parameters: CreationParameters, ctx: Context): Request<"CopyImage"> => {
  const { ImageName, ...others } = parameters;
  return { ...others, DestinationRegionId: ctx.regionId, DestinationImageName: ImageName } as Request<"CopyImage">;
};

/**
 * Whether an image is this copy: it has the properties that a copy takes over, and ECS confirms that our call made it.
 */
const agrees =
  (args: ImageCopyArgs, ctx: Context): Agrees =>
  async (row) => {
    const sourceCtx = ctx.inRegion(sourceRegionOf(args, ctx));
    const source = await readRecorded(args.sourceImageId, sourceCtx);
    if (!source) return false;
    const kept = ({ OSType, Architecture, Size }: ImageRow) => JSON.stringify([OSType, Architecture, Size]);
    const isAlike = kept(source) === kept(row) || (isBeingCreated(row) && !row.Size);
    const send = (parameters: CreationParameters) => sourceCtx.ecs("CopyImage", copyRequest(parameters, ctx));
    return isAlike && (await isMadeByItsCall(row, { fields: imageCopyFields, args, send }, ctx));
  };

const describe = (args: Partial<ImageCopyArgs>): string => {
  const { sourceImageId, sourceRegionId } = args;
  const source = sourceImageId === undefined ? "" : ` of image ${sourceImageId}`;
  const from = sourceImageId === undefined || sourceRegionId === undefined ? "" : ` in ${sourceRegionId}`;
  return `${withName("copy", args)}${source}${from}`;
};

const FAILED = ["CreateFailed"];

export const imageCopy = imageLifecycle<ImageCopyArgs, ImageCopyState>({
  type: "ImageCopy",
  fields: imageCopyFields,
  argsRules: imageCopyRules,
  defaultTimeoutMs: 180 * 60_000,
  failedStatuses: FAILED,
  describe,
  agrees,
  stateOf,

  /** CopyImage is called in the region of the source. */
  async send(args, parameters, ctx) {
    const source = ctx.inRegion(sourceRegionOf(args, ctx));
    const { ImageId } = await source.ecs("CopyImage", copyRequest(parameters, ctx));
    return { id: ImageId!, known: { snapshotIds: [], sourceRegionId: source.regionId } };
  },

  dryRun: (args, parameters, ctx) =>
    ctx.inRegion(sourceRegionOf(args, ctx)).ecs("CopyImage", { ...copyRequest(parameters, ctx), DryRun: true }),

  async wait(id, have, ctx, args) {
    const wait = imageWait(id, FAILED, have, ctx);
    const report = (at: string, left?: string) => ctx.showWait(/^Waiting/.test(at) ? `${at}: ${IN_TURN}` : at, left);
    const row = await ctx.images.until(id, { ...wait, report });
    return {
      row: ctx.isAdopted || imagePhase(have, FAILED) === "ready" ? row : await withSourceFeatures(row, args, ctx),
    };
  },

  /**
   * A cancellation removes a copy that is in progress. If ECS refuses to cancel, because the copy has ended, or does
   * not answer, the copy is deleted like any image.
   */
  async cancelCreating(id, ctx) {
    try {
      await ctx.ecs("CancelCopyImage", { ImageId: id });
    } catch (error) {
      const reaction = reactionTo(error);
      if (isFailure(error, "Unreachable")) return ctx.show(`deleting ${id} without cancelling it: ${messageOf(error)}`);
      if (reaction !== "alreadyDone" && reaction !== "gone" && reaction !== "report") throw error;
    }
  },

  async stopCreating(id, _have, error, ctx) {
    if (!isFailure(error) || error.detail.code !== "OperationDenied.ImageCopying") return false;
    await untilCopied(id, ctx);
    return true;
  },
});
